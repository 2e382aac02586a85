"""The oracle finds what is wrong in a run, and nothing in one where everything is right."""

from dataclasses import replace
from typing import Any

import pytest

from tests.faults import oracle
from tests.faults.driver import Event, Part
from tests.faults.record import Record
from tests.faults.rows.rights import heard_until
from tests.faults.truth import Stored
from tests.faults.verdict import Verdict, percentile, worst

ROOM, KEY = "7", "7e57"
CAROL = Part("c0.1", "customer", "carol", "", "")
ALICE = Part("a0.1", "agent", "alice", "", "")
BODIES = ["c0.1#1 Hello", "a0.1#1 Welcome", "c0.1#2 Is it here?"]
LOG = [
    Stored(ROOM, KEY, 1, 1, "customer:1", "id-1", "text", BODIES[0]),
    Stored(ROOM, KEY, 2, 2, "agent:1", "id-2", "text", BODIES[1]),
    Stored(ROOM, KEY, 3, 3, "customer:1", "id-3", "text", BODIES[2]),
]


def events() -> list[Event]:
    happened = []
    for at, row in enumerate(LOG, start=1):
        writer = (CAROL if row.author == "customer:1" else ALICE).id
        happened += [
            Event(at, writer, "say", (row.body,)),
            Event(at + 0.01, writer, "sent", (row.client_id, KEY, row.body, 1)),
            Event(at + 0.02, writer, "ack", (row.client_id, KEY, row.seq)),
            *(Event(at + 0.03, part.id, "shown", (KEY, row.seq, row.seq)) for part in (CAROL, ALICE)),
        ]
    return happened


def state(room: str, **over: Any) -> dict[str, Any]:
    entries = [[row.seq, row.client_id, row.author, row.body] for row in LOG]
    shown = {"entries": entries, "pending": []}
    return {"rooms": {room: shown}, "outbox": [], "heard": {room: [3, 3.0]}, "people": {}, "kinds": {}, **over}


def judged(
    happened: list[Event] | None = None,
    log: list[Stored] | None = None,
    states: dict[str, Any] | None = None,
    fault: float = 100.0,
    healed: float | None = None,
    least: int = 0,
    parts: tuple[Part, ...] = (CAROL, ALICE),
    without: str = "",
) -> list[str]:
    """The names of the promises that a run broke."""
    record = Record(
        parts={part.id: part for part in parts},
        rooms={part.id: (ROOM, KEY) for part in parts},
        events=events() if happened is None else happened,
        states={
            name: shown
            for name, shown in {CAROL.id: state(KEY), ALICE.id: state(ROOM), **(states or {})}.items()
            if name != without
        },
        logs={ROOM: LOG if log is None else log},
        former=set(),
        own={part.id: {KEY if part.kind == "customer" else ROOM} for part in parts},
        own_people={part.id: {"customer:1"} | ({"agent:1"} if part.kind == "customer" else set()) for part in parts},
        began=0.0,
        fault=fault,
        healed=fault if healed is None else healed,
    )
    verdict = Verdict()
    oracle.judge(record, verdict, least=least)
    return [finding.name for finding in verdict.broken]


def test_a_run_in_which_everything_is_right_breaks_nothing() -> None:
    assert judged() == []


def test_an_acknowledged_text_without_a_row_is_lost() -> None:
    broken = judged(log=LOG[:2])
    assert "lost" in broken
    assert "forgotten" in broken
    assert "differing lists" in broken


def test_an_ack_with_another_number_than_the_row_is_false() -> None:
    wrong = [replace(event, rest=("id-1", KEY, 9)) if event.what == "ack" else event for event in events()]
    assert "false acks" in judged(wrong)


def test_a_text_that_is_stored_twice_is_doubled() -> None:
    assert "doubled" in judged(log=[*LOG, replace(LOG[2], seq=4, public_seq=4, client_id="id-4")])


def test_a_hole_in_the_numbers_is_a_gap() -> None:
    assert "gaps" in judged(log=[*LOG[:2], replace(LOG[2], seq=4)])


def test_texts_of_one_tab_that_changed_places_are_out_of_order() -> None:
    swapped = [replace(LOG[0], body=BODIES[2]), LOG[1], replace(LOG[2], body=BODIES[0])]
    assert "out of order" in judged(log=swapped)


def test_a_client_that_shows_another_order_differs() -> None:
    shown = state(KEY)
    shown["rooms"][KEY]["entries"].reverse()
    assert judged(states={CAROL.id: shown}) == ["differing lists"]


def late(seconds: float = 50.0) -> list[Event]:
    return [replace(event, at=event.at + seconds) if event.what == "shown" else event for event in events()]


@pytest.mark.parametrize(("fault", "name"), [(100.0, "steady p99 s"), (0.5, "recovery s")])
def test_who_gets_a_text_late_is_found(fault: float, name: str) -> None:
    assert judged(late(), fault=fault) == [name]


def test_what_was_written_in_good_time_and_shown_only_after_the_fault_is_late() -> None:
    assert judged(late(7), fault=5.0) == ["steady p99 s"]


def test_a_run_in_which_nobody_wrote_shows_nothing() -> None:
    quiet = {name: state(room) for name, room in ((CAROL.id, KEY), (ALICE.id, ROOM))}
    for shown, room in zip(quiet.values(), (KEY, ROOM), strict=True):
        shown["rooms"][room]["entries"] = []
    assert "rooms without a text" in judged([], log=[], states=quiet)
    assert "texts too few" in judged(least=4)
    assert "texts too few" not in judged(least=3)


@pytest.mark.parametrize(("fault", "healed"), [(100.0, 100.0), (1.5, 100.0), (0.5, 50.0)])
def test_a_time_in_which_nothing_was_shown_is_no_proof_that_nothing_was_late(fault: float, healed: float) -> None:
    assert judged(fault=fault, healed=healed, least=1) == ["deliveries too few"]


def test_an_entry_that_a_client_never_showed_is_found() -> None:
    unseen = [event for event in events() if event.what != "shown" or event.rest[1] != 3]
    assert judged(unseen) == ["never shown"]


def test_a_client_that_shows_only_the_end_differs() -> None:
    shown = state(KEY)
    del shown["rooms"][KEY]["entries"][:-1]
    assert judged(states={CAROL.id: shown}) == ["differing lists"]


def test_a_stored_text_that_still_waits_on_the_screen_is_shown_twice() -> None:
    shown = state(KEY)
    shown["rooms"][KEY]["pending"] = [{"body": BODIES[0], "state": "queued", "code": None}]
    assert judged(states={CAROL.id: shown}) == ["shown twice"]


def test_any_of_somebodys_tabs_that_hears_on_is_found() -> None:
    states = {"a.1": {"heard": {"7": [9, 140.0]}}, "a.2": {"heard": {"7": [1, 99.0]}}, "a.3": {"heard": {}}}
    assert heard_until(states, ["a.1", "a.2", "a.3"], 100.0) == (40.0, ["a.3"])


def test_a_frame_of_a_foreign_room_is_found() -> None:
    assert judged(states={ALICE.id: state(ROOM, heard={ROOM: [3, 3.0], "8": [1, 3.0]})}) == ["foreign frames"]


def test_a_customer_who_gets_a_note_is_found() -> None:
    assert judged(states={CAROL.id: state(KEY, kinds={"entry:note": 1})}) == ["foreign frames"]


@pytest.mark.parametrize(
    ("client", "room", "ref"),
    [(ALICE.id, ROOM, "customer:2"), (CAROL.id, KEY, "customer:2"), (CAROL.id, KEY, "agent:2")],
)
def test_a_person_of_another_site_is_found(client: str, room: str, ref: str) -> None:
    assert judged(states={client: state(room, people={ref: [1, 3.0]})}) == ["foreign frames"]


def test_what_a_crashed_tab_wrote_is_forgotten_if_the_other_tab_does_not_send_it() -> None:
    other = replace(CAROL, id="c0.2")
    said = [*events(), Event(9.0, CAROL.id, "say", ("c0.1#3 Still there?",))]
    lone = judged(said, parts=(CAROL, ALICE), without=CAROL.id)
    assert lone == []
    both = judged(said, parts=(CAROL, other, ALICE), states={other.id: state(KEY)}, without=CAROL.id)
    assert "forgotten" in both


def test_what_waits_in_an_outbox_is_unsent_and_not_forgotten() -> None:
    said = [*events(), Event(9.0, CAROL.id, "say", ("c0.1#3 Still there?",))]
    assert judged(said) == ["forgotten"]
    waiting = [{"body": "c0.1#3 Still there?", "state": "queued", "code": None}]
    assert judged(said, states={CAROL.id: state(KEY, outbox=waiting)}) == ["unsent"]


def test_the_worst_of_several_repeats_is_told() -> None:
    good, bad = Verdict(), Verdict()
    good.add("lost", 0, 0)
    bad.add("lost", 2, 0)
    assert worst([good, bad, good]).findings == bad.findings
    assert not worst([good, bad]).passed


def test_a_verdict_without_findings_has_not_passed() -> None:
    assert not Verdict().passed


def test_percentiles_are_values_that_were_measured() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([], 0.99) == 0.0
