"""How much is tried: about a minute in all by default, more with --fuzz."""

import resource

import pytest
from hypothesis import HealthCheck, given, settings

MOST_MEMORY_KIB = 500 * 1024


@pytest.fixture
def fuzz(request):
    """`fuzz(strategy, check)` calls `check` with so many examples, none of which may cost 500 MiB."""
    examples = request.config.getoption("--fuzz")

    def run(strategy, check):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        chosen = settings(
            max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        chosen(given(strategy)(check))()
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEMORY_KIB

    return run
