"""Which dossiers are written again: every change is found, and little else."""

from __future__ import annotations

from ds_bridge.lake.spans import LAST, DataFile, find_spans


def file(low: int, high: int, rows: int | None = None) -> DataFile:
    return DataFile(f"{low}-{high}", 1, high - low + 1 if rows is None else rows, low, high)


FILES = [file(10, 19), file(20, 29), file(30, 39), file(40, 49)]
LIVE = set(range(10, 50))


def spans(changed: set[int], live: set[int] = LIVE, others: tuple[DataFile, ...] = ()) -> list[range]:
    return find_spans(FILES, others, changed, lambda numbers: sum(each in numbers for each in live))


def test_nothing_changed() -> None:
    assert spans(set()) == []


def test_the_files_of_changed_dossiers_and_no_others() -> None:
    assert spans({25}) == [range(20, 30)]
    assert spans({25, 31}) == [range(20, 40)]
    assert spans({5, 55}) == [range(20), range(40, LAST)], "before the first, behind the last"


def test_what_a_purge_left_without_a_change_is_found_by_its_count() -> None:
    assert spans(set(), LIVE - {33}) == [range(30, 40)]


def test_a_file_across_intervals_takes_all_of_them_along() -> None:
    compacted = (file(12, 24), file(28, 31), file(45, 46))
    assert spans({13}, others=compacted) == [range(40)], "its second half reaches into the next file's"
    assert spans({45}, others=compacted) == [range(40, LAST)]


def test_an_empty_lake_is_one_span_as_soon_as_there_is_something() -> None:
    assert find_spans([], [], [], lambda numbers: 0) == []
    assert find_spans([], [], [7], lambda numbers: 0) == [range(LAST)]
    assert find_spans([], [], [], lambda numbers: 1) == [range(LAST)]
