"""A snapshot and the frames after it give the later snapshot: for customers and agents, in any order of frames."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import get_channel_layer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.identity import actor_of_agent
from accounts.models import Agent
from accounts.tokens import CustomerToken
from support import actions, broadcast, queries
from support.models import Message, Site
from support.protocol.codes import Refused
from support.wire import Audience, RoomRef
from tests.presence.conftest import until
from tests.support.reducer import Reducer

VERBS = ["ask", "ask", "answer", "note", "claim", "claim as Bob", "resolve", "reopen"]


@pytest.fixture(scope="session")
def reducer() -> Iterator[Reducer]:
    process = Reducer()
    yield process
    process.close()


class Story:
    """A room in which things happen, with a snapshot of it after each for both audiences, and every frame between."""

    def __init__(self, site: Site, alice: Agent, bob: Agent) -> None:
        self.carol = CustomerToken.fresh(site.pk).actor
        self.alice, self.bob = actor_of_agent(alice), actor_of_agent(bob)
        self.readers = {Audience.PUBLIC: self.carol, Audience.STAFF: self.alice}
        self.moments: list[dict[Audience, dict[str, Any]]] = []
        self.frames: dict[Audience, list[list[dict[str, Any]]]] = {audience: [] for audience in Audience}

    async def tell(self, verbs: list[str]) -> "Story":
        layer = get_channel_layer()
        assert layer is not None
        room, _ = await actions.open_room(self.carol, str(uuid4()), "Hello", str(uuid4()))
        channels = {audience: await layer.new_channel() for audience in Audience}
        for audience, channel in channels.items():
            await layer.group_add(broadcast.room_feed(room.id, audience), channel)
        await self._snapshot(room)
        for verb in verbs:
            try:
                broadcast.entries(room, await self._do(verb, room))
            except Refused:
                continue
            await self._snapshot(room)
            await until(lambda: (telling := broadcast._outgoing()._task) is not None and telling.done())
            for audience, channel in channels.items():
                self.frames[audience].append(await self._heard(layer, channel, audience))
        await layer.flush()
        return self

    async def _do(self, verb: str, room: RoomRef) -> list[Message]:
        new_id, change = str(uuid4()), {"resolve": actions.resolve, "reopen": actions.reopen}
        match verb:
            case "ask":
                return await actions.post(self.carol, room, "سؤال؟", new_id)
            case "answer":
                return await actions.post(self.alice, room, "Answer 👍", new_id)
            case "note":
                return await actions.post(self.alice, room, "Note", new_id, Message.Kind.NOTE)
            case "claim" | "claim as Bob":
                who: Actor = self.alice if verb == "claim" else self.bob
                return [await sync_to_async(actions.claim)(who, room.id, new_id)]
            case _:
                return [await sync_to_async(change[verb])(self.alice, room.id, new_id)]

    async def _snapshot(self, room: RoomRef) -> None:
        moment = {}
        for audience, reader in self.readers.items():
            snapshot = await sync_to_async(queries.snapshot)(reader, room, [])
            moment[audience] = json.loads(snapshot.model_dump_json())
        self.moments.append(moment)

    async def _heard(self, layer: Any, channel: str, audience: Audience) -> list[dict[str, Any]]:
        """What the feed brought since the last moment: as many entries as the snapshot has gained."""
        missing = self.moments[-1][audience]["head"] - self.moments[-2][audience]["head"]
        return [json.loads((await asyncio.wait_for(layer.receive(channel), 10))["text"]) for _ in range(missing)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), verbs=st.lists(st.sampled_from(VERBS), min_size=1, max_size=14))
def test_snapshot_and_frames_give_the_later_snapshot(
    reducer: Reducer, site: Site, alice: Agent, bob: Agent, data: st.DataObject, verbs: list[str]
) -> None:
    """Also when frames are shuffled, doubled, or overlap with what the snapshot already has."""
    tell: Callable[[list[str]], Story] = async_to_sync(Story(site, alice, bob).tell)
    story = tell(verbs)
    later = len(story.moments) - 1
    start = data.draw(st.integers(0, later), "snapshot taken at")
    overlap = data.draw(st.integers(0, start), "frames from before it")
    for audience in Audience:
        frames = [frame for step in story.frames[audience][start - overlap : later] for frame in step]
        frames += data.draw(st.lists(st.sampled_from(frames), max_size=4), "doubled") if frames else []
        shuffled = data.draw(st.permutations(frames), "order")
        state = reducer.replay(story.moments[start][audience], shuffled)
        expected = story.moments[later][audience]
        assert {name: state[name] for name in state} == {name: expected[name] for name in state}
        assert [entry["seq"] for entry in state["entries"]] == list(range(1, expected["head"] + 1))


def test_a_missing_frame_is_a_gap_and_never_a_wrong_state(
    reducer: Reducer, site: Site, alice: Agent, bob: Agent
) -> None:
    """Entries after a gap are held back, so what is shown is always a state that was."""
    told: Callable[[list[str]], Story] = async_to_sync(Story(site, alice, bob).tell)
    story = told(["ask", "claim", "answer"])
    first, _, third = [frame for step in story.frames[Audience.PUBLIC] for frame in step]
    state = reducer.replay(story.moments[0][Audience.PUBLIC], [third, first])
    assert state["head"] == 2
    assert state["owner"] is None
