"""Oracle: the clients' logs against PostgreSQL, promise by promise."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.faults.record import Record, key_of
from tests.faults.verdict import Verdict, percentile

STEADY_SECONDS, RECOVERY_SECONDS = 1.0, 10.0
# A text of the second before the fault may meet it on its way.
ON_ITS_WAY = 1.0
# Bodies are short here: a page holds more entries than this.
LEAST_SHOWN = 20
STAFF_ONLY = ("entry:note", "rooms", "summary", "colleague", "customer.presence", "availability.self")
# Of fewer texts, and of fewer times at which one was shown, nothing can be said.
LEAST = 50


def judge(
    record: Record,
    verdict: Verdict,
    *,
    recovery: float = RECOVERY_SECONDS,
    patience: float = 1.0,
    least: int = LEAST,
) -> None:
    """What must hold under every fault."""
    somebody_wrote(record, verdict, least)
    stored_once(record, verdict)
    in_order(record, verdict)
    everybody_agrees(record, verdict)
    in_time(record, verdict, recovery, patience, least)
    only_their_own(record, verdict)
    nothing_forgotten(record, verdict)


def somebody_wrote(record: Record, verdict: Verdict, least: int) -> None:
    """There was something to lose, in every room."""
    answered = [record.sent[client_id] for client_id in record.acks if client_id in record.sent]
    said = {said for at, said in answered if at >= record.began}
    wrote = {record.rooms[record.said[text][1]][0] for text in said if text in record.said}
    verdict.add("texts too few", max(0, least - len(said)), 0)
    verdict.none("rooms without a text", sorted({number for number, _ in record.rooms.values()} - wrote))


def stored_once(record: Record, verdict: Verdict) -> None:
    """G1: what was acknowledged is there once, with the number that every ack of it named."""
    rows = {(row.client_id): row for log in record.logs.values() for row in log}
    counted = Counter(row.said for log in record.logs.values() for row in log if row.said)
    lost, differing = [], []
    for client_id, answers in record.acks.items():
        if client_id not in rows:
            lost.append(client_id)
            continue
        for _, client, seq in answers:
            part = record.parts.get(client)
            if part and rows[client_id].seq_for(part.kind) != seq:
                differing.append(f"{client}: ack {seq} for {rows[client_id]}")
    verdict.add("acknowledged", len(record.acks))
    verdict.none("lost", lost)
    verdict.none("false acks", differing)
    verdict.none("doubled", [said for said, times in counted.items() if times > 1])
    verdict.none("never written", [said for said in counted if said not in record.said])


def in_order(record: Record, verdict: Verdict) -> None:
    """G2: 1..n without gaps, and each tab's texts as it wrote them."""
    gaps, swapped, across = [], [], 0
    for number, log in record.logs.items():
        public = [row.public_seq for row in log if row.public_seq is not None]
        if [row.seq for row in log] != list(range(1, len(log) + 1)) or public != list(range(1, len(public) + 1)):
            gaps.append(number)
        newest: dict[str, int] = defaultdict(int)
        latest: dict[str, float] = {}
        for row in log:
            if row.said not in record.said:
                continue
            tab, _, count = row.said.partition("#")
            if int(count) < newest[tab]:
                swapped.append(f"{row.said} after #{newest[tab]}")
            newest[tab] = max(newest[tab], int(count))
            at, client = record.said[row.said]
            browser = record.parts[client].browser
            if client not in record.former:
                across += latest.get(browser, at) > at + STEADY_SECONDS
            latest[browser] = max(latest.get(browser, at), at)
    verdict.none("gaps", gaps)
    verdict.none("out of order", swapped)
    verdict.add("tabs crossed", across, 0)


def everybody_agrees(record: Record, verdict: Verdict) -> None:
    """G2: what each client shows in the end is what PostgreSQL has, in its order, and nothing a second time."""
    wrong, twice = [], []
    stored = {row.said for log in record.logs.values() for row in log if row.said}
    for name, state in record.states.items():
        part = record.parts[name]
        room = state["rooms"].get(record.rooms[name][part.kind == "customer"], {"entries": [], "pending": []})
        shown = room["entries"]
        expected = [[seq, row.client_id, row.author, row.body] for seq, row in record.seen_by(part)]
        # A page is shown from where it begins; what is older can be asked for.
        if len(shown) < min(LEAST_SHOWN, len(expected)) or shown != expected[len(expected) - len(shown) :]:
            head = shown[-1][0] if shown else 0
            wrong.append(f"{name} shows {len(shown)} up to {head} of {len(expected)}")
        twice += [f"{name}: {each['body'][:20]}" for each in room["pending"] if key_of(each["body"]) in stored]
    for name, state in record.farewells.items():
        part = record.parts[name]
        expected = [[seq, row.client_id, row.author, row.body] for seq, row in record.seen_by(part)]
        shown = state["rooms"].get(record.rooms[name][part.kind == "customer"], {"entries": []})["entries"]
        # Who had to leave shows what there was until then.
        first = shown[0][0] - 1 if shown else 0
        if shown != expected[first : first + len(shown)]:
            wrong.append(f"{name} left with another list")
    verdict.none("differing lists", wrong)
    verdict.none("shown twice", twice)


def in_time(record: Record, verdict: Verdict, recovery: float, patience: float, least: int) -> None:
    """G3: everything within a second when nothing is wrong, and within ten of a fault's end.

    A text belongs to when it was written: one that comes late is late, and not part of the fault.
    """
    before, during, after, unseen = [], [], [], []
    for said, shown in delays(record):
        if shown is None:
            unseen.append(said)
        elif said < record.fault - ON_ITS_WAY:
            before.append(shown - said)
        elif said > record.healed + recovery:
            after.append(shown - said)
        else:
            during.append(shown - max(said, record.healed))
    # A fault from the first text on has nothing before it.
    wanted = [during, after] + [before] * (record.fault > record.began + ON_ITS_WAY)
    verdict.none("never shown", unseen)
    verdict.add("deliveries too few", sum(max(0, least - len(times)) for times in wanted), 0, [*map(len, wanted)])
    answered = [
        answers[0][0] - record.sent[client_id][0]
        for client_id, answers in record.acks.items()
        if client_id in record.sent and record.sent[client_id][0] >= record.began
    ]
    verdict.add("steady p99 s", percentile(before + after, 0.99), STEADY_SECONDS * patience)
    verdict.add("recovery s", max([0.0, *during]), recovery * patience)
    verdict.add("ack p50 s", percentile(answered, 0.5))
    verdict.add("ack p99 s", percentile(answered, 0.99))
    again = [seconds for each in record.reconnects.values() for _, seconds in each]
    verdict.add("reconnects", len(again))
    verdict.add("reconnect p99 s", percentile(again, 0.99))


def delays(record: Record) -> Iterator[tuple[float, float | None]]:
    """For each text and each client that should show it: when it was written and when it was first shown."""
    for name in record.states:
        part, shown = record.parts[name], record.shown[name]
        for seq, row in record.seen_by(part):
            if row.said in record.said and record.said[row.said][0] >= record.began:
                yield record.said[row.said][0], shown.get(seq)


def only_their_own(record: Record, verdict: Verdict) -> None:
    """G4: no client heard of a room or a customer that is not its own, and no customer of a note or a list."""
    foreign = []
    for name, state in (record.states | record.farewells).items():
        part = record.parts[name]
        foreign += [f"{name} of {room}" for room in state["heard"] if room not in record.own[name]]
        strangers = set(state.get("people", {})) - record.own_people[name]
        foreign += [f"{name} of {ref}" for ref in strangers if ref.startswith("customer:")]
        if part.kind == "customer":
            foreign += [f"{name} of {ref}" for ref in strangers if ref.startswith("agent:")]
            foreign += [f"{name}: {kind}" for kind in STAFF_ONLY if state["kinds"].get(kind)]
    verdict.none("foreign frames", foreign)


def nothing_forgotten(record: Record, verdict: Verdict) -> None:
    """G8: what somebody wrote is stored, or still in their outbox with the reason.

    Tabs of one browser share it: only where none is left nobody can send what was written.
    """
    there = record.states | record.farewells
    stored = {row.said for log in record.logs.values() for row in log}
    kept = {key_of(item["body"]) for state in there.values() for item in state["outbox"]}
    browsers = {record.parts[name].browser for name in there}
    # The version before shared no outbox.
    kin = [name for name, part in record.parts.items() if part.browser in browsers and name not in record.former]
    answerable = {*kin, *there}
    gone = [said for said, (_, client) in record.said.items() if client in answerable]
    verdict.none("forgotten", [said for said in gone if said not in stored | kept | record.unsaid])
    verdict.none(
        "unsent",
        [f"{item['code']}: {item['body'][:20]}" for state in record.states.values() for item in state["outbox"]],
    )


def sent_by_others(record: Record) -> set[str]:
    """Texts that another tab sent than the one that wrote them."""
    sent = [(event.client, key_of(event.rest[2])) for event in record.events if event.what == "sent"]
    return {said for client, said in sent if said in record.said and record.said[said][1] != client}
