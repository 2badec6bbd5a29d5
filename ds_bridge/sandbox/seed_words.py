"""Words for `seed.py`: the names of invented coordinators, and the texts that they write.

Keys of the two tables at the end are stable numbers of the CRA form.
"""

from __future__ import annotations

FIRST_NAMES = (
    *(
        ("Mme", name)
        for name in ("Zoé", "Anaïs", "Françoise", "Élodie", "Maëlle", "Noémie", "Sarah", "Hélène")
    ),
    *(
        ("Mme", name)
        for name in ("Marie-Ange", "Aïcha", "Gaëlle", "Inès", "Léa", "Solène", "Fatoumata", "Chloé")
    ),
    *(
        ("M.", name)
        for name in ("François", "Jérôme", "Loïc", "Mickaël", "Jean-Noël", "Raphaël", "Théo", "Yann")
    ),
    *(("M.", name) for name in ("André", "Benoît", "Gaël", "Hugo", "Mehdi", "Stéphane", "Régis", "Côme")),
)
FAMILY_NAMES = (
    *(
        "NOËL",
        "LEFÈVRE",
        "D'ALMEIDA",
        "LE GOFF",
        "de La Rochebrochard",
        "N'DIAYE",
        "GARCÍA-PÉREZ",
        "BÉRENGER",
    ),
    *("MULLER", "L'HOSTIS", "du Plessis", "BENOÎT", "OUÉDRAOGO", "CAZENEUVE", "Ó BRIAIN", "PEÑA", "ŒILLET"),
    *("VAN DEN BERGHE", "Lefebvre-Duprat", "HAŸ", "NGUYỄN", "MARTIN", "PETIT", "DURAND", "SAINT-JALMES"),
)
STRUCTURES = (
    *("Mairie d'Évry & Cie", "Communauté d'agglomération du Pays de l'Or", "CCAS de L'Haÿ-les-Roses"),
    *("Département du Val-d'Oise", "Hubikoop (SCIC)", "Association « Clic & Lien »", "Mégalis Bretagne"),
    *("Région Île-de-France", "Centre social L'Étincelle", "La Poste – Espace France services", "PIMMS"),
    *("EPN #Coworkée", "Médiathèque Simone-Veil", "Mission locale du Pays basque / Euskal Herria"),
    "Métropole 100% éco+",
)
PLACES = (
    *(
        "Évry-Courcouronnes",
        "Saint-Étienne",
        "L'Haÿ-les-Roses",
        "Nîmes",
        "Saint-Jean-d'Angély",
        "Œuilly",
        "Ay",
    ),
    *(
        "Bourg-en-Bresse",
        "Le Puy-en-Velay",
        "Mâcon",
        "Fort-de-France",
        "Saint-Denis",
        "Aÿ-Champagne",
        "Lyon 7e",
    ),
)
EVENT_NAMES = (
    *("Forum des usages numériques – {place}", "NEC local de {place}", "Café numérique n° {n}"),
    *("Journée portes ouvertes « Aidants Connect »", "Comité technique inclusion numérique ({place})"),
    *(
        'Atelier "mots de passe & arnaques"',
        "Salon de l'emploi de {place}",
        "Réunion des CnFS du {n}e trimestre",
    ),
    *(
        "Rencontre départementale des médiateurs ; {place}",
        "Fête de l'internet\n(2e édition)",
        "  COPIL FNE  ",
    ),
    *(
        "Assemblée générale de l'association",
        "Webinaire « La Coop » 🎓",
        "Bus numérique = {place} + environs",
    ),
)
PARTNERS = (
    *("Hub du Sud", "CAF de {place}", "France Travail {place}", "Emmaüs Connect", "Les Petits Débrouillards"),
    *(
        "Médiathèque de {place}",
        "Orange – Fondation",
        "UDAF & CIDFF",
        "Préfecture (sous-préfète)",
        "MSA Grand Sud",
    ),
    *("Conseil départemental", "CPAM", "Maison de l'emploi de {place}", "Lycée polyvalent « Jules-Ferry »"),
)
OTHER_DETAILS = (
    *(
        "Salon",
        "Vœux du maire",
        "Formation des agents d'accueil",
        "Recherche-action avec l'université",
        "à préciser",
    ),
    *(
        "Prêt de matériel (12 PC)",
        "Enquête de territoire",
        "Podcast",
        "Temps de convivialité",
        "cf. mail du 12/03",
    ),
)
MEMBERS = (
    *("La région, 3 départements et 12 EPCI", "Commune de {place} et CCAS", "Cinq associations et le Hub"),
    *("EPCI + opérateurs privés", "Départements 22, 29, 35 & 56"),
)
NAMES_OF_STRUCTURES = (
    *(
        "{place}, Corbeil",
        "CCAS de {place}",
        "Mairie de {place} ; EPCI",
        "Clic",
        "Secours populaire",
        "ESAT l'Espoir",
    ),
    *("France services de {place}", "Maison de quartier des 3 Fontaines", "Conseil régional"),
)
NAMES_OF_MEDIATORS = (
    *("A. Petit", "Zoé N.", "Mickaël et Anaïs", "Les 4 CnFS de {place}", "Mme D'Almeida", "J.-N. L'Hostis"),
    *("Inès B. (nouvelle recrue)", "Équipe de {place}"),
)

# What people write, by the champ's stable number. `{place}` and `{n}` are filled in.
TEXTS: dict[int, tuple[str, ...]] = {
    3566497: EVENT_NAMES,
    3811703: MEMBERS,
    3566500: OTHER_DETAILS,
    3566506: PARTNERS,
    3811704: MEMBERS,
    3566509: OTHER_DETAILS,
    3566516: NAMES_OF_STRUCTURES,
    3566517: NAMES_OF_MEDIATORS,
    3566519: NAMES_OF_STRUCTURES,
    3566527: OTHER_DETAILS,
    3566528: OTHER_DETAILS,
}
# Texts for any other form.
ANY_TEXT = ("Bonjour", "Oui, voir pièce jointe", "Néant", "L'été dernier, à {place}", "n° {n}", "« {place} »")
