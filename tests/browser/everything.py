"""One value for every prefillable kind of the « fourre-tout »: as sent, as seen in the form, as read back.

Keys are stable numbers of the form. `DROPPED` are values for champs that cannot be prefilled.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from ds_bridge.api import champs as kinds
from ds_bridge.ids import ChampId
from ds_bridge.prefill import ChampValue

PATH = "fourre-tout"
NUMBER = 99001
AGENTS, ATELIERS = 700137, 700147

SENT: dict[int, ChampValue] = {
    700103: "Mme",
    700104: "D'AVÈZE-NOËL & fils + <b>100 %</b> #1 = 🎉",
    700105: "zoe.noel@example.org",
    700106: "06 12 34 56 78",
    700107: "FR7630006000011234567890189",
    700108: "130 025 265 00013",
    700109: "W751080001",
    700111: "0561383Z",
    700113: "13bis Rue de l'Écluse 91100 Corbeil-Essonnes",
    700114: ["01540", "01457"],
    700115: "2A",
    700116: "53",
    700117: "CI",
    700118: ["91", "200059228"],
    700121: dt.date(2024, 2, 29),
    700122: dt.datetime(2024, 7, 1, 8, 30, tzinfo=dt.UTC),
    700124: -12,
    700125: Decimal("3.125"),
    700126: True,
    700127: True,
    700128: "Ocre, mais « clair »",
    700144: "Autre",
    700145: "Taille unique",
    700129: ["Lundi", "Mardi, mercredi"],
    700135: "Première ligne\n\n  troisième & dernière",
    700136: "AB-123",
    AGENTS: [
        {"700139": "O'Brien & Cie", "700140": False, "700141": ["Mardi, mercredi", "Jeudi"]},
        {"700139": "Ó Briain", "700140": True, "700141": ["Lundi"], "700146": ["20000", "2A004"]},
    ],
    ATELIERS: [
        {"700148": "Café", "700149": dt.date(2024, 5, 12), "700151": 12, "700153": True, "700154": "974"},
        {"700148": "Forum = [2]", "700150": "2024-12-01T09:05", "700152": "1.5", "700153": "false"},
        {"700148": "Salon", "700155": "Autre", "700156": "Élu·es", "700157": "a\nb"},
    ],
    700143: "Précision",
}
LINKED = 700131
"""Its value is the number of a dossier, known when the sandbox runs."""

SEEN: dict[int, Any] = {
    700103: ["Mme"],
    700104: SENT[700104],
    700105: "zoe.noel@example.org",
    700106: "06 12 34 56 78",
    700107: "FR7630006000011234567890189",
    700108: "13002526500013",
    700109: "W751080001",
    700111: "0561383Z",
    700113: "13bis Rue de l'Écluse 91100 Corbeil-Essonnes",
    700114: "Vonnas (01540)",
    700115: "2A – Corse-du-Sud",
    700116: "Bretagne",
    700117: "Côte d'Ivoire",
    700118: "CA Grand Paris Sud Seine Essonne Sénart (91)",
    700121: "2024-02-29",
    700122: "2024-07-01T10:30",
    700124: "-12",
    700125: "3,125",
    700126: ["true"],
    700127: ["true"],
    700128: ["__other__", "Ocre, mais « clair »"],
    700144: "Autre",
    700145: "Taille unique",
    700129: ["Lundi", "Mardi, mercredi"],
    700135: "Première ligne\n\n  troisième & dernière",
    700136: "AB-123",
    700143: "Précision",
    AGENTS: [
        {700139: "O'Brien & Cie", 700140: ["false"], 700141: ["Mardi, mercredi", "Jeudi"], 700146: ""},
        {700139: "Ó Briain", 700140: ["true"], 700141: ["Lundi"], 700146: "Ajaccio (20000)"},
    ],
    ATELIERS: [
        {700148: "Café", 700149: "2024-05-12", 700150: "", 700151: "12", 700152: "", 700153: ["true"]}
        | {700154: "974 – La Réunion", 700155: [], 700157: ""},
        {700148: "Forum = [2]", 700149: "", 700150: "2024-12-01T09:05", 700151: "", 700152: "1,5", 700153: []}
        | {700154: "Sélectionnez une option", 700155: [], 700157: ""},
        {700148: "Salon", 700149: "", 700150: "", 700151: "", 700152: "", 700153: []}
        | {700154: "Sélectionnez une option", 700155: ["Autre"], 700156: "Élu·es", 700157: "a\nb"},
    ],
}

PARIS_SUMMER, PARIS_WINTER = dt.timezone(dt.timedelta(hours=2)), dt.timezone(dt.timedelta(hours=1))
READ: dict[int, Any] = {
    700103: "Mme",
    700104: SENT[700104],
    700105: "zoe.noel@example.org",
    700106: "06 12 34 56 78",
    700107: "FR7630006000011234567890189",
    700108: "13002526500013",
    700109: "W751080001",
    700111: "0561383Z",
    700113: ("13bis Rue de l'Écluse", "91100", "91174", "91"),
    700114: ("Vonnas", "01457", "01540", "01"),
    700115: ("Corse-du-Sud", "2A"),
    700116: ("Bretagne", "53"),
    700117: ("Côte d'Ivoire", "CI"),
    700118: ("CA Grand Paris Sud Seine Essonne Sénart", "200059228", "91"),
    700121: dt.date(2024, 2, 29),
    700122: dt.datetime(2024, 7, 1, 10, 30, tzinfo=PARIS_SUMMER),
    700124: -12,
    700125: 3.125,
    700126: True,
    700127: True,
    700128: "Ocre, mais « clair »",
    700144: "Autre",
    700145: "Taille unique",
    700129: ("Lundi", "Mardi, mercredi"),
    700135: "Première ligne\n\n  troisième & dernière",
    700136: "AB-123",
    700143: "Précision",
    AGENTS: [
        {700139: "O'Brien & Cie", 700140: False, 700141: ("Mardi, mercredi", "Jeudi")},
        {700139: "Ó Briain", 700140: True, 700141: ("Lundi",), 700146: ("Ajaccio", "2A004", "20000", "2A")},
    ],
    ATELIERS: [
        {
            700148: "Café",
            700149: dt.date(2024, 5, 12),
            700151: 12,
            700153: True,
            700154: ("La Réunion", "974"),
        },
        {700148: "Forum = [2]", 700150: dt.datetime(2024, 12, 1, 9, 5, tzinfo=PARIS_WINTER), 700152: 1.5}
        | {700153: False},
        {700148: "Salon", 700153: False, 700155: "Autre", 700156: "Élu·es", 700157: "a\nb"},
    ],
}

DROPPED = (700101, 700102, 700110, 700119, 700130, 700132, 700133, 700134)
"""Title, explanation, RNF, map, linked lists, file, identity document, engagement."""


def read_champ(champ: kinds.Champ) -> Any:
    """What a champ of the API says, as plainly as `READ`; None when it is blank."""
    match champ:
        case kinds.AddressChamp(address=found) if found is not None:
            return (found.street_address, found.postal_code, found.city_code, found.department_code)
        case kinds.CommuneChamp(commune=found, departement=around) if (
            found is not None and around is not None
        ):
            return (found.name, found.code, found.postal_code, around.code)
        case kinds.EpciChamp(epci=found, departement=around) if found is not None and around is not None:
            return (found.name, found.code, around.code)
        case kinds.DepartementChamp(departement=found) if found is not None:
            return (found.name, found.code)
        case kinds.RegionChamp(region=found) if found is not None:
            return (found.name, found.code)
        case kinds.PaysChamp(pays=found) if found is not None:
            return (found.name, found.code)
        case kinds.SiretChamp(etablissement=found) if found is not None:
            return found.siret
        case kinds.RNAChamp(rna=found) if found is not None:
            return found.id
        case kinds.RepetitionChamp(rows=rows):
            return [read_champs(row.champs) for row in rows]
        case kinds.DateChamp(date=value) | kinds.DatetimeChamp(datetime=value):
            return value
        case kinds.MultipleDropDownListChamp(values=values):
            return values or None
        case kinds.DossierLinkChamp(string_value=text):
            return text or None
        case kinds.TextChamp(label="IBAN", string_value=text):  # its value is in groups of four
            return text
        case _:
            return getattr(champ, "value", None)


def read_champs(champs: tuple[kinds.Champ, ...]) -> dict[int, Any]:
    """By stable number, those that are not blank."""
    return {
        ChampId.parse(champ.champ_descriptor_id or "").stable: value
        for champ in champs
        if (value := read_champ(champ)) is not None
    }
