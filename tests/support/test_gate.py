"""The gate: whatever is sent, the answer is a frame of ours or a Refused from the table."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import limits
from support.protocol.client import AGENT_FRAMES, CUSTOMER_FRAMES
from support.protocol.codes import ErrorCode, Refused
from support.protocol.gate import decode, read_json

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
SEND = {"type": "message.send", "client_id": ID, "room": ID, "body": "Hello"}


def sent(**changes: object) -> str:
    return json.dumps({**SEND, **changes})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", ErrorCode.NOT_JSON),
        ("hello", ErrorCode.NOT_JSON),
        ("{", ErrorCode.NOT_JSON),
        ('{"a": NaN}', ErrorCode.NOT_JSON),
        ('{"a": -Infinity}', ErrorCode.NOT_JSON),
        ('{"a": 1e999}', ErrorCode.NOT_JSON),
        ('{"a": 1, "a": 2}', ErrorCode.NOT_JSON),
        ('{"a": 99999999999999999999}', ErrorCode.NOT_JSON),
        ("9" * 5000, ErrorCode.NOT_JSON),
        ("[]", ErrorCode.BAD_FRAME),
        ("null", ErrorCode.BAD_FRAME),
        ('"text"', ErrorCode.BAD_FRAME),
        ("[" * 5000, ErrorCode.TOO_DEEP),
        ('{"a":' * 9 + "1" + "}" * 9, ErrorCode.TOO_DEEP),
        (" " * (limits.FRAME_BYTES + 1), ErrorCode.TOO_BIG),
        ('"' + "é" * (limits.FRAME_BYTES // 2) + '"', ErrorCode.TOO_BIG),
        ('{"a": "\\u0000"}', ErrorCode.BAD_TEXT),
        ('{"a": "\\ud800"}', ErrorCode.BAD_TEXT),
        ('{"a": "\ud800"}', ErrorCode.BAD_TEXT),
        ('{"a": "\\u001b[31m"}', ErrorCode.BAD_TEXT),
        ('{"\\u0000": 1}', ErrorCode.BAD_TEXT),
        ('{"a": ["\\u0000"]}', ErrorCode.BAD_TEXT),
    ],
)
def test_what_is_not_ours_to_read_is_refused(text: str, code: ErrorCode) -> None:
    """Each kind of bad input has its code."""
    with pytest.raises(Refused) as refused:
        read_json(text)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "unknown"}, ErrorCode.UNKNOWN_TYPE),
        ({"type": None}, ErrorCode.UNKNOWN_TYPE),
        ({"type": "room.claim"}, ErrorCode.UNKNOWN_TYPE),
        ({"body": ""}, ErrorCode.BAD_FRAME),
        ({"body": 1}, ErrorCode.BAD_FRAME),
        ({"body": None}, ErrorCode.BAD_FRAME),
        ({"client_id": "1"}, ErrorCode.BAD_FRAME),
        ({"client_id": ID.upper()}, ErrorCode.BAD_FRAME),
        ({"room": "../1"}, ErrorCode.BAD_FRAME),
        ({"extra": 1}, ErrorCode.BAD_FRAME),
        ({"seq": 7}, ErrorCode.BAD_FRAME),
        ({"body": "x" * (limits.MESSAGE_CHARACTERS + 1)}, ErrorCode.TOO_BIG),
    ],
)
def test_frames_with_a_wrong_field_are_refused(changes: dict[str, object], code: ErrorCode) -> None:
    """Unknown, missing and wrongly typed fields are refused, never coerced."""
    with pytest.raises(Refused) as refused:
        decode(read_json(sent(**changes)), CUSTOMER_FRAMES)
    assert refused.value.code == code


def test_a_missing_type_is_refused() -> None:
    """A frame says what it is."""
    with pytest.raises(Refused) as refused:
        decode({"room": "1"}, AGENT_FRAMES)
    assert refused.value.code == ErrorCode.UNKNOWN_TYPE


@pytest.mark.parametrize("body", ["مرحبا", "👩🏽‍🚀", "a\nb\tc", '"{[', "𝒳" * 1000, "x" * limits.MESSAGE_CHARACTERS])
def test_what_people_write_passes(body: str) -> None:
    """Any script, emoji, quotes, brackets, newlines and tabs."""
    assert decode(read_json(sent(body=body)), CUSTOMER_FRAMES).body == body  # type: ignore[union-attr]


def test_text_is_normalised() -> None:
    """Composed and decomposed letters are the same text, and line ends are newlines."""
    assert read_json('{"a": "e\\u0301\\r\\nb"}') == {"a": "é\nb"}


@given(
    st.text()
    | st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists).map(json.dumps)
)
def test_nothing_else_ever_leaves_the_gate(text: str) -> None:
    """For any text at all: a frame, or Refused."""
    try:
        decode(read_json(text), CUSTOMER_FRAMES)
    except Refused as refused:
        assert refused.code in ErrorCode


@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["hello", "sync", "message.send", "seen", "heartbeat", "typing"])}
    ).flatmap(
        lambda base: st.dictionaries(
            st.sampled_from(["room", "client_id", "body", "after", "seq", "heads", "on", "protocol"]),
            st.none()
            | st.booleans()
            | st.integers()
            | st.text()
            | st.just(ID)
            | st.dictionaries(st.text(), st.integers()),
        ).map(lambda rest: {**base, **rest})
    )
)
def test_half_right_frames_are_refused_or_read(frame: dict[str, object]) -> None:
    """Frames that look like ours but are not raise nothing but Refused."""
    try:
        decode(read_json(json.dumps(frame)), CUSTOMER_FRAMES)
    except Refused as refused:
        assert refused.code in ErrorCode
