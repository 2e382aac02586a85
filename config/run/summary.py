"""What `make run` prints: plain lines while it starts, then where to go."""

import os
import sys
from typing import Any

from config.run.options import Options


def progress(line: str) -> None:
    print(f"  - {line}", flush=True)


def summary(options: Options, demo: dict[str, Any]) -> str:
    """Addresses and logins, on one screen."""
    url, shop = options.url, options.shop_url
    logins = [
        f"  {'':12} {login['username']:8} {login['password'] or '(the password you set)'}" for login in demo["logins"]
    ]
    return "\n".join(
        [
            "",
            bold("  Porchlight is on."),
            "",
            f"  {'Demo shop':12} {bold(shop + '/')}   write here as a customer",
            f"  {'Inbox':12} {bold(url + '/inbox/')}   answer here as alice or bob",
            f"  {'Admin':12} {bold(url + '/admin/')}   transcripts and sites, as grace",
            f"  {'Chat page':12} {url}/chat/{demo['site_key']}",
            "",
            f"  {'Sign in':12} {'name':8} password",
            *logins,
            "",
            f"  {'Logs':12} {options.data_dir / 'logs'}",
            "  Ctrl-C stops everything and keeps the data.",
            "",
        ]
    )


def bold(text: str) -> str:
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text
