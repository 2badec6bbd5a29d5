"""`prefill link NAME`: takes a person of the pilotage, prints a URL on stdout and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ds_bridge.cli import prefill_batch, prefill_follow
from ds_bridge.cli.checking import DraftOption, OfflineOption
from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import (
    ConfigOption,
    JsonOption,
    LogFormatOption,
    NameArgument,
    VerboseOption,
    begin,
)
from ds_bridge.cli.output import print_json, print_line

if TYPE_CHECKING:
    from ds_bridge.prefill.drafts import Prepared

NomOption = Annotated[str | None, typer.Option("--nom", help="Family name.")]
PrenomOption = Annotated[str | None, typer.Option("--prenom", help="First name.")]
GenreOption = Annotated[str | None, typer.Option("--genre", help="M. or Mme.")]
IdentifiantOption = Annotated[str | None, typer.Option("--identifiant", help="Id in the pilotage.")]
EmailOption = Annotated[str | None, typer.Option("--email", help="E-mail address.")]
StructureNomOption = Annotated[str | None, typer.Option("--structure-nom", help="Employer's name.")]
StructureIdentifiantOption = Annotated[
    str | None, typer.Option("--structure-identifiant", help="Employer's id in the pilotage.")
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="Set any champ; may be repeated.", metavar="ID=VALUE")
]

app = typer.Typer(help="Make links to a prefilled dossier.", no_args_is_help=True, rich_markup_mode=None)
app.command("batch", epilog="Example: ds-bridge prefill batch cra roster.csv -o links.csv")(
    prefill_batch.batch
)
app.command(
    "follow", short_help="Ask what became of the drafts.", epilog="Example: ds-bridge prefill follow cra"
)(prefill_follow.follow)


@app.callback()
def _group() -> None:
    """Make links to a prefilled dossier."""


@app.command("link", epilog="Example: ds-bridge prefill link cra --nom NOËL --identifiant 4211")
def link(
    name: NameArgument,
    nom: NomOption = None,
    prenom: PrenomOption = None,
    genre: GenreOption = None,
    identifiant: IdentifiantOption = None,
    email: EmailOption = None,
    structure_nom: StructureNomOption = None,
    structure_identifiant: StructureIdentifiantOption = None,
    champs: SetOption = None,
    draft: DraftOption = None,
    offline: OfflineOption = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Print one person's prefilled link. Needs no token. Makes a draft when the link would be too long."""
    identity = {
        "nom": nom,
        "prenom": prenom,
        "genre": genre,
        "identifiant": identifiant,
        "email": email,
        "structure_nom": structure_nom,
        "structure_identifiant": structure_identifiant,
    }
    settings = begin(config, verbose, log_format)
    _Linking(draft, offline, json).run(settings, name, identity, _read_sets(champs or []))


class _Linking:
    def __init__(self, draft: bool | None, offline: bool, json: bool) -> None:
        self._draft, self._offline, self._json = draft, offline, json

    def run(self, settings: Any, name: str, given: dict[str, Any], champs: dict[str, Any]) -> None:
        """Check, make, print, record. What was made is printed even if it cannot be recorded."""
        from ds_bridge.cli.checking import choose_method, find_form
        from ds_bridge.people.ledger import Ledger
        from ds_bridge.prefill import Identity
        from ds_bridge.prefill.drafts import prepare

        identity = Identity.model_validate(given)
        form, notes = find_form(settings, name, offline=self._offline)
        with Ledger(settings, name) as ledger:
            prepared = prepare(
                settings,
                name,
                identity,
                champs,
                form=form,
                client=ledger.open_client,
                method=choose_method(self._draft),
            )
            self._print(prepared, notes)
            for warning in ledger.record(prepared, identity):
                _say_warning(warning)

    def _print(self, prepared: Prepared, notes: tuple[str, ...]) -> None:
        from ds_bridge.prefill.check import NO_FORM

        warnings = [*notes, *(each for each in prepared.warnings if each != NO_FORM)]
        if self._json:
            print_json(
                {
                    "url": prepared.url,
                    "method": prepared.method,
                    "length": prepared.length,
                    "omitted": list(prepared.omitted),
                    "warnings": warnings,
                    "number": prepared.number,
                }
            )
            return
        print_line(prepared.url)
        for warning in warnings:
            _say_warning(warning)


def _say_warning(warning: str) -> None:
    from ds_bridge.cli.logs import say

    say(f"ds-bridge: {warning}")


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
