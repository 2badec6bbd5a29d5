"""How much is tried: a little by default, about a minute with --long, more with --fuzz."""

import resource

import pytest
from hypothesis import HealthCheck, given, settings

MOST_MEMORY_KIB = 500 * 1024


def pytest_addoption(parser):
    parser.addoption("--fuzz", type=int, default=0, metavar="N", help="Examples a fuzz test; 0: by --long.")


@pytest.fixture
def fuzz(request):
    """`fuzz(strategy, check)` calls `check` with so many examples, none of which may cost 500 MiB."""
    examples = request.config.getoption("--fuzz") or (100 if request.config.getoption("--long") else 30)

    def run(strategy, check):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        chosen = settings(
            max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        chosen(given(strategy)(check))()
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEMORY_KIB

    return run
