"""Row 9: the same text many times, and whatever else a client should not send."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg

from tests.faults.cast import SHOP
from tests.faults.raw import RawSocket, customer_token, masked
from tests.faults.row import row
from tests.faults.stage import Stage

CUSTOMERS, TEXTS = 6, 3
# Copies to the one process and to the other.
COPIES = (3, 2)
FUTURE = 10**12


@row(
    9,
    "the same message five times, over two sockets, to two processes",
    tells=(
        "texts sent five times",
        "rows too many",
    ),
)
def repeated(stage: Stage) -> None:
    stage.assemble()
    stage.begin()
    stage.until_fault()
    stage.broken()
    answers: list[list[dict[str, Any]]] = []
    for _ in range(CUSTOMERS):
        answers += _five_times(stage)
    stage.verdict.none("differing acks", [each for each in answers if len({json.dumps(one) for one in each}) != 1])
    stage.verdict.none("acks missing", [each for each in answers if len(each) != sum(COPIES)])
    stage.verdict.add("texts sent five times", len(answers))
    ids = [each[0]["client_id"] for each in answers]
    stage.verdict.add("rows too many", _rows(stage, ids) - len(ids), 0)
    stage.verdict.none("bad input not refused", _bad_input(stage))
    stage.mended()
    stage.settle()
    stage.judge()


def _five_times(stage: Stage) -> list[list[dict[str, Any]]]:
    """A new customer in two tabs; the first text makes the room. Returns each text's acks."""
    first, second = (web.port for web in stage.cluster.webs)
    token = customer_token(first, stage.cast.sites[0].key, SHOP)
    room, found = str(uuid4()), []
    with RawSocket.customer(first, token, SHOP) as here, RawSocket.customer(second, token, SHOP) as there:
        here.hello()
        there.hello()
        with ThreadPoolExecutor(2) as both:
            for count in range(TEXTS):
                frame = {"client_id": str(uuid4()), "room": room, "body": f"five times {count}"}
                tabs = zip((here, there), COPIES, strict=True)
                acks = [both.submit(_copies, tab, frame, copies) for tab, copies in tabs]
                found.append([ack for each in acks for ack in each.result()])
    return found


def _copies(tab: RawSocket, frame: dict[str, Any], copies: int) -> list[dict[str, Any]]:
    text = json.dumps({"type": "message.send", **frame}).encode()
    # In one packet: nothing can come in between.
    tab.socket.sendall(masked(text) * copies)
    return [tab.hear("ack", "error", client_id=frame["client_id"]) for _ in range(copies)]


def _rows(stage: Stage, client_ids: list[str]) -> int:
    with psycopg.connect(stage.servers.database_url) as connection:
        count = "SELECT count(*) FROM support_message WHERE client_id::text = ANY(%s)"
        found = connection.execute(count, [client_ids]).fetchone()
    return int(found[0]) if found else 0


def _bad_input(stage: Stage) -> list[str]:
    """What was answered otherwise than the table of codes says."""
    port = stage.cluster.webs[0].port
    token = customer_token(port, stage.cast.sites[0].key, SHOP)
    foreign, own, wrong = stage.cast.rooms[0][1], str(uuid4()), []
    with RawSocket.customer(port, token, SHOP) as tab:
        tab.say(type="seen", room=own, seq=1)
        wrong += _unless(tab, "hello_first")
        tab.hello()
        once = {"type": "message.send", "client_id": str(uuid4()), "room": own, "body": "once"}
        tab.say(**once)
        tab.hear("ack")
        tab.say(**{**once, "body": "twice"})
        wrong += _unless(tab, "client_id_reused")
        for payload, code in _refused(foreign, own):
            tab.send(payload)
            wrong += _unless(tab, code)
        tab.send(b"\x00\xff", opcode=2)
        wrong += _unless(tab, "binary")
        # From the future: nothing to send but what there is.
        tab.say(type="sync", room=own, after=FUTURE)
        if tab.hear("snapshot", "entries", "error").get("snapshot", {}).get("head") != 1:
            wrong.append("a sync from the future")
        tab.say(type="seen", room=own, seq=FUTURE)
        # A replayed hello is a new beginning.
        tab.say(type="hello", protocol=1)
        seen = tab.hear("welcome", "error").get("rooms", [{}])[0].get("seen")
        if seen not in (0, 1):
            wrong.append(f"a mark from the future is {seen}")
    with RawSocket.customer(port, token, SHOP) as tab:
        tab.hello()
        # Half a frame, and gone.
        tab.socket.sendall(masked(json.dumps(once).encode())[:20])
    with RawSocket.customer(port, token, SHOP) as tab:
        wrong += [] if tab.hello()["type"] == "welcome" else ["no welcome after a frame cut short"]
    return wrong


def _refused(foreign: str, own: str) -> list[tuple[bytes, str]]:
    def text(body: str) -> bytes:
        frame = {"type": "message.send", "client_id": str(uuid4()), "room": own, "body": body}
        return json.dumps(frame, ensure_ascii=False).encode()

    return [
        (b'{"type": "message.send", "cli', "not_json"),
        (b'{"type": "seen", "room": "x", "seq": NaN}', "not_json"),
        (b'{"type": "hello", "type": "hello", "protocol": 1}', "not_json"),
        (b'{"type": ' + b"[" * 40 + b"]" * 40 + b"}", "too_deep"),
        (text("x" * 20_000), "too_big"),
        (
            json.dumps({"type": "message.send", "client_id": str(uuid4()), "room": own, "body": "\0"}).encode(),
            "bad_text",
        ),
        (b'{"type": "message.send", "body": "\\ud800"}', "bad_text"),
        (b'{"type": "room.claim", "client_id": "x", "room": "1"}', "unknown_type"),
        (b'{"type": "seen", "room": 7, "seq": -1}', "bad_frame"),
        (json.dumps({"type": "seen", "room": foreign, "seq": 1}).encode(), "no_such_room"),
        (json.dumps({"type": "sync", "room": foreign, "after": 0}).encode(), "no_such_room"),
        (json.dumps({"type": "typing", "room": foreign, "on": True}).encode(), "no_such_room"),
    ]


def _unless(tab: RawSocket, code: str) -> list[str]:
    answer = tab.hear("error", "ack", "welcome", "entries", "snapshot")
    return [] if answer.get("code") == code else [f"{answer.get('code', answer['type'])} instead of {code}"]
