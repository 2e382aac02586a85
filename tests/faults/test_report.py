"""The table of a run says what was lost, and a row that raises is a fail that ends nothing."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from tests.faults import perform, report
from tests.faults.plan import SMOKE
from tests.faults.row import Row
from tests.faults.verdict import NotRunError, Verdict


def verdict(lost: int, recovery: float) -> Verdict:
    found = Verdict()
    found.add("lost", lost, 0, "c0.1#1")
    found.add("doubled", 0, 0)
    found.add("out of order", 0, 0)
    found.add("recovery s", recovery, 10)
    found.add("cuts", 9)
    found.add("reconnects", 40)
    return found


def line(*verdicts: Verdict) -> report.Line:
    return report.Line(3, "a fault", "uvicorn", [*verdicts], tells=("cuts",))


def test_the_table_has_loss_even_of_nothing_and_only_what_the_row_is_about() -> None:
    said = report.markdown(line(verdict(0, 1.0), verdict(0, 2.5)))
    assert said == "| 3 | a fault | 0 / 0 / 0 | – | 2.5 | – | cuts 9 | 2 of 2 | pass |"


def test_the_table_has_the_worst_of_all_repeats() -> None:
    assert "| 2 / 0 / 0 |" in report.markdown(line(verdict(0, 1.0), verdict(2, 1.0)))
    assert report.markdown(line(verdict(0, 1.0), verdict(2, 1.0))).endswith("| 1 of 2 | FAIL |")


def test_what_is_written_down_can_be_read_again(tmp_path: Path) -> None:
    lines = [line(verdict(2, 1.0)), report.Line(8, "clocks", "uvicorn", not_run="not run: no faketime")]
    report.write(tmp_path / "faults.json", lines)
    assert report.read(tmp_path / "faults.json") == lines


def row(needs: Callable[[], None]) -> Row:
    return Row(1, "a fault", lambda stage: None, False, lambda plan: plan, needs, lambda seed: ([], []), ())


def test_a_row_that_cannot_begin_is_not_run() -> None:
    def missing() -> None:
        raise NotRunError("no root")

    assert perform.perform(cast("Any", None), row(missing), "uvicorn", SMOKE, 1).outcome == "not run"


def test_a_row_that_raises_is_a_fail_with_its_error() -> None:
    # Without ground nothing can begin.
    failed = perform.perform(cast("Any", None), row(lambda: None), "uvicorn", SMOKE, 1)
    assert failed.outcome == "FAIL"
    assert "AttributeError" in str(failed)


def test_what_hangs_is_given_up() -> None:
    with pytest.raises(TimeoutError, match="not done after 1 s"), perform._limited(1):
        threading.Event().wait(10)
