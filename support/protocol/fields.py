"""The field types that frames are made of."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from support import limits


class Frame(BaseModel):
    """A value on the wire: unknown fields and wrong types are refused, never coerced."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


UUID_PATTERN = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
Uuid = Annotated[str, StringConstraints(pattern=UUID_PATTERN)]
# A customer names rooms by UUIDs of its own making; staff name them by the server's number.
RoomName = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{1,36}$")]
Seq = Annotated[int, Field(ge=0, le=limits.MAX_INTEGER)]
# At least one character that is not white space: a blank message is no message.
Body = Annotated[str, StringConstraints(pattern=r"\S", max_length=limits.MESSAGE_CHARACTERS)]
Milliseconds = Annotated[int, Field(ge=0, le=limits.MAX_INTEGER, description="Since the epoch, UTC")]
Heads = Annotated[dict[RoomName, Seq], Field(max_length=limits.OPEN_ROOMS + limits.SNAPSHOT_ROOMS)]
Marks = Annotated[dict[RoomName, Seq], Field(min_length=1, max_length=limits.DELIVERED_ROOMS)]

EntryKind = Literal["text", "note", "assignment", "status"]
RoomStatus = Literal["open", "resolved"]
RoomView = Literal["mine", "unassigned", "all", "resolved"]
AgentState = Literal["online", "away", "offline"]
