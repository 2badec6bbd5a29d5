"""Method: writes the page that says where the numbers come from and what they do not say."""

from __future__ import annotations

from collections.abc import Iterator

from ds_bridge.report.contents import Contents


def write_method(report: Contents) -> list[dict[str, str]]:
    """Titles and paragraphs, in order."""
    return [{"title": title, "text": text} for title, text in _write(report)]


def _write(report: Contents) -> Iterator[tuple[str, str]]:
    yield (
        "Une activité déclarée",
        "Ce rapport dénombre ce qui a été déclaré dans les dossiers déposés sur la plateforme Démarches"
        f" Simplifiées (démarche {report.demarche}). Il montre l'activité déclarée ; il ne mesure ni ses"
        " effets ni sa qualité, et ne contient aucun montant.",
    )
    yield (
        "Périodes",
        f"Un dossier appartient à la période de son dépôt : {report.period.label}. La colonne"
        f" {report.before.label} donne les mêmes chiffres pour la période précédente, calculés de même.",
    )
    if report.audience == "personne":
        return
    yield (
        "Ce qui n'est pas compté",
        "Sous chaque chiffre figure ce qu'il laisse de côté, avec le motif et le nombre. Les dossiers écartés"
        " dès le premier chiffre (« Dossiers déposés ») ne sont comptés nulle part ailleurs.",
    )
    yield (
        "Fiabilité",
        "Les déclarations sont celles de leurs auteurs. Un contrôle automatique relève ce qui est incomplet"
        " ou incohérent sans rien corriger : une anomalie est à vérifier, elle n'est pas une faute.",
    )
    if report.public:
        yield (
            "Version publique",
            "Un nombre derrière lequel se trouvent moins de cinq personnes n'est pas diffusé (« n. d. »)."
            " Assez d'autres nombres sont retirés pour qu'aucune différence entre un total et des lignes ne"
            " permette de le retrouver. Les nombres de personnes sont arrondis au multiple de cinq le plus"
            " proche. Un zéro est diffusé : il ne concerne personne.",
        )
        return
    yield (
        "Recalculer ces chiffres",
        "Le fichier report.json qui peut être produit avec ce rapport (ds-bridge report --format json)"
        " contient chaque chiffre, sa définition et les numéros des dossiers dont il est tiré. Les mêmes"
        " nombres peuvent être recalculés à partir d'un export (ds-bridge dump).",
    )
    yield (
        "Données personnelles",
        "Cette version peut contenir des noms et des numéros de dossiers : elle n'est pas destinée à être"
        " publiée.",
    )
