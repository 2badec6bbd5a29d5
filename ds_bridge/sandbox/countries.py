"""Countries as the platform names them in French, by ISO 3166-1 code: data for `geography`.

Names are Unicode's (babel), except where the platform has another name. Guadeloupe, Martinique, Guyane, La
Réunion and Mayotte have their own code, but the platform leaves them out: they are departments.
"""

from __future__ import annotations

from babel import Locale

_LEFT_OUT = frozenset(
    {
        "GP", "MQ", "GF", "RE", "YT", "AC", "CP", "CQ", "DG", "EA", "IC", "TA", "EU", "EZ", "QO", "UN",
        "XA", "XB", "ZZ",
    }
)  # fmt: skip
_OWN_NAMES = {
    "BQ": "Bonaire, Saint-Eustache et Saba",
    "CD": "Congo, République démocratique du",
    "CG": "Congo",
    "HK": "Hong Kong",
    "KG": "Kirghizistan",
    "MF": "Saint-Martin (partie française)",
    "MM": "Birmanie",
    "MO": "Macao",
    "PN": "Pitcairn",
    "PS": "Palestine",
    "VA": "Saint-Siège",
    "VN": "Vietnam",
}
_NAMES = Locale("fr").territories

COUNTRIES: dict[str, str] = {
    code: _OWN_NAMES.get(code, _NAMES[code]).replace("’", "'")
    for code in sorted(_NAMES)
    if len(code) == 2 and code not in _LEFT_OUT
}
"""Code → French name."""
