"""Makes a report: takes a request and the store, gives a `Report`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Literal, TypeAlias, get_args

from ds_bridge.config import DemarcheSettings, Settings
from ds_bridge.errors import ConfigurationError
from ds_bridge.form import Form, read_forms
from ds_bridge.mapping.values import LARGEST
from ds_bridge.people.roster import Roster, find_columns, read_person
from ds_bridge.report.declare import Declaration, Declared, Expected, Filed, Setting, find
from ds_bridge.report.gather import Gatherer, read_documents, read_these
from ds_bridge.report.people import join_names
from ds_bridge.report.period import PARIS, Period
from ds_bridge.report.result import Report
from ds_bridge.report.subject import Subject, find_theirs
from ds_bridge.report.words import CODES
from ds_bridge.store import Store, StoredDocument
from ds_bridge.tables import Described, describe

Audience: TypeAlias = Literal["programme", "structure", "personne"]
AUDIENCES: tuple[str, ...] = get_args(Audience)


@dataclass(frozen=True, kw_only=True)
class Request:
    """The report to make. `identifiant` is the number of the structure or the person in the pilotage.

    Days are in Paris time, both included. Without days the period is the year of the newest deposit: of the
    person's or the structure's own, if they have one.
    """

    audience: Audience = "programme"
    identifiant: int | None = None
    year: int | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    public: bool = False

    def check(self) -> None:
        """Raises ConfigurationError when options do not fit together."""
        self._check_types()
        if self.audience not in AUDIENCES:
            raise ConfigurationError(f"a report is for one of {', '.join(AUDIENCES)}")
        if self.audience == "programme" and self.identifiant is not None:
            raise ConfigurationError("an id goes with a report for a structure or a personne")
        if self.audience != "programme" and self.identifiant is None:
            raise ConfigurationError(
                f"a report for a {self.audience} needs an id: its number in the pilotage"
            )
        if self.year is not None and (self.since or self.until):
            raise ConfigurationError("give a year, or since and until, not both")
        if self.public and self.audience != "programme":
            raise ConfigurationError(
                f"only the programme's report has a public version: a {self.audience}'s is about people"
            )
        if self.public and (self.since or self.until):
            raise ConfigurationError(
                "a public report is of a whole year: taken from each other, periods that overlap would give"
                " back what is suppressed"
            )

    def _check_types(self) -> None:
        """From Python anything may come. The messages do not repeat it: a wrong id may be somebody's name."""
        wanted = self.identifiant
        if wanted is not None and not (_is_whole(wanted) and 1 <= wanted <= LARGEST):
            raise ConfigurationError(f"id: give a whole number from 1 to {LARGEST}")
        if self.year is not None and not _is_whole(self.year):
            raise ConfigurationError("year: give a whole number, as 2024")
        days: dict[str, object] = {"since": self.since, "until": self.until}
        for name, day in days.items():
            if day is not None and (not isinstance(day, dt.date) or isinstance(day, dt.datetime)):
                raise ConfigurationError(
                    f"{name}: give a day, as datetime.date(2024, 1, 1), not a {type(day).__name__}"
                )

    @property
    def has_period(self) -> bool:
        """Whether the days were asked for."""
        return not (self.year is None and self.since is None and self.until is None)

    def find_period(self, newest: dt.date | None, today: dt.date) -> Period:
        """The days. Raises ConfigurationError."""
        if self.since or self.until:
            return Period.between(self.since, self.until, today)
        day = newest or today
        return Period.of_year(day.year if self.year is None else self.year)


def make_report(
    store: Store,
    settings: Settings,
    name: str,
    request: Request,
    *,
    roster: Roster | None = None,
    now: dt.datetime | None = None,
) -> Report:
    """Count the figures of a démarche's report, from the store alone.

    Raises ConfigurationError for a démarche that was never synced or has no declared person or structure, a
    roster without identifiants, or a wrong request.
    """
    request.check()
    now = now or dt.datetime.now(dt.UTC)
    demarche = settings.demarche(name)
    described = describe(store, name, demarche)
    form = read_forms(store.read_form(demarche.number) or {})[0]
    declared = find_declared(described)
    chapters = _choose(declared, request, name)
    subject = _find_subject(store, demarche.number, declared, request)
    newest, documents = _read(store, demarche, declared, request, subject)
    period = request.find_period(newest, now.astimezone(PARIS).date())
    setting = Setting(
        period=period,
        before=period.before,
        public=request.public,
        expected=_read_expected(roster, demarche, form, request) if roster else None,
        address=_make_address(settings.api.url),
        codes={**CODES, **declared.codes},
        person_name=declared.person_name,
    )
    gatherer = Gatherer(
        declared, setting, subject.drafted, person=subject.person, structure=subject.structure
    )
    found = gatherer.gather(documents, chapters)
    good = store.last_good_run(demarche.number)
    return Report(
        demarche=demarche.number,
        title=declared.title,
        audience=request.audience,
        identifiant=request.identifiant,
        subject=_name_subject(declared, request, gatherer.last),
        period=period,
        before=period.before,
        as_of=good.finished_at if good else None,
        made_at=now,
        public=request.public,
        chapters=found,
        notes=(
            *_warn(setting, gatherer, request, drafted=subject.person in subject.drafted.values()),
            *_warn_of_store(store, demarche.number, is_whole=good is not None),
        ),
    )


def _find_subject(store: Store, demarche: int, declared: Declared, request: Request) -> Subject:
    drafted = {
        draft.number: draft.identifiant
        for draft in store.drafts(demarche)
        if draft.identifiant is not None and declared.person
    }
    person = request.identifiant if request.audience == "personne" else None
    structure = request.identifiant if request.audience == "structure" else None
    return Subject(declared.person, declared.structure, drafted, person, structure)


def _read(
    store: Store, demarche: DemarcheSettings, declared: Declared, request: Request, subject: Subject
) -> tuple[dt.date | None, Iterator[StoredDocument]]:
    """The day of the newest deposit, of the subject's own if it has one, and the documents to gather."""
    # The index may use a champ of the configuration, which may not be the one of the document.
    person = None if demarche.person else subject.person
    documents = read_documents(store, demarche.number, declared, person)
    if not request.has_period and not subject.is_everybody:
        theirs = find_theirs(subject, documents)
        documents = read_these(store, demarche.number, declared, theirs.numbers)
        if theirs.newest:
            return theirs.newest, documents
    moment = store.newest_deposit(demarche.number)
    return moment.astimezone(PARIS).date() if moment else None, documents


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def find_declared(described: Described) -> Declared:
    """The figures that the model names, else the general ones. Raises ConfigurationError."""
    place = described.plan.model.figures if described.plan else None
    if place is None:
        from ds_bridge.report.general import declare_general

        return declare_general(described)
    module, _, attribute = place.partition(":")
    try:
        declared = getattr(import_module(module), attribute)
    except (ImportError, AttributeError):
        raise ConfigurationError(f"the model's figures {place!r} cannot be imported") from None
    if not isinstance(declared, Declared):
        raise ConfigurationError(f"the model's figures {place!r} are no ds_bridge.report.Declared")
    return declared


def _choose(declared: Declared, request: Request, name: str) -> Sequence[Declaration]:
    chapters: Mapping[str, tuple[Declaration, ...]] = {
        "programme": declared.programme,
        "structure": declared.structures if declared.structure else (),
        "personne": declared.personnes if declared.person else (),
    }
    if not chapters[request.audience]:
        raise ConfigurationError(
            f"{name} declares no figures for a {request.audience}: only the programme has a report"
            " (docs/report.md says how to declare them)"
        )
    return chapters[request.audience]


def _read_expected(
    roster: Roster, demarche: DemarcheSettings, form: Form, request: Request
) -> list[Expected]:
    """The people of the roster. For a structure, only its people; for a person, only that person."""
    columns = find_columns(roster.headings, demarche.champs, form)
    if "identifiant" not in columns.identity:
        raise ConfigurationError(
            "the roster has no column of identifiants: a report ties people to dossiers only by it"
        )
    if request.audience == "structure" and "structure_identifiant" not in columns.identity:
        raise ConfigurationError(
            "the roster has no column structure_identifiant: so nobody knows who belongs to the structure"
        )
    people = []
    for row in roster.rows:
        identity = read_person(row, columns).identity
        person = Expected(identity.identifiant, identity.nom, identity.prenom, identity.structure_identifiant)
        wanted = {"structure": person.structure, "personne": person.identifiant}.get(
            request.audience, request.identifiant
        )
        if wanted == request.identifiant:
            people.append(person)
    return people


def _make_address(url: str) -> Callable[[int], str]:
    return lambda number: f"{url}/dossiers/{number}"


def _name_subject(declared: Declared, request: Request, last: Filed | None) -> str | None:
    """The name of the person or the structure, as in the newest dossier."""
    paths = {"structure": declared.structure_name, "personne": declared.person_name}.get(request.audience, ())
    return join_names(*(find(last.document, path) for path in paths)) if last else None


def _warn(setting: Setting, gatherer: Gatherer, request: Request, *, drafted: bool) -> Iterator[str]:
    """The notes that a reader must know first, in French."""
    expected = setting.expected
    if request.audience != "programme" and not (gatherer.found_any or expected or drafted):
        yield (
            f"Le numéro de {request.audience} {request.identifiant} ne figure dans aucun dossier de la"
            " démarche : vérifiez-le."
        )
    elif not gatherer.counted:
        yield "Aucun compte rendu n'a été déposé dans la période."
    if expected is None or request.public:
        return
    if not expected:
        yield "La liste des postes fournie ne contient personne qui relève de ce rapport."
    elif gatherer.counted and not gatherer.people & {each.identifiant for each in expected}:
        yield (
            "Aucun identifiant de la liste des postes ne se retrouve dans les comptes rendus de la période :"
            " vérifiez que cette liste est la bonne."
        )


def _warn_of_store(store: Store, demarche: int, *, is_whole: bool) -> Iterator[str]:
    if not is_whole:
        yield "La collecte des dossiers n'est jamais allée à son terme : des comptes rendus peuvent manquer."
    if waiting := store.list_set_aside(demarche):
        yield (
            f"{len(waiting)} dossier(s) que la plateforme n'a pas su donner manquent à ce rapport ;"
            " la période de leur dépôt n'est pas connue."
        )
