"""Findings: the exit code is that of the first thing to mend."""

from __future__ import annotations

import pytest

from ds_bridge.health.doctor.findings import Finding, exit_code


def failure(code: int) -> Finding:
    return Finding("check", "failure", "bad", code=code)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [((), 0), ((4,), 4), ((4, 3), 3), ((1, 4, 3, 2), 2), ((1, 4), 4), ((1,), 1)],
)
def test_the_first_class_that_fails(codes: tuple[int, ...], expected: int) -> None:
    assert exit_code([Finding("check", "warning", "hm"), *map(failure, codes)]) == expected
