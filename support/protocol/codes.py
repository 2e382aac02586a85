"""The one table of errors and close codes, used by server, client and docs."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class ErrorCode(StrEnum):
    NOT_JSON = "not_json"
    BINARY = "binary"
    TOO_BIG = "too_big"
    TOO_DEEP = "too_deep"
    BAD_TEXT = "bad_text"
    BAD_FRAME = "bad_frame"
    UNKNOWN_TYPE = "unknown_type"
    HELLO_FIRST = "hello_first"
    TOO_FAST = "too_fast"
    NO_SUCH_ROOM = "no_such_room"
    NOT_ALLOWED = "not_allowed"
    CLIENT_ID_REUSED = "client_id_reused"
    ALREADY_OWNED = "already_owned"
    NOT_CHANGED = "not_changed"
    TOO_MANY_ROOMS = "too_many_rooms"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"
    NO_SUCH_SITE = "no_such_site"
    NO_SUCH_SOCKET = "no_such_socket"
    BAD_ORIGIN = "bad_origin"
    BAD_TOKEN = "bad_token"


@dataclass(frozen=True, slots=True)
class Meaning:
    """`retry`: sending the same thing again later can succeed. `http`: the status where it is answered over HTTP."""

    says: str
    retry: bool = False
    http: int = 400


MEANINGS: dict[ErrorCode, Meaning] = {
    ErrorCode.NOT_JSON: Meaning("The frame is not valid JSON (RFC 8259: no duplicate keys, no NaN or Infinity)."),
    ErrorCode.BINARY: Meaning("Only text frames are understood."),
    ErrorCode.TOO_BIG: Meaning("The frame or the message is larger than the limit.", http=413),
    ErrorCode.TOO_DEEP: Meaning("The frame is nested deeper than the limit."),
    ErrorCode.BAD_TEXT: Meaning(
        "The text has characters that cannot be stored: NUL, lone surrogates or control characters."
    ),
    ErrorCode.BAD_FRAME: Meaning("A field of the frame is missing, unknown or of the wrong type.", http=422),
    ErrorCode.UNKNOWN_TYPE: Meaning("There is no such type of frame for this connection."),
    ErrorCode.HELLO_FIRST: Meaning("The first frame must be `hello`."),
    ErrorCode.TOO_FAST: Meaning(
        "More than the limit allows. Try again after `retry_after` seconds.", retry=True, http=429
    ),
    ErrorCode.NO_SUCH_ROOM: Meaning("There is no such conversation for you.", http=404),
    ErrorCode.NOT_ALLOWED: Meaning("Your role does not allow this.", http=403),
    ErrorCode.CLIENT_ID_REUSED: Meaning("This client_id was already used for another message.", http=409),
    ErrorCode.ALREADY_OWNED: Meaning("Somebody else took the conversation first.", http=409),
    ErrorCode.NOT_CHANGED: Meaning("The conversation is already in that state.", http=409),
    ErrorCode.TOO_MANY_ROOMS: Meaning("Too many conversations are open on this connection."),
    ErrorCode.UNAVAILABLE: Meaning(
        "The server cannot tell right now. Send it again: nothing is doubled.",
        retry=True,
        http=503,
    ),
    ErrorCode.INTERNAL: Meaning(
        "The server failed at this frame. Send it again: nothing is doubled.", retry=True, http=500
    ),
    ErrorCode.NO_SUCH_SITE: Meaning("There is no site with this key.", http=404),
    ErrorCode.NO_SUCH_SOCKET: Meaning("There is no socket at this address.", http=404),
    ErrorCode.BAD_ORIGIN: Meaning(
        "This page may not talk to this site: its origin is not in the allow-list.", http=403
    ),
    ErrorCode.BAD_TOKEN: Meaning("The token is missing, expired, forged or another site's.", http=401),
}


class CloseCode(IntEnum):
    """Whether a client comes back by itself: below 4000 and from 4100 yes, from 4000 to 4099 no."""

    TOO_BIG = 1009
    GOING_AWAY = 1012
    NOT_SIGNED_IN = 4001
    NOT_ALLOWED = 4003
    REPLACED = 4010
    TOO_FAST = 4108
    TOO_SLOW = 4109
    SILENT = 4110
    NO_HELLO = 4111


CLOSE_MEANINGS: dict[CloseCode, str] = {
    CloseCode.TOO_BIG: "A frame was larger than the server reads at all; the text of such a size is refused before.",
    CloseCode.GOING_AWAY: "The server restarts; come back after a moment.",
    CloseCode.NOT_SIGNED_IN: "The token or session is no longer valid; fetch a new one first.",
    CloseCode.NOT_ALLOWED: "The right to be here was taken away.",
    CloseCode.REPLACED: "Another connection took this one's place.",
    CloseCode.TOO_FAST: "The connection kept sending after it was refused.",
    CloseCode.TOO_SLOW: "The connection did not take what was sent to it.",
    CloseCode.SILENT: "The connection did not answer heartbeats.",
    CloseCode.NO_HELLO: "The connection did not say hello in time.",
}


class Refused(Exception):
    """A verb's answer when it does nothing: a code from the table, and what the client may show with it."""

    def __init__(
        self, code: ErrorCode, detail: str = "", *, retry_after: float | None = None, limit: str | None = None
    ) -> None:
        super().__init__(f"{code}: {detail or MEANINGS[code].says}")
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
        self.limit = limit
