"""Getting CometBFT: built by Go from its published source, at the version that Hanse was tested with."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from platformdirs import user_data_path

from hanse_io.durable import replace_durably
from hanse_ledger.values.jsonform import encode_json
from hanse_node.base.errors import CannotStart
from hanse_node.comet.program.binary import MODULE, PIN, VERSION, Program, check_program, check_rights, look_at, pin

PROGRAM = f"{MODULE}/cmd/cometbft"
BUILD_SECONDS = 900

PROGRAMS = user_data_path("hanse", appauthor=False) / "bin"
"""Where a user's nodes find the binary."""


def install(target: Path | None = None, source: Path | None = None) -> tuple[Path, Program]:
    """Put the engine's binary into a folder, check what it is, and note it there.

    Args:
        target: the folder; by default that in which this user's nodes look.
        source: a binary that is there already; without one it is built, which needs Go and a network.

    Returns:
        The binary, and what it is.

    Raises:
        CannotStart: there is no Go, the build fails, or the binary is another version.
    """
    target = PROGRAMS if target is None else target
    # Made beside, judged, then moved: what is there already stays until then, also for who runs it.
    beside, placed = target / "new" / "cometbft", target / "cometbft"
    try:
        beside.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if source is None:
            _build(beside.parent.absolute())
        else:
            shutil.copyfile(source, beside)
        found = look_at(beside)
        if found.version != VERSION:
            raise CannotStart(
                f"{source or placed} is CometBFT {found.version}, not {VERSION}", "Bring that version, or have it built"
            )
        beside.chmod(0o755)
        check_rights(beside)
        os.replace(beside, placed)
        check_rights(placed)
        replace_durably(target / PIN, encode_json(found))
    except OSError as error:
        raise CannotStart(f"{error.filename or placed} cannot be used: {error.strerror}", "Name another") from error
    finally:
        shutil.rmtree(beside.parent, ignore_errors=True)
    return placed, found


def pin_found(folder: Path, named: str) -> tuple[Path, Program]:
    """Let a node run the binary that it finds now, whatever it ran before. Raises CannotStart.

    Args:
        folder: the node's.
        named: `program` of its settings.
    """
    home = folder / "comet"
    program = find_program(named, home)
    if program is None:
        raise CannotStart("CometBFT is not installed", "Run: hanse engine install")
    check_rights(program)
    found = look_at(program)
    pin(found, home)
    return program, found


def checked_program(named: str, home: Path) -> Path:
    """Find the binary, and insist that it is the one that the node runs: see `binary`. Raises CannotStart."""
    program = find_program(named, home)
    if program is None:
        raise CannotStart("CometBFT is not installed", "Run `hanse engine install`, or name it: `program` in [comet]")
    check_program(program, home)
    return program.resolve()


def find_program(named: str, home: Path | None) -> Path | None:
    """Find the binary: as the settings name it, else in the engine's own folder, the user's, or on the PATH."""
    places = (*(() if home is None else (str(home),)), str(PROGRAMS), None)
    found = named or next(filter(None, (shutil.which("cometbft", path=place) for place in places)), None)
    return Path(found) if found else None


def _build(target: Path) -> None:
    try:
        subprocess.run(  # noqa: S603 (a fixed module at a fixed version)
            [_go(), "install", f"{PROGRAM}@{VERSION}"],
            env={**os.environ, "GOBIN": str(target), "GOFLAGS": ""},
            capture_output=True,
            text=True,
            check=True,
            timeout=BUILD_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        last = (error.stderr or "").strip().splitlines()[-1:]
        raise CannotStart(
            f"CometBFT cannot be built: {' '.join(last)}", "Check the network, and Go's version"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise CannotStart("building CometBFT took too long", "Try again; what was downloaded is kept") from error


def _go() -> str:
    # The extra `engine` brings Go into the environment in which this program runs.
    compiler = shutil.which("go") or shutil.which("go", path=Path(sys.executable).parent)
    if compiler is None:
        raise CannotStart(
            "There is no Go here",
            "Run: pip install 'hanse[engine]'; or install Go 1.24, or bring a binary of CometBFT and name it: --from",
        )
    return compiler
