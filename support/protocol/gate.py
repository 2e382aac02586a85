"""The gate in front of every frame: what passes it is plain JSON that PostgreSQL can store."""

import json
import re
import unicodedata
from typing import Any, NoReturn, TypeVar

from pydantic import TypeAdapter, ValidationError

from support import limits
from support.protocol.codes import ErrorCode, Refused

_Frame = TypeVar("_Frame")
# Control characters but newline and tab, and lone surrogates: nothing a person types, and PostgreSQL refuses some.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\ud800-\udfff]")


def read_json(text: str) -> dict[str, Any]:
    """The JSON object in `text`, clean and in NFC; raises Refused for anything that is not one of ours to read."""
    return clean(parse_json(text))


def parse_json(text: str) -> dict[str, Any]:
    """The JSON object in `text`; its strings are not yet fit to be stored."""
    if len(text) > limits.FRAME_BYTES or len(text.encode("utf-8", "surrogatepass")) > limits.FRAME_BYTES:
        raise Refused(ErrorCode.TOO_BIG, f"A frame may have {limits.FRAME_BYTES} bytes.", limit="frame_bytes")
    _check_depth(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_integer, parse_float=_number
        )
    except ValueError:
        raise Refused(ErrorCode.NOT_JSON) from None
    if not isinstance(value, dict):
        raise Refused(ErrorCode.BAD_FRAME, "A frame is a JSON object.")
    return value


def clean(frame: dict[str, Any]) -> dict[str, Any]:
    """The frame with its text in NFC; raises Refused for characters that PostgreSQL does not store or nobody types."""
    cleaned: dict[str, Any] = _clean(frame)
    return cleaned


def client_id_of(frame: dict[str, Any]) -> str | None:
    """The frame's client_id as far as an answer can repeat it, whatever else is wrong with the frame."""
    value = frame.get("client_id")
    return value if isinstance(value, str) and len(value) <= 64 and not _UNSTORABLE.search(value) else None


def decode(frame: dict[str, Any], frames: TypeAdapter[_Frame]) -> _Frame:
    """The frame as its model; raises Refused naming the first field that is wrong."""
    try:
        return frames.validate_python(frame)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_input=False)[0]
        if first["type"] in ("union_tag_invalid", "union_tag_not_found"):
            raise Refused(ErrorCode.UNKNOWN_TYPE) from None
        if first["type"] == "string_too_long" and first["loc"][-1] == "body":
            raise Refused(
                ErrorCode.TOO_BIG,
                f"A message may have {limits.MESSAGE_CHARACTERS} characters.",
                limit="message_characters",
            ) from None
        where = ".".join(str(part) for part in first["loc"][1:])
        raise Refused(ErrorCode.BAD_FRAME, f"{where}: {first['msg']}") from None


def _check_depth(text: str) -> None:
    # Before json.loads, which would recurse: brackets inside strings do not count.
    depth = 0
    for bracket in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text):
        match bracket.group():
            case "[" | "{":
                depth += 1
                if depth > limits.JSON_DEPTH:
                    raise Refused(ErrorCode.TOO_DEEP, f"A frame may be nested {limits.JSON_DEPTH} deep.")
            case "]" | "}":
                depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("duplicate key")
    return result


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_text(key): _clean(item) for key, item in value.items()}
    return value


def _text(value: str) -> str:
    if _UNSTORABLE.search(value.replace("\r\n", "\n")):
        raise Refused(ErrorCode.BAD_TEXT)
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n"))


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > limits.MAX_INTEGER:
        raise ValueError("integer too large")
    return int(digits)


def _number(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise ValueError("number too large")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
