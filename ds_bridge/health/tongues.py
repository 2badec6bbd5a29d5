"""Tongues: writes the morning line and the status in English or French, for people; never for programs.

Takes a summary or a status, gives lines. The language is that of `--lang`, else that of the locale. Errors
are not translated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ds_bridge.sync import Summary
from ds_bridge.sync.ages import describe_age
from ds_bridge.sync.verdict import describe as describe_in_english

# In the order of the C library: the first that is set counts.
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


class Language(StrEnum):
    """What the lines are written in."""

    EN = "en"
    FR = "fr"


def choose_language(asked: str | None, environment: Mapping[str, str]) -> Language:
    """The language that was asked for; else French for a French locale, English for others."""
    if asked is not None:
        return Language(asked)
    locale = next((value for name in _LOCALE if (value := environment.get(name))), "")
    return Language.FR if locale.lower().startswith("fr") else Language.EN


def describe_run(summary: Summary, language: Language) -> str:
    """The morning line, which operators read."""
    return _describe_in_french(summary) if language is Language.FR else describe_in_english(summary)


def describe_rehearsal(summary: Summary, language: Language) -> str:
    """The same for a rehearsal."""
    first = "à blanc, rien n'a été écrit : " if language is Language.FR else "dry run, nothing was written: "
    return first + describe_run(summary, language)


@dataclass(frozen=True)
class StatusWords:
    """What `status` says in one language."""

    headings: tuple[str, ...]
    outcomes: Mapping[str, str]
    streams: Mapping[str, str]
    ago: str
    oldest: str
    waiting: str
    under_way: str
    in_hand: str
    compared: str
    not_compared: str
    not_proven: str
    lost_stream: str
    day: str

    def tell_age(self, age: dt.timedelta) -> str:
        """The age in its two largest units."""
        return describe_age(age).replace(" d", f" {self.day}")


STATUS_WORDS = {
    Language.EN: StatusWords(
        headings=(
            "démarche", "number", "dossiers", "invalid", "set aside", "deleted", "last run", "last good run",
        ),
        outcomes={},
        streams={"deleted": "deleted", "pending": "pending"},
        ago="{} ago",
        oldest="oldest {}",
        waiting="{name}: dossier {number} set aside, {tries} tries, next after {at} UTC: {reason}",
        under_way="{name}: a run is under way: {holder}",
        in_hand="{name}: a walk was stopped in the middle: the next run goes on from there",
        compared="{name}: compared with the platform {at}: {dossiers} dossiers, {differences} differences,"
        " {mended} mended",
        not_compared="{name}: not compared with the platform yet",
        not_proven="{name}: not proven: {count} set aside",
        lost_stream="{name}: not proven: {stream} deletions are not followed since {at} UTC, the comparison"
        " finds them: {reason}",
        day="d",
    ),
    Language.FR: StatusWords(
        headings=(
            "démarche", "numéro", "dossiers", "invalides", "écartés", "supprimés", "dernier passage",
            "dernier passage complet",
        ),
        outcomes={
            "never": "jamais",
            "running": "en cours",
            "unfinished": "inachevé",
            "complete": "terminé",
            "interrupted": "interrompu",
            "failed": "échec",
        },
        streams={"deleted": "définitives", "pending": "en attente"},
        ago="il y a {}",
        oldest="le plus ancien : {}",
        waiting="{name} : dossier {number} écarté, {tries} essais, le prochain après {at} UTC : {reason}",
        under_way="{name} : un passage est en cours : {holder}",
        in_hand="{name} : un parcours a été arrêté en route : le prochain passage reprend là",
        compared="{name} : comparé à la plateforme {at} : dossiers {dossiers}, écarts {differences}, réparés"
        " {mended}",
        not_compared="{name} : pas encore comparé à la plateforme",
        not_proven="{name} : non prouvé : {count} écartés",
        lost_stream="{name} : non prouvé : les suppressions {stream} ne sont plus suivies depuis le {at} UTC,"
        " la comparaison les trouve : {reason}",
        day="j",
    ),
}  # fmt: skip


def _describe_in_french(summary: Summary) -> str:
    outcome = {"complete": "terminé", "interrupted": "interrompu", "failed": "ÉCHEC"}[summary.outcome]
    line = f"{summary.name} : {outcome}, {_tell_changes(summary)} ; {_tell_cost(summary)}"
    if summary.resumed:
        line += " ; a repris là où un passage précédent s'était arrêté"
    if summary.compared and (found := summary.comparison):
        line += f" ; comparé à la plateforme : {_count(found.dossiers, 'dossier')}"
        line += f", {_count(found.differences, 'écart')}"
        line += f", {_count(found.mended, 'réparé')}" if found.differences else ""
    if summary.invalid:
        line += f" ; {_count(summary.invalid, 'invalide')} (voir : ds-bridge anomalies {summary.name})"
    if summary.set_aside:
        line += f" ; {_count(summary.set_aside, 'écarté')} (voir : ds-bridge status {summary.name})"
    if summary.lost_streams:
        streams = " et ".join(STATUS_WORDS[Language.FR].streams[stream] for stream in summary.lost_streams)
        line += f" ; suppressions {streams} non suivies (voir : ds-bridge status {summary.name})"
    if summary.misfits:
        fields = ", ".join(misfit.name for misfit in summary.misfits)
        line += (
            f" ; le formulaire n'alimente plus {fields} comme le modèle le dit (voir : ds-bridge doctor"
            f" {summary.name})"
        )
    return f"{line} : {summary.error}" if summary.error else line


def _tell_changes(summary: Summary) -> str:
    counts = (
        (summary.created, "créé"),
        (summary.updated, "mis à jour"),
        (summary.restored, "rétabli"),
        (summary.deleted, "supprimé"),
    )
    return ", ".join(_count(count, word) for count, word in counts if count) or "rien de nouveau"


def _tell_cost(summary: Summary) -> str:
    cost = f"{_count(summary.seen, 'vu')}, {_count(summary.requests, 'requête')}"
    if summary.finished_at is None:
        return cost
    age = STATUS_WORDS[Language.FR].tell_age(summary.finished_at - summary.started_at)
    return f"{cost}, {age}"


def _count(count: int, word: str) -> str:
    """In French the plural begins with two: zero is singular."""
    return f"{count} {word}" if count < 2 or word == "mis à jour" else f"{count} {word}s"
