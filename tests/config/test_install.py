"""Installing what is missing: what is there is recognised, and what fails is said in one line."""

import subprocess
import sys
from pathlib import Path

import pytest

from config.run import browser, install

ROOT = Path(__file__).resolve().parents[2]


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_versions_are_read_and_compared(folder: Path) -> None:
    assert install.version([str(program(folder, "node", "echo v20.19.4")), "--version"]) == (20, 19)
    assert install.version([str(folder / "missing")]) < (0, 1)
    assert install.version([str(program(folder, "broken", "echo 99.9; exit 3"))]) < (0, 1)


def test_a_failure_is_told_in_the_programs_own_words(folder: Path) -> None:
    """The line that names the error, not the progress around it."""
    broken = program(folder, "npm", "echo fetching; echo 'error: no network'; echo done; exit 1")
    with pytest.raises(install.MissingError, match=r"^The Node packages could not be installed: error: no network"):
        install.run([str(broken), "ci"], "The Node packages")
    with pytest.raises(install.MissingError, match=r"^uv could not be installed: /nowhere/uv: No such file"):
        install.run(["/nowhere/uv"], "uv")


def test_a_chromium_that_only_advertises_itself_is_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ubuntu's `chromium-browser` may be a script that says how to install a snap."""
    program(folder, "chromium-browser", "echo 'install the snap' >&2; exit 1")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CHROMIUM", raising=False)
    assert browser.find() is None
    real = program(folder, "google-chrome", "echo 'Google Chrome 150'")
    assert browser.find() == str(real)
    monkeypatch.setenv("CHROMIUM", str(program(folder, "mine", "echo 'Chromium 150'")))
    assert browser.find() == str(folder / "mine")


def test_it_runs_before_anything_is_installed() -> None:
    """Nothing it imports may come from `.venv`, which it is about to make."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import config.run.install"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
