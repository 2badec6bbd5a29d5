"""The parts of a long random run: changes of a world, scripted faults, and ways for a run to end.

Everything is drawn from one `random.Random`, so that a seed gives the same nights again (a real SIGKILL
apart, which comes when it comes).
"""

import datetime as dt
import random

from ds_bridge.sandbox.faults import Fault, Faults
from ds_bridge.sandbox.world import CRA_NUMBER, World

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
# Under the ten minutes of `sync.overlap_minutes`, with room for a clock two minutes wrong.
LATEST = 7 * MINUTE
DELETION_OVERLAP = 7 * DAY
NOM = 3566491

_ACTIONS = (
    "timeout", "invalid_null", "stale_cursor", "refused_cursor", "empty", "server_error", "status", "html",
    "limit", "truncated", "invalid_json", "invalid_utf8", "drop", "drop_inside",
)  # fmt: skip
_OPERATIONS = (
    None, "DossiersPage", "DossiersPage", "DossiersPage", "DossierNumbersPage", "Dossier", "DemarcheForm",
    "DeletedDossiersPage", "PendingDeletedDossiersPage", "GroupeDossiersPage", "DemarcheGroupes",
)  # fmt: skip
_STATES = ("en_construction", "en_instruction", "accepte", "refuse", "sans_suite")


class Changes:
    """Random changes of one world, and which of them no walk by date can see."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self.made: dict[str, int] = {}
        self.is_silent = False
        self.backdated: dict[int, dt.datetime] = {}

    def make(self, count: int) -> None:
        """So many changes, one after the other."""
        kinds = (
            "modify", "modify", "burst", "late", "late", "add", "add", "state", "state", "hide_by_user",
            "hide_by_user", "hide_by_administration", "restore", "restore", "delete", "silent", "groupe",
        )  # fmt: skip
        for _ in range(count):
            kind = self.chance.choice(kinds)
            if getattr(self, f"_{kind}")():
                self.made[kind] = self.made.get(kind, 0) + 1

    def pass_time(self) -> None:
        """Seconds, minutes, hours or days."""
        unit = self.chance.choice([1, 1, 60, 60, 3600, 86_400])
        self.world.advance(dt.timedelta(seconds=self.chance.uniform(0, 3) * unit))

    def beyond_the_overlap(self) -> set[int]:
        """What was hidden or deleted with a date that the streams of deletions may not look back to."""
        horizon = self.world.now() - DELETION_OVERLAP
        return {number for number, moment in self.backdated.items() if moment < horizon}

    def needs_sweep(self) -> bool:
        """Whether something happened that no date of today shows."""
        return self.is_silent or bool(self.beyond_the_overlap())

    def forget(self) -> None:
        """All of it was found."""
        self.is_silent = False
        self.backdated.clear()

    def live(self) -> list[int]:
        dossiers = self.world.demarches[CRA_NUMBER].dossiers.values()
        return sorted(dossier.number for dossier in dossiers if not dossier.is_pending_deletion)

    def hidden(self) -> list[int]:
        dossiers = self.world.demarches[CRA_NUMBER].dossiers.values()
        return sorted(dossier.number for dossier in dossiers if dossier.is_pending_deletion)

    def _pick(self, numbers: list[int]) -> int | None:
        return self.chance.choice(numbers) if numbers else None

    def _modify(self) -> bool:
        number = self._pick(self.live())
        if number is not None:
            self.world.modify(number, {NOM: f"NOM {self.chance.random()}"})
        return number is not None

    def _burst(self) -> bool:
        """Many at once, as when an instructeur closes a campaign: several pages of this very minute."""
        live = self.live()
        for number in self.chance.sample(live, min(len(live), self.chance.randint(5, 20))):
            self.world.modify(number, {NOM: f"NOM {self.chance.random()}"})
        return bool(live)

    def _late(self) -> bool:
        """A transaction that began some minutes ago is committed now."""
        number = self._pick(self.live())
        if number is not None:
            at = self.world.now() - self.chance.random() * LATEST
            self.world.modify(number, {NOM: f"NOM {self.chance.random()}"}, at=at)
        return number is not None

    def _silent(self) -> bool:
        """A change that leaves the date alone, or sets it far back; only a new date is for a sweep to see."""
        number = self._pick(self.live()) if self.chance.random() < 0.2 else None
        if number is not None:
            at = self.world.now() - self.chance.uniform(20, 400) * DAY
            self.world.modify(number, {NOM: f"NOM {self.chance.random()}"}, at=at)
            self.is_silent = True
        return number is not None

    def _add(self) -> bool:
        count = self.chance.randint(1, 4)
        if len(self.world.demarches[CRA_NUMBER].dossiers) > 60:
            return False
        self.world.add_dossiers(count)
        return True

    def _state(self) -> bool:
        number = self._pick(self.live())
        if number is not None:
            self.world.change_state(number, self.chance.choice(_STATES))
            self._note_backdated(number)
        return number is not None

    def _groupe(self) -> bool:
        """Assigned to another groupe instructeur; now and then to none."""
        number = self._pick(self.live())
        if number is not None:
            self.world.modify(number, groupe=self.chance.choice([0, 1, 2, None]))
        return number is not None

    def _hide_by_user(self) -> bool:
        number = self._pick(self.live())
        if number is not None:
            self.world.hide_by_user(number)
        return number is not None

    def _hide_by_administration(self) -> bool:
        number = self._pick(self.live())
        if number is not None:
            self.world.hide_by_administration(number)
            self._note_backdated(number)
        return number is not None

    def _restore(self) -> bool:
        number = self._pick(self.hidden())
        if number is not None:
            self.world.restore(number)
        return number is not None

    def _delete(self) -> bool:
        number = self._pick(self.live() + self.hidden())
        if number is not None:
            self.backdated[number] = self.world.delete(number).deleted_at
        return number is not None

    def _note_backdated(self, number: int) -> None:
        dossier = self.world.dossier(number)
        if dossier is not None and dossier.is_pending_deletion and dossier.hidden_at is not None:
            self.backdated[number] = dossier.hidden_at


def script_faults(faults: Faults, live: list[int], chance: random.Random) -> None:
    """None, or up to three at once; poison dossiers now and then; a server's clock that is wrong."""
    faults.clear()
    if chance.random() < 0.2:
        faults.skew_seconds = chance.uniform(-120, 120)
    if chance.random() < 0.35:
        return
    for _ in range(chance.randint(1, 3)):
        faults.add(draw_fault(chance))
    if live and chance.random() < 0.2:
        for number in chance.sample(live, min(len(live), chance.randint(1, 2))):
            faults.poison(number, chance.choice(["server_error", "invalid_null", "timeout"]))


def draw_fault(chance: random.Random) -> Fault:
    """One fault of any kind, that strikes now and then, once, some times, above a size or behind cursors."""
    when = chance.choice(["probability", "nth", "times", "above", "cursor"])
    conditions = {
        "probability": {"probability": chance.uniform(0.05, 0.6), "seed": chance.randint(0, 999)},
        "nth": {"nth": chance.randint(1, 8)},
        "times": {"times": chance.randint(1, 6)},
        "above": {"above": chance.randint(1, 9), "full": True},
        "cursor": {"after_cursor": True, "probability": 0.5, "seed": chance.randint(0, 999)},
    }[when]
    action = chance.choice(_ACTIONS)
    if action == "limit":
        wait = chance.randint(0, 100)
        conditions |= chance.choice([{"retry_after": wait}, {"reset_seconds": wait}])
    if action == "status":
        conditions |= {"status": chance.choice([500, 502, 503, 504])}
    if action == "timeout":
        conditions |= {"partial": chance.random() < 0.5}
    operation = None if when == "above" else chance.choice(_OPERATIONS)
    return Fault.model_validate({"action": action, "operation": operation} | conditions)
