"""Where a Chromium is, for the browser tests and for those who install one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")


def find() -> "str | None":
    """The path of a Chromium that starts: the one in CHROMIUM, else the first on the PATH."""
    for candidate in (os.environ.get("CHROMIUM"), *NAMES):
        path = shutil.which(candidate) if candidate else None
        # Some systems put a script there that only says how to install the real one.
        if path and _starts(path):
            return path
    return None


def managed() -> bool:
    """Whether Playwright has downloaded one of its own."""
    default = "~/Library/Caches/ms-playwright" if sys.platform == "darwin" else "~/.cache/ms-playwright"
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or default).expanduser()
    return any(folder.glob("chromium*/INSTALLATION_COMPLETE"))


def _starts(path: str) -> bool:
    try:
        shown = subprocess.run([path, "--version"], capture_output=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return shown.returncode == 0
