"""Logs: what a server wrote about errors that nobody had thought of."""

import re
from pathlib import Path

# What frameworks and our own last resorts say of an exception that should not have come so far.
UNHANDLED = re.compile(
    r"Exception in ASGI application|never retrieved|frame failed|event \S+ failed|heartbeat failed|handshake failed"
    r"|not announced|Internal Server Error: /|Fatal Python error|Unhandled Error"
)
# Logged with its reason by those who handle it: our leases, the cache, the channel layer's own loop.
EXPECTED = re.compile(r"presence is on hold|Exception ignored|Exception Ignored|exception in receive task")
LINKS = ("During handling of the above", "The above exception was the direct", "Traceback (most recent")


def unhandled(path: Path, start: int) -> list[str]:
    """Each such error since `start`: the line that tells of it, and what was raised in the end."""
    with path.open("rb") as log:
        log.seek(start)
        lines = [line for line in log.read().decode(errors="replace").splitlines() if line.strip()]
    found, said, raised, inside = [], "", "", False
    for line in [*lines, "the end"]:
        if line.strip().startswith(LINKS):
            inside, raised = True, ""
        elif inside and (line.startswith((" ", "\t", "+")) or not raised):
            raised = raised if line.startswith((" ", "\t", "+")) else line
        else:
            if said and (inside or UNHANDLED.search(said)) and not EXPECTED.search(said):
                found.append(f"{said.strip()[:120]}: {raised[:120]}")
            said, raised, inside = line, "", False
    return found
