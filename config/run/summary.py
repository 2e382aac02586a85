"""What `make run` prints: plain lines while it starts, then where to go."""

import os
import sys
from pathlib import Path
from typing import Any

from config.run.options import Options


def progress(line: str) -> None:
    print(f"  - {line}", flush=True)


def summary(options: Options, demo: dict[str, Any]) -> str:
    """Addresses and logins, on one screen."""
    url = options.url
    rows = [
        ("Demo shop", f"{options.shop_url}/", "write here as a customer"),
        ("Inbox", f"{url}/inbox/", "answer here as alice or bob"),
        ("Admin", f"{url}/admin/", "read transcripts here as grace"),
        ("Chat page", f"{url}/chat/{demo['site_key']}", "the same chat as a page of its own"),
    ]
    width = max(len(address) for _, address, _ in rows)
    lines = [f"  {name:11}{bold(address)}{'':{width - len(address)}}   {what}" for name, address, what in rows]
    return "\n".join(["", bold("  Porchlight is on."), "", *lines, "", *logins(demo["logins"]), "", STOP, ""])


STOP = "  Ctrl-C stops everything and keeps the data."


def logins(people: list[dict[str, str | None]]) -> list[str]:
    """One line for those who still have the demo password, one for those who have changed it."""
    password = next((person["password"] for person in people if person["password"]), None)
    demo = [str(person["username"]) for person in people if person["password"]]
    changed = [str(person["username"]) for person in people if not person["password"]]
    lines = [f"  {'Sign in':11}{', '.join(demo)}   password {bold(password)}"] if password else []
    return lines + ([f"  {'':11}{', '.join(changed)}   with the password you set"] if changed else [])


def shown(path: Path) -> str:
    """A path as the user would type it from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def bold(text: str) -> str:
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text
