"""Page size: halves when a page fails, grows back after successes. Pure arithmetic, no time, no network.

After a failure the next dossiers are *suspect*: one of them may be the cause. Until they have all passed, the
size stays or shrinks, so that halving finds a bad dossier. When no dossier was set aside, the page was only
too heavy: the size then grows more slowly, so that heavy pages do not time out every other time.
A size that has not passed since the last failure is a *trial*: one try is enough, a smaller page may pass.
"""

from __future__ import annotations

LONGEST_PATIENCE = 16


class PageSize:
    """How many dossiers to ask for next: `current`, between 1 and `largest`."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._suspect = 0
        self._patience = 1
        self._successes = 0
        self._failed_since_growth = False
        self._passed = largest
        self.current = largest

    @property
    def is_trial(self) -> bool:
        """True until all dossiers of a failed page have passed, and this size has passed since."""
        return self._suspect > 0 or self.current > self._passed

    def fail(self) -> None:
        """The page of `current` dossiers failed: halve the size."""
        self._suspect = self.current
        self.current = max(1, self.current // 2)
        self._successes = 0
        self._passed = 0
        self._failed_since_growth = True

    def succeed(self) -> None:
        """The page of `current` dossiers passed."""
        self._passed = max(self._passed, self.current)
        if self._suspect:
            self._suspect = max(0, self._suspect - self.current)
            if self._suspect:
                self.current = min(self.current, self._suspect)
                return
            if self._failed_since_growth:
                self._patience = min(LONGEST_PATIENCE, self._patience * 2)
                self._failed_since_growth = False
        self._successes += 1
        if self._successes >= self._patience and self.current < self._largest:
            self.current = min(self._largest, self.current * 2)
            self._successes = 0

    def clear(self) -> None:
        """The bad dossier was found and set aside. The page was not too heavy, so the size grows at once."""
        self._suspect = 0
        self._patience = 1
        self._successes = 0
        self._failed_since_growth = False
        self.current = min(self._largest, self.current * 2)
