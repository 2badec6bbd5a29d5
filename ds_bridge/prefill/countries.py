"""Countries: ISO codes and French names, from Unicode's data (babel), of those that the platform knows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from ds_bridge.prefill.names import simplify_name

# The platform does not list these: departments overseas, islands within a country, unions, unknown ones.
_LEFT_OUT = frozenset(
    {
        "GP", "MQ", "GF", "RE", "YT", "AC", "CP", "CQ", "DG", "EA", "IC", "TA", "EU", "EZ", "QO", "UN",
        "XA", "XB", "ZZ",
    }
)  # fmt: skip
# Other names that people, or the platform, use.
_OTHER_NAMES = """
BQ Bonaire, Saint-Eustache et Saba|CD Congo, République démocratique du|CD République démocratique du Congo
CG Congo|CG République du Congo|HK Hong Kong|KG Kirghizistan|MF Saint-Martin (partie française)|MM Birmanie
MM Myanmar|MO Macao|PN Pitcairn|PS Palestine|PS État de Palestine|VA Saint-Siège|VA Vatican
SH Sainte-Hélène, Ascension et Tristan da Cunha|SJ Svalbard et île Jan Mayen|VN Vietnam
US États-Unis d'Amérique|GB Grande-Bretagne|CZ République tchèque|SZ Swaziland|BY Bélarus
RU Fédération de Russie|TL Timor-Leste|CV Cabo Verde|KR République de Corée|MD République de Moldavie
SV El Salvador|CN République populaire de Chine|LA République démocratique populaire lao
"""


@cache
def list_countries() -> Mapping[str, str]:
    """Code of two letters → French name."""
    from babel import Locale

    names = Locale("fr").territories
    return {code: names[code] for code in sorted(names) if len(code) == 2 and code not in _LEFT_OUT}


@cache
def list_country_codes() -> Mapping[str, str]:
    """Name without case and marks → code."""
    others = (entry.split(" ", 1) for entry in _OTHER_NAMES.strip().replace("\n", "|").split("|"))
    return {simplify_name(name): code for code, name in (*list_countries().items(), *others)}
