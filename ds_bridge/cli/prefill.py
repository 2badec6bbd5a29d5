"""`prefill link NAME`: a person of the pilotage in, a URL on stdout and nothing else."""

from __future__ import annotations

from typing import Annotated

import typer

from ds_bridge.cli.options import ConfigOption, LogFormat, LogFormatOption, NameArgument, VerboseOption, begin

app = typer.Typer(help="Links that open a prefilled dossier.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Links that open a prefilled dossier."""


@app.command("link")
def link(
    name: NameArgument,
    nom: Annotated[str | None, typer.Option("--nom", help="Family name.")] = None,
    prenom: Annotated[str | None, typer.Option("--prenom", help="First name.")] = None,
    genre: Annotated[str | None, typer.Option("--genre", help="M. or Mme.")] = None,
    identifiant: Annotated[str | None, typer.Option("--identifiant", help="Id in the pilotage.")] = None,
    email: Annotated[str | None, typer.Option("--email", help="E-mail address.")] = None,
    structure_nom: Annotated[str | None, typer.Option("--structure-nom", help="Employer's name.")] = None,
    structure_identifiant: Annotated[
        str | None, typer.Option("--structure-identifiant", help="Employer's id in the pilotage.")
    ] = None,
    champs: Annotated[
        list[str] | None, typer.Option("--set", help="Any champ; may be repeated.", metavar="ID=VALUE")
    ] = None,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Print the prefilled link of one person. Needs no network and no token."""
    from ds_bridge.prefill import Identity, build_configured_link

    settings = begin(config, verbose, log_format)
    identity = Identity.model_validate(
        {
            "nom": nom,
            "prenom": prenom,
            "genre": genre,
            "identifiant": identifiant,
            "email": email,
            "structure_nom": structure_nom,
            "structure_identifiant": structure_identifiant,
        }
    )
    typer.echo(build_configured_link(settings, name, identity, _read_sets(champs or [])))


def _read_sets(sets: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for each in sets:
        reference, equals, value = each.partition("=")
        # The padding of an id is made of equals signs too: "Q2hhbXAtMQ===x" sets Q2hhbXAtMQ== to x.
        while equals and value.startswith("=") and reference.startswith("Q2hhbXAt") and len(reference) % 4:
            reference, value = reference + "=", value[1:]
        if not (reference and equals):
            raise typer.BadParameter("give ID=VALUE", param_hint="--set")
        if reference in values:
            raise typer.BadParameter("this champ is given twice", param_hint="--set")
        values[reference] = value
    return values
