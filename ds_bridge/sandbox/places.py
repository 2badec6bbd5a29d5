"""French places by their official codes: every region and department, a few communes, EPCI and addresses.

Data for `geography`. The communes are few, but chosen to be difficult: several with one postal code, one with
several postal codes, codes with a letter, overseas, a name of one letter, a postal code that is the INSEE
code of another.
"""

from __future__ import annotations

_REGIONS = """
01 Guadeloupe|02 Martinique|03 Guyane|04 La Réunion|06 Mayotte|11 Île-de-France|24 Centre-Val de Loire
27 Bourgogne-Franche-Comté|28 Normandie|32 Hauts-de-France|44 Grand Est|52 Pays de la Loire|53 Bretagne
75 Nouvelle-Aquitaine|76 Occitanie|84 Auvergne-Rhône-Alpes|93 Provence-Alpes-Côte d'Azur|94 Corse
"""

# Region: its departments.
_DEPARTMENTS = """
01: 971 Guadeloupe
02: 972 Martinique
03: 973 Guyane
04: 974 La Réunion
06: 976 Mayotte
11: 75 Paris|77 Seine-et-Marne|78 Yvelines|91 Essonne|92 Hauts-de-Seine|93 Seine-Saint-Denis|94 Val-de-Marne
11: 95 Val-d'Oise
24: 18 Cher|28 Eure-et-Loir|36 Indre|37 Indre-et-Loire|41 Loir-et-Cher|45 Loiret
27: 21 Côte-d'Or|25 Doubs|39 Jura|58 Nièvre|70 Haute-Saône|71 Saône-et-Loire|89 Yonne|90 Territoire de Belfort
28: 14 Calvados|27 Eure|50 Manche|61 Orne|76 Seine-Maritime
32: 02 Aisne|59 Nord|60 Oise|62 Pas-de-Calais|80 Somme
44: 08 Ardennes|10 Aube|51 Marne|52 Haute-Marne|54 Meurthe-et-Moselle|55 Meuse|57 Moselle|67 Bas-Rhin
44: 68 Haut-Rhin|88 Vosges
52: 44 Loire-Atlantique|49 Maine-et-Loire|53 Mayenne|72 Sarthe|85 Vendée
53: 22 Côtes-d'Armor|29 Finistère|35 Ille-et-Vilaine|56 Morbihan
75: 16 Charente|17 Charente-Maritime|19 Corrèze|23 Creuse|24 Dordogne|33 Gironde|40 Landes|47 Lot-et-Garonne
75: 64 Pyrénées-Atlantiques|79 Deux-Sèvres|86 Vienne|87 Haute-Vienne
76: 09 Ariège|11 Aude|12 Aveyron|30 Gard|31 Haute-Garonne|32 Gers|34 Hérault|46 Lot|48 Lozère
76: 65 Hautes-Pyrénées|66 Pyrénées-Orientales|81 Tarn|82 Tarn-et-Garonne
84: 01 Ain|03 Allier|07 Ardèche|15 Cantal|26 Drôme|38 Isère|42 Loire|43 Haute-Loire|63 Puy-de-Dôme|69 Rhône
84: 73 Savoie|74 Haute-Savoie
93: 04 Alpes-de-Haute-Provence|05 Hautes-Alpes|06 Alpes-Maritimes|13 Bouches-du-Rhône|83 Var|84 Vaucluse
94: 2A Corse-du-Sud|2B Haute-Corse
"""

# Department: INSEE code, name, postal codes.
_COMMUNES = """
01: 01004 Ambérieu-en-Bugey 01500|01053 Bourg-en-Bresse 01000|01283 Oyonnax 01100
01: 01291 Perrex 01540|01457 Vonnas 01540
06: 06088 Nice 06000 06100 06200 06300
13: 13001 Aix-en-Provence 13090 13100|13201 Marseille 1er Arrondissement 13001
17: 17347 Saint-Jean-d'Angély 17400
2A: 2A004 Ajaccio 20000 20090 20167
2B: 2B033 Bastia 20200 20600
30: 30189 Nîmes 30000 30900
31: 31555 Toulouse 31000 31100 31200 31300 31400 31500
35: 35238 Rennes 35000 35200 35700
42: 42218 Saint-Étienne 42000 42100 42230
43: 43157 Le Puy-en-Velay 43000
44: 44109 Nantes 44000 44100 44200 44300
51: 51030 Aÿ-Champagne 51160
59: 59350 Lille 59000 59160 59260 59777 59800
67: 67482 Strasbourg 67000 67100 67200
69: 69381 Lyon 1er Arrondissement 69001
71: 71270 Mâcon 71000
75: 75101 Paris 1er Arrondissement 75001|75102 Paris 2e Arrondissement 75002
75: 75107 Paris 7e Arrondissement 75007
76: 76351 Le Havre 76600 76610 76620
80: 80829 Y 80190
91: 91174 Corbeil-Essonnes 91100|91228 Évry-Courcouronnes 91000 91080
94: 94038 L'Haÿ-les-Roses 94240
971: 97120 Pointe-à-Pitre 97110
972: 97209 Fort-de-France 97200 97234
973: 97302 Cayenne 97300
974: 97411 Saint-Denis 97400 97417 97490
976: 97608 Mamoudzou 97600
"""

# Department: EPCI code, name. One EPCI may lie in several departments.
_EPCIS = """
01: 200042935 CA Haut-Bugey Agglomération|200071751 CA du Bassin de Bourg-en-Bresse
06: 200030195 Métropole Nice Côte d'Azur
13: 200054807 Métropole d'Aix-Marseille-Provence
2A: 242010056 CA du Pays Ajaccien
30: 243000643 CA de Nîmes Métropole
31: 243100518 Toulouse Métropole
35: 243500139 Rennes Métropole
42: 244200770 Saint-Etienne Métropole
44: 244400404 Nantes Métropole
59: 200093201 Métropole Européenne de Lille
67: 246700488 Eurométropole de Strasbourg
69: 200046977 Métropole de Lyon
75: 200054781 Métropole du Grand Paris
77: 200059228 CA Grand Paris Sud Seine Essonne Sénart
91: 200056232 CA Communauté Paris-Saclay|200059228 CA Grand Paris Sud Seine Essonne Sénart
94: 200054781 Métropole du Grand Paris
974: 249740119 CA Intercommunale du Nord de la Réunion (CINOR)
"""

# Number, street, postal code, INSEE code of the commune, its name in the address.
ADDRESSES: tuple[tuple[str | None, str, str, str, str], ...] = (
    ("20", "Avenue de Ségur", "75007", "75107", "Paris"),
    ("13bis", "Rue de l'Écluse", "91100", "91174", "Corbeil-Essonnes"),
    ("1", "Place de l'Hôtel de Ville", "42000", "42218", "Saint-Étienne"),
    ("8", "Boulevard du Port", "80190", "80829", "Y"),
    ("1", "Cours Napoléon", "20000", "2A004", "Ajaccio"),
    ("3", "Rue Victor Hugo", "97400", "97411", "Saint-Denis"),
    (None, "Le Bourg", "01540", "01291", "Perrex"),
)


def _read(table: str) -> list[tuple[str, str, str]]:
    """For each entry: the text before the colon, the code, the rest."""
    found = []
    for line in table.strip().splitlines():
        home, _, entries = line.rpartition(": ")
        for entry in entries.split("|"):
            code, _, rest = entry.partition(" ")
            found.append((home, code, rest))
    return found


def _read_communes() -> list[tuple[str, str, str, str]]:
    found = []
    for department, code, rest in _read(_COMMUNES):
        words = rest.split(" ")
        postal_codes = [word for word in words if word.isdigit() and len(word) == len("91000")]
        name = " ".join(word for word in words if word not in postal_codes)
        found += [(department, code, name, postal_code) for postal_code in postal_codes]
    return found


REGIONS: dict[str, str] = {code: name for _, code, name in _read(_REGIONS)}
"""Code → name."""
DEPARTMENTS: dict[str, str] = {
    code: name for _, code, name in sorted(_read(_DEPARTMENTS), key=lambda e: e[1])
}
"""Name by number, in order. `geography` adds `99` (abroad)."""
DEPARTMENT_REGIONS: dict[str, str] = {code: region for region, code, _ in _read(_DEPARTMENTS)}
"""The region's code by the department's number."""
COMMUNES: list[tuple[str, str, str, str]] = _read_communes()
"""Department, INSEE code, name, postal code: one entry for each postal code."""
EPCIS: list[tuple[str, str, str]] = _read(_EPCIS)
"""Department, code, name."""
