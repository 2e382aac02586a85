"""Golden frames: what is on the wire today is understood tomorrow, and every type of frame has an example."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter

from support.models import Message, Room
from support.protocol import client, fields, server
from support.protocol.codes import CLOSE_MEANINGS, MEANINGS, CloseCode, ErrorCode
from support.protocol.document import PAGE, document
from support.protocol.gate import decode, read_json
from support.protocol.schema import schema

FOLDER = Path(__file__).resolve().parents[1] / "frames"
FRAMES: dict[str, tuple[TypeAdapter[Any], Any]] = {
    "customer": (client.CUSTOMER_FRAMES, client.CustomerFrame),
    "agent": (client.AGENT_FRAMES, client.AgentFrame),
    "server_to_customer": (server.SERVER_TO_CUSTOMER, server.ServerToCustomer),
    "server_to_agent": (server.SERVER_TO_AGENT, server.ServerToAgent),
}


def golden(name: str) -> list[dict[str, Any]]:
    frames: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text())
    return frames


@pytest.mark.parametrize("name", FRAMES)
def test_golden_frames_are_read_and_written_unchanged(name: str) -> None:
    """Byte for byte the same JSON after decoding and encoding."""
    adapter, _ = FRAMES[name]
    for frame in golden(name):
        assert json.loads(adapter.validate_json(json.dumps(frame)).model_dump_json()) == frame


@pytest.mark.parametrize("name", ["customer", "agent"])
def test_golden_frames_of_clients_pass_the_gate(name: str) -> None:
    """As text, the way they arrive."""
    adapter, _ = FRAMES[name]
    for frame in golden(name):
        assert decode(read_json(json.dumps(frame, ensure_ascii=False)), adapter).type == frame["type"]


@pytest.mark.parametrize("name", FRAMES)
def test_every_type_of_frame_has_a_golden_one(name: str) -> None:
    """A new frame without an example fails here."""
    _, union = FRAMES[name]
    types = {model.model_fields["type"].annotation.__args__[0] for model in union.__args__}
    assert {frame["type"] for frame in golden(name)} == types


def test_every_frame_has_a_required_type() -> None:
    """A default would make the discriminant optional in TypeScript."""
    for _, union in FRAMES.values():
        assert all(model.model_fields["type"].is_required() for model in union.__args__)


def test_every_code_has_its_row() -> None:
    """One table for server, client and docs."""
    assert set(MEANINGS) == set(ErrorCode)
    assert set(CLOSE_MEANINGS) == set(CloseCode)
    assert {"x-errors", "x-closes", "x-limits"} <= set(schema())


def test_the_models_choices_are_the_protocols() -> None:
    """Rows are handed to the protocol without a translation."""
    assert set(Message.Kind.values) == set(get_args(fields.EntryKind))
    assert set(Room.Status.values) == set(get_args(fields.RoomStatus))


def test_the_page_about_the_protocol_is_fresh() -> None:
    """Its tables say what the code says."""
    assert document(PAGE.read_text()) == PAGE.read_text()
