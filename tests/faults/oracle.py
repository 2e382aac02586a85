"""Oracle: the clients' logs against PostgreSQL, promise by promise."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.faults.record import Record
from tests.faults.verdict import Verdict, percentile

STEADY_SECONDS, RECOVERY_SECONDS = 1.0, 10.0


def judge(record: Record, verdict: Verdict, *, recovery: float = RECOVERY_SECONDS, patience: float = 1.0) -> None:
    """What must hold under every fault."""
    stored_once(record, verdict)
    in_order(record, verdict)
    everybody_agrees(record, verdict)
    in_time(record, verdict, recovery, patience)
    only_their_own(record, verdict)
    nothing_forgotten(record, verdict)


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
    """G2: what each client shows in the end is what PostgreSQL has, in its order."""
    wrong = []
    for name, state in record.states.items():
        part = record.parts[name]
        shown = state["rooms"].get(record.rooms[name][part.kind == "customer"], {"entries": []})["entries"]
        expected = [[seq, row.client_id, row.author, row.body] for seq, row in record.seen_by(part)]
        # A page is shown from where it begins; what is older can be asked for.
        if not shown or shown != expected[-len(shown) :]:
            head = shown[-1][0] if shown else 0
            wrong.append(f"{name} shows up to {head} of {len(expected)}")
    verdict.none("differing lists", wrong)


def in_time(record: Record, verdict: Verdict, recovery: float, patience: float) -> None:
    """G3: everything within a second when nothing is wrong, and within ten of a fault's end."""
    steady, after = [], [0.0]
    for said, shown in delays(record):
        if shown < record.fault or said > record.healed + recovery:
            steady.append(shown - said)
        else:
            after.append(shown - max(said, record.healed))
    answered = [
        answers[0][0] - record.sent[client_id][0]
        for client_id, answers in record.acks.items()
        if client_id in record.sent and record.sent[client_id][0] >= record.began
    ]
    verdict.add("steady p99 s", percentile(steady, 0.99), STEADY_SECONDS * patience)
    verdict.add("recovery s", max(after), recovery * patience)
    verdict.add("ack p50 s", percentile(answered, 0.5))
    verdict.add("ack p99 s", percentile(answered, 0.99))
    again = [seconds for each in record.reconnects.values() for _, seconds in each]
    verdict.add("reconnects", len(again))
    verdict.add("reconnect p99 s", percentile(again, 0.99))


def delays(record: Record) -> Iterator[tuple[float, float]]:
    """For each text and each client that shows it: when it was written and when it was first shown."""
    for name in record.states:
        part, shown = record.parts[name], record.shown[name]
        for seq, row in record.seen_by(part):
            if row.said in record.said and seq in shown and record.said[row.said][0] >= record.began:
                yield record.said[row.said][0], shown[seq]


def only_their_own(record: Record, verdict: Verdict) -> None:
    """G4: no client heard of a room that is not its own, and no customer of a note."""
    foreign = []
    for name, state in record.states.items():
        part, own = record.parts[name], record.own[name]
        foreign += [f"{name} of {room}" for room in state["heard"] if room not in own]
        if part.kind == "customer" and state["kinds"].get("entry:note"):
            foreign.append(f"{name} of a note")
    verdict.none("foreign frames", foreign)


def nothing_forgotten(record: Record, verdict: Verdict) -> None:
    """G8: what somebody wrote is stored, or still in their outbox with the reason."""
    stored = {row.said for log in record.logs.values() for row in log}
    kept = {item["body"].split(maxsplit=1)[0] for state in record.states.values() for item in state["outbox"]}
    gone = [said for said, (_, client) in record.said.items() if client in record.states]
    verdict.none("forgotten", [said for said in gone if said not in stored | kept | record.unsaid])
    verdict.none(
        "unsent",
        [f"{item['code']}: {item['body'][:20]}" for state in record.states.values() for item in state["outbox"]],
    )
