"""Every number a user can run into, each with its reason. A leaf: imports nothing of ours."""

from typing import Final

# A frame is a message of 4,000 characters of up to four bytes each, with room for its envelope.
FRAME_BYTES: Final = 16 * 1024
# What the server itself refuses, before our gate can answer politely.
SOCKET_FRAME_BYTES: Final = 64 * 1024
# About a printed page; longer texts belong in a file.
MESSAGE_CHARACTERS: Final = 4_000
# Deeper than any frame of ours; a bomb of brackets stops here.
JSON_DEPTH: Final = 8
# What every JavaScript client can represent exactly.
MAX_INTEGER: Final = 2**53

# A fast typist sends a message every few seconds; a pasted burst of ten still passes.
MESSAGES: Final = 10
MESSAGES_WINDOW_SECONDS: Final = 10.0
# Typing, receipts, syncs and heartbeats of a client with many rooms open stay well below this.
FRAMES: Final = 60
FRAMES_WINDOW_SECONDS: Final = 10.0
# Refusals of any kind; a client that goes on through more of them is closed as a flood.
REFUSALS: Final = 50
REFUSALS_WINDOW_SECONDS: Final = 60.0

# One page of a room's entries: two screens of a conversation.
PAGE_ENTRIES: Final = 50
# What one frame with a page of anything weighs, if it is more than one thing: a phone shows the first page sooner, and
# Daphne sends nothing that is larger than what it takes.
PAGE_BYTES: Final = 48 * 1024
# Customers a welcome to an agent names as being here; a page of the list says it of its own rows.
WELCOME_CUSTOMERS: Final = 300
# A client further behind gets a fresh snapshot: cheaper for both than replaying.
SYNC_ENTRIES: Final = 500
# One page of the inbox' list.
PAGE_ROOMS: Final = 50
# Rooms a customer's welcome carries, the last active first; others follow when something happens in them.
SNAPSHOT_ROOMS: Final = 3
# Rooms one agent's connection can have open: tabs a person can look at.
OPEN_ROOMS: Final = 20
# Rooms one `delivered` can speak of: those that are open, and a page of the list.
DELIVERED_ROOMS: Final = 100

HEARTBEAT_SECONDS: Final = 5.0
# How often it is looked whether those who are connected still may be: a right that ended ends within two seconds.
RIGHTS_SECONDS: Final = 1.5
# Without a frame for this long the client is gone: six missed answers. It is noticed at the next heartbeat, and so
# within the forty seconds that are promised.
CLIENT_SILENCE_SECONDS: Final = 30.0
# Units of database work that may wait for the sockets' threads of one process: more cannot be served in time anyway.
UNITS_WAITING: Final = 5_000
# What the database has not answered by then is refused, to be sent again: people hear of a fault within five seconds.
ANSWER_SECONDS: Final = 4.0
# A client that does not take a frame for this long is closed as too slow.
SEND_SECONDS: Final = 10.0
# One that is too slow is not likely to take the close either.
CLOSE_SECONDS: Final = 1.0
# Sent to a client and not known to have arrived: a few times what a fast line holds. Beyond it hints are left out.
WINDOW_BYTES: Final = 1024 * 1024
# Answers go out all the same, up to here: as many as a client can ask for in the time it is given.
OUTLET_BYTES: Final = 4 * 1024 * 1024
# A client whose window stays full for this long does not read.
STUCK_SECONDS: Final = 2 * SEND_SECONDS
# Beats that are remembered one by one for a client that sends, but never answers them.
HEARTBEATS_UNANSWERED: Final = 100
# A client that has not answered a close by then is cut off.
ABORT_SECONDS: Final = 5.0
# What waits to be handled: more than a client can send in half a minute without being refused.
INTAKE_FRAMES: Final = 256
INTAKE_BYTES: Final = 2 * 1024 * 1024
# Hints that wait for one connection: what a busy site publishes while one frame is being sent. What is beyond that is
# dropped and read anew later.
MAILBOX_EVENTS: Final = 1_000
MAILBOX_BYTES: Final = 1024 * 1024
# Fresh state for a connection that missed something: spread over this time, so that the connections of a process do not
# all read at once, and no sooner than this after the last.
REFRESH_SPREAD_SECONDS: Final = 2.0
REFRESH_SECONDS: Final = 5.0
# The first frame must be `hello`, soon: an idle stranger costs a socket.
HELLO_SECONDS: Final = 10.0

# A customer who comes back within this time is still the same customer.
CUSTOMER_TOKEN_SECONDS: Final = 180 * 24 * 3600

# One short sentence, as the list shows it.
PREVIEW_CHARACTERS: Final = 120
# Longest name shown of anybody.
NAME_CHARACTERS: Final = 80
# RFC 6454 origins are short; a longer header is an attack.
ORIGIN_BYTES: Final = 255
