"""Opening, claiming, resolving and reading rooms: one owner, one room, marks that only move forward."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.db import connection

from accounts.actor import Actor
from accounts.identity import actor_of_agent
from accounts.models import Agent, Team
from accounts.tokens import CustomerToken
from support import actions, queries
from support.models import Customer, Message, Receipt, Room, Site
from support.protocol.codes import ErrorCode, Refused
from support.wire import RoomRef

T = TypeVar("T")


@pytest.fixture
def room(carol: CustomerToken) -> RoomRef:
    ref, _ = async_to_sync(actions.open_room)(carol.actor, str(uuid4()), "Hello", str(uuid4()))
    return ref


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Run the calls in as many threads, each with a database connection of its own."""

    def run(call: Callable[[], T]) -> T:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def claim_or_refusal(actor: Actor, room_id: int) -> Message | Refused:
    try:
        return actions.claim(actor, room_id, str(uuid4()))
    except Refused as refused:
        return refused


def test_two_tabs_that_write_first_make_one_room(carol: CustomerToken) -> None:
    """Customer, room and both messages are there once, whatever the interleaving."""
    key = str(uuid4())
    write = async_to_sync(actions.open_room)
    answers = at_once([partial(write, carol.actor, key, f"From tab {n}", str(uuid4())) for n in range(6)])
    assert Customer.objects.count() == Room.objects.count() == 1
    assert sorted(message.seq for _, [message] in answers) == [1, 2, 3, 4, 5, 6]


def test_a_resent_first_message_gets_the_same_answer(carol: CustomerToken) -> None:
    """Five copies of the first message, at once: one entry, five equal answers."""
    key, client_id = str(uuid4()), str(uuid4())
    answers = at_once([partial(async_to_sync(actions.open_room), carol.actor, key, "Hello", client_id)] * 5)
    assert {message.seq for _, [message] in answers} == {1}
    assert Message.objects.count() == 1


def test_the_same_client_id_with_other_words_is_refused(carol: CustomerToken, room: RoomRef) -> None:
    """An id stands for its words."""
    client_id = str(uuid4())
    async_to_sync(actions.post)(carol.actor, room, "One", client_id)
    with pytest.raises(Refused) as refused:
        async_to_sync(actions.post)(carol.actor, room, "Two", client_id)
    assert refused.value.code == ErrorCode.CLIENT_ID_REUSED


def test_ten_agents_race_and_one_owns(room: RoomRef, site: Site) -> None:
    """Exactly one claim succeeds; each loser is told who was faster."""
    actors = [actor_of_agent(Agent.objects.create_user(f"agent{n}", first_name=f"Agent {n}")) for n in range(10)]
    answers = at_once([partial(claim_or_refusal, actor, room.id) for actor in actors])
    won = [answer for answer in answers if isinstance(answer, Message)]
    lost = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(won) == 1
    owner = Room.objects.get(pk=room.id).owner
    assert owner is not None
    assert {(refused.code, refused.detail) for refused in lost} == {(ErrorCode.ALREADY_OWNED, owner.public_name)}
    assert Message.objects.filter(kind="assignment").count() == 1


def test_a_bot_owns_no_room(room: RoomRef, alice: Agent) -> None:
    """Also when its number is an agent's."""
    with pytest.raises(Refused) as refused:
        actions.claim(Actor("bot", str(alice.pk), "Bot"), room.id, str(uuid4()))
    assert refused.value.code == ErrorCode.NOT_ALLOWED
    assert Room.objects.get(pk=room.id).owner is None


def test_one_client_id_stands_for_one_verb(room: RoomRef, alice_actor: Actor) -> None:
    """A reopen with the id of a resolve is refused, not taken for its resend."""
    client_id = str(uuid4())
    actions.resolve(alice_actor, room.id, client_id)
    with pytest.raises(Refused) as refused:
        actions.reopen(alice_actor, room.id, client_id)
    assert refused.value.code == ErrorCode.CLIENT_ID_REUSED


def test_a_claim_that_is_sent_again_gets_the_same_answer(room: RoomRef, alice_actor: Actor) -> None:
    """A retry after a lost ack is not 'already owned'."""
    client_id = str(uuid4())
    first, again = (actions.claim(alice_actor, room.id, client_id) for _ in range(2))
    assert first.seq == again.seq


def test_resolving_ends_the_waiting_and_a_text_reopens(room: RoomRef, alice_actor: Actor, carol: CustomerToken) -> None:
    """The log says when the room ended and when it began again."""
    actions.resolve(alice_actor, room.id, str(uuid4()))
    state = Room.objects.get(pk=room.id)
    assert (state.status, state.waiting_since) == ("resolved", None)
    async_to_sync(actions.post)(carol.actor, room, "One more thing", str(uuid4()))
    state = Room.objects.get(pk=room.id)
    assert state.status == "open"
    assert state.waiting_since is not None
    kinds = list(Message.objects.order_by("seq").values_list("kind", flat=True))
    assert kinds == ["text", "status", "status", "text"]


def test_texts_that_race_a_resolve_are_all_stored(room: RoomRef, alice_actor: Actor, carol: CustomerToken) -> None:
    """Whatever the interleaving, nothing is refused and seq has no gaps."""
    post = async_to_sync(actions.post)
    calls: list[Callable[[], object]] = [partial(post, carol.actor, room, f"{n}", str(uuid4())) for n in range(6)]
    calls.insert(2, partial(actions.resolve, alice_actor, room.id, str(uuid4())))
    calls.insert(5, partial(actions.claim, alice_actor, room.id, str(uuid4())))
    at_once(calls)
    seqs = list(Message.objects.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))


def test_resolving_twice_is_refused(room: RoomRef, alice_actor: Actor) -> None:
    """The second says that nothing changed."""
    actions.resolve(alice_actor, room.id, str(uuid4()))
    with pytest.raises(Refused) as refused:
        actions.resolve(alice_actor, room.id, str(uuid4()))
    assert refused.value.code == ErrorCode.NOT_CHANGED


def test_foreign_and_absent_rooms_look_alike(
    room: RoomRef, mallory: CustomerToken, django_assert_num_queries: Callable[..., object]
) -> None:
    """The same code by the same number of queries, for keys that exist, do not exist, or are no keys."""
    for name in (room.key, str(uuid4()), str(room.id), "-" * 36, ""):
        with django_assert_num_queries(1), pytest.raises(Refused) as refused:  # type: ignore[attr-defined]
            queries.find_room(mallory.actor, name)
        assert refused.value.code == ErrorCode.NO_SUCH_ROOM


def test_agents_see_the_sites_of_their_teams(room: RoomRef, site: Site, alice: Agent, bob: Agent) -> None:
    """A site with teams is theirs alone; one without is everybody's."""
    assert queries.find_room(actor_of_agent(bob), str(room.id)) == room
    team = Team.objects.create(name="Shop team")
    team.agents.add(alice)
    site.teams.add(team)
    assert queries.find_room(actor_of_agent(alice), str(room.id)) == room
    with pytest.raises(Refused):
        queries.find_room(actor_of_agent(bob), str(room.id))
    bob.role = Agent.Role.ADMIN
    assert queries.find_room(actor_of_agent(bob), str(room.id)) == room


def test_marks_only_move_forward_and_count_the_other_side(
    room: RoomRef, carol: CustomerToken, alice_actor: Actor, new_id: Callable[[], str]
) -> None:
    """An older mark that arrives late changes nothing; one beyond the end is cut to it."""
    post = async_to_sync(actions.post)
    post(alice_actor, room, "note", new_id(), Message.Kind.NOTE)
    post(carol.actor, room, "Two", new_id())
    post(alice_actor, room, "Answer", new_id())
    post(carol.actor, room, "Three", new_id())

    def seen(actor: Actor, seq: int) -> tuple[int, int] | None:
        moved = actions.move([(room.id, actor, actions.Asked(seen=seq))])
        return (moved[0].public_seen if actor.is_customer else moved[0].seen, moved[0].texts) if moved else None

    assert seen(alice_actor, 3) == (3, 2)
    assert seen(alice_actor, 1) is None
    assert seen(alice_actor, 10**9) == (5, 3)
    assert Receipt.objects.get(reader=alice_actor.ref).texts == 3
    # The customer counts 1, 2, 3, 4 where staff counts 1, 3, 4, 5.
    assert seen(carol.actor, 3) == (3, 1)
    assert Receipt.objects.get(reader=carol.actor.ref).seen == 4


def test_pages_of_rooms_follow_one_another(site: Site, alice_actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits longest comes first, nobody is missing, nobody comes twice."""
    monkeypatch.setattr("support.limits.PAGE_ROOMS", 4)
    for n in range(10):
        token = CustomerToken.fresh(site.pk)
        ref, _ = async_to_sync(actions.open_room)(token.actor, str(uuid4()), f"Question {n}", str(uuid4()))
        if n % 3 == 0:
            async_to_sync(actions.post)(alice_actor, ref, "Answer", str(uuid4()))
    found, cursor = [], ""
    while True:
        page, cursor = queries.rooms_page(alice_actor, "all", cursor)
        found += page
        if not cursor:
            break
    waiting = [room.waiting_since for room in found if room.waiting_since]
    assert len({room.room for room in found}) == len(found) == 10
    assert waiting == sorted(waiting)
    assert [room.waiting_since is None for room in found] == [False] * 6 + [True] * 4
    with pytest.raises(Refused):
        queries.rooms_page(alice_actor, "all", "x|y")
