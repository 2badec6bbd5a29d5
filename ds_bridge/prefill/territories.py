"""Countries, regions and departments: codes and French names. Data of `places`, written by hand.

Countries have their ISO 3166-1 code, those the platform knows: not the French departments overseas, Kosovo
besides. Regions and departments have INSEE's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

_COUNTRIES = """
AD Andorre|AE Émirats arabes unis|AF Afghanistan|AG Antigua-et-Barbuda|AI Anguilla|AL Albanie|AM Arménie
AO Angola|AQ Antarctique|AR Argentine|AS Samoa américaines|AT Autriche|AU Australie|AW Aruba|AX Îles Åland
AZ Azerbaïdjan|BA Bosnie-Herzégovine|BB Barbade|BD Bangladesh|BE Belgique|BF Burkina Faso|BG Bulgarie
BH Bahreïn|BI Burundi|BJ Bénin|BL Saint-Barthélemy|BM Bermudes|BN Brunei|BO Bolivie
BQ Bonaire, Saint-Eustache et Saba|BR Brésil|BS Bahamas|BT Bhoutan|BV Île Bouvet|BW Botswana|BY Biélorussie
BZ Belize|CA Canada|CC Îles Cocos|CD République démocratique du Congo|CF République centrafricaine|CG Congo
CH Suisse|CI Côte d'Ivoire|CK Îles Cook|CL Chili|CM Cameroun|CN Chine|CO Colombie|CR Costa Rica|CU Cuba
CV Cap-Vert|CW Curaçao|CX Île Christmas|CY Chypre|CZ Tchéquie|DE Allemagne|DJ Djibouti|DK Danemark
DM Dominique|DO République dominicaine|DZ Algérie|EC Équateur|EE Estonie|EG Égypte|EH Sahara occidental
ER Érythrée|ES Espagne|ET Éthiopie|FI Finlande|FJ Fidji|FK Îles Malouines|FM Micronésie|FO Îles Féroé
FR France|GA Gabon|GB Royaume-Uni|GD Grenade|GE Géorgie|GG Guernesey|GH Ghana|GI Gibraltar|GL Groenland
GM Gambie|GN Guinée|GQ Guinée équatoriale|GR Grèce|GS Géorgie du Sud et les îles Sandwich du Sud|GT Guatemala
GU Guam|GW Guinée-Bissau|GY Guyana|HK Hong Kong|HM Îles Heard-et-MacDonald|HN Honduras|HR Croatie|HT Haïti
HU Hongrie|ID Indonésie|IE Irlande|IL Israël|IM Île de Man|IN Inde
IO Territoire britannique de l'océan Indien|IQ Irak|IR Iran|IS Islande|IT Italie|JE Jersey|JM Jamaïque
JO Jordanie|JP Japon|KE Kenya|KG Kirghizistan|KH Cambodge|KI Kiribati|KM Comores|KN Saint-Christophe-et-Niévès
KP Corée du Nord|KR Corée du Sud|KW Koweït|KY Îles Caïmans|KZ Kazakhstan|LA Laos|LB Liban|LC Sainte-Lucie
LI Liechtenstein|LK Sri Lanka|LR Liberia|LS Lesotho|LT Lituanie|LU Luxembourg|LV Lettonie|LY Libye|MA Maroc
MC Monaco|MD Moldavie|ME Monténégro|MF Saint-Martin (partie française)|MG Madagascar|MH Îles Marshall
MK Macédoine du Nord|ML Mali|MM Birmanie|MN Mongolie|MO Macao|MP Îles Mariannes du Nord|MR Mauritanie
MS Montserrat|MT Malte|MU Maurice|MV Maldives|MW Malawi|MX Mexique|MY Malaisie|MZ Mozambique|NA Namibie
NC Nouvelle-Calédonie|NE Niger|NF Île Norfolk|NG Nigeria|NI Nicaragua|NL Pays-Bas|NO Norvège|NP Népal|NR Nauru
NU Niue|NZ Nouvelle-Zélande|OM Oman|PA Panama|PE Pérou|PF Polynésie française|PG Papouasie-Nouvelle-Guinée
PH Philippines|PK Pakistan|PL Pologne|PM Saint-Pierre-et-Miquelon|PN Îles Pitcairn|PR Porto Rico|PS Palestine
PT Portugal|PW Palaos|PY Paraguay|QA Qatar|RO Roumanie|RS Serbie|RU Russie|RW Rwanda|SA Arabie saoudite
SB Îles Salomon|SC Seychelles|SD Soudan|SE Suède|SG Singapour
SH Sainte-Hélène, Ascension et Tristan da Cunha|SI Slovénie|SJ Svalbard et île Jan Mayen|SK Slovaquie
SL Sierra Leone|SM Saint-Marin|SN Sénégal|SO Somalie|SR Suriname|SS Soudan du Sud|ST Sao Tomé-et-Principe
SV Salvador|SX Saint-Martin (partie néerlandaise)|SY Syrie|SZ Eswatini|TC Îles Turques-et-Caïques|TD Tchad
TF Terres australes françaises|TG Togo|TH Thaïlande|TJ Tadjikistan|TK Tokelau|TL Timor oriental
TM Turkménistan|TN Tunisie|TO Tonga|TR Turquie|TT Trinité-et-Tobago|TV Tuvalu|TW Taïwan|TZ Tanzanie|UA Ukraine
UG Ouganda|UM Îles mineures éloignées des États-Unis|US États-Unis|UY Uruguay|UZ Ouzbékistan|VA Saint-Siège
VC Saint-Vincent-et-les-Grenadines|VE Venezuela|VG Îles Vierges britanniques|VI Îles Vierges des États-Unis
VN Viêt Nam|VU Vanuatu|WF Wallis-et-Futuna|WS Samoa|XK Kosovo|YE Yémen|ZA Afrique du Sud|ZM Zambie|ZW Zimbabwe
"""

_OTHER_COUNTRY_NAMES = """
US États-Unis d'Amérique|GB Grande-Bretagne|CZ République tchèque|CG République du Congo|CG Congo-Brazzaville
CD Congo-Kinshasa|CD Congo, République démocratique du|MM Myanmar|SZ Swaziland|VA Vatican|BY Bélarus
RU Fédération de Russie|TL Timor-Leste
CV Cabo Verde|KR République de Corée|VN Vietnam|PS État de Palestine|MD République de Moldavie
SV El Salvador|CN République populaire de Chine|KG Kirghizstan|LA République démocratique populaire lao
"""

_REGIONS = """
01 Guadeloupe|02 Martinique|03 Guyane|04 La Réunion|06 Mayotte|11 Île-de-France|24 Centre-Val de Loire
27 Bourgogne-Franche-Comté|28 Normandie|32 Hauts-de-France|44 Grand Est|52 Pays de la Loire|53 Bretagne
75 Nouvelle-Aquitaine|76 Occitanie|84 Auvergne-Rhône-Alpes|93 Provence-Alpes-Côte d'Azur|94 Corse
"""

_DEPARTEMENTS = """
01 Ain|02 Aisne|03 Allier|04 Alpes-de-Haute-Provence|05 Hautes-Alpes|06 Alpes-Maritimes|07 Ardèche|08 Ardennes
09 Ariège|10 Aube|11 Aude|12 Aveyron|13 Bouches-du-Rhône|14 Calvados|15 Cantal|16 Charente
17 Charente-Maritime|18 Cher|19 Corrèze|21 Côte-d'Or|22 Côtes-d'Armor|23 Creuse|24 Dordogne|25 Doubs|26 Drôme
27 Eure|28 Eure-et-Loir|29 Finistère|2A Corse-du-Sud|2B Haute-Corse|30 Gard|31 Haute-Garonne|32 Gers
33 Gironde|34 Hérault|35 Ille-et-Vilaine|36 Indre|37 Indre-et-Loire|38 Isère|39 Jura|40 Landes|41 Loir-et-Cher
42 Loire|43 Haute-Loire|44 Loire-Atlantique|45 Loiret|46 Lot|47 Lot-et-Garonne|48 Lozère|49 Maine-et-Loire
50 Manche|51 Marne|52 Haute-Marne|53 Mayenne|54 Meurthe-et-Moselle|55 Meuse|56 Morbihan|57 Moselle|58 Nièvre
59 Nord|60 Oise|61 Orne|62 Pas-de-Calais|63 Puy-de-Dôme|64 Pyrénées-Atlantiques|65 Hautes-Pyrénées
66 Pyrénées-Orientales|67 Bas-Rhin|68 Haut-Rhin|69 Rhône|70 Haute-Saône|71 Saône-et-Loire|72 Sarthe|73 Savoie
74 Haute-Savoie|75 Paris|76 Seine-Maritime|77 Seine-et-Marne|78 Yvelines|79 Deux-Sèvres|80 Somme|81 Tarn
82 Tarn-et-Garonne|83 Var|84 Vaucluse|85 Vendée|86 Vienne|87 Haute-Vienne|88 Vosges|89 Yonne
90 Territoire de Belfort|91 Essonne|92 Hauts-de-Seine|93 Seine-Saint-Denis|94 Val-de-Marne|95 Val-d'Oise
99 Étranger|971 Guadeloupe|972 Martinique|973 Guyane|974 La Réunion|975 Saint-Pierre-et-Miquelon|976 Mayotte
977 Saint-Barthélemy|978 Saint-Martin|984 Terres australes et antarctiques françaises|986 Wallis-et-Futuna
987 Polynésie française|988 Nouvelle-Calédonie|989 Île de Clipperton
"""


def simplify_name(name: str) -> str:
    """Without case, accents, ligatures, hyphens, apostrophes and repeated spaces: how names are compared."""
    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "oe")).casefold()
    letters = "".join(
        character if character.isalnum() else " " for character in plain if not _marks(character)
    )
    return " ".join(letters.split())


def _marks(character: str) -> bool:
    return unicodedata.combining(character) > 0


def _entries(*tables: str) -> Iterator[tuple[str, str]]:
    """Codes and names; a line may hold several, between bars."""
    for table in tables:
        for entry in table.replace("\n", "|").split("|"):
            if entry:
                code, _, name = entry.partition(" ")
                yield code, name


def _by_name(*tables: str) -> dict[str, str]:
    return {simplify_name(name): code for code, name in _entries(*tables)}


COUNTRIES: Mapping[str, str] = dict(_entries(_COUNTRIES))
REGIONS: Mapping[str, str] = dict(_entries(_REGIONS))
DEPARTEMENTS: Mapping[str, str] = dict(_entries(_DEPARTEMENTS))
COUNTRY_CODES: Mapping[str, str] = _by_name(_COUNTRIES, _OTHER_COUNTRY_NAMES)
REGION_CODES: Mapping[str, str] = _by_name(_REGIONS, "04 Réunion|93 PACA")
DEPARTEMENT_CODES: Mapping[str, str] = _by_name(_DEPARTEMENTS, "974 Réunion")
