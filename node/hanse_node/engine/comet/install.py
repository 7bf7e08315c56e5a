"""Getting CometBFT: built by Go from its published source, at the version that Hanse was tested with."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from platformdirs import user_data_path

from hanse_node.errors import CannotStart

VERSION = "v0.38.25"
MODULE = "github.com/cometbft/cometbft"
PROGRAM = f"{MODULE}/cmd/cometbft"
BUILD_SECONDS = 900

PROGRAMS = user_data_path("hanse", appauthor=False) / "bin"
"""Where a user's nodes find the binary."""


def install(target: Path | None = None, source: Path | None = None) -> tuple[Path, str]:
    """Put the engine's binary into a folder, and check what it is.

    Args:
        target: the folder; by default that in which this user's nodes look.
        source: a binary that is there already; without one it is built, which needs Go and a network.

    Returns:
        The binary, and the version from which it was built.

    Raises:
        CannotStart: there is no Go, the build fails, or the binary is another version.
    """
    target = PROGRAMS if target is None else target
    target.mkdir(parents=True, exist_ok=True)
    placed = target / "cometbft"
    if source is None:
        _build(target.absolute())
    else:
        try:
            shutil.copy2(source, placed)
        except OSError as error:
            raise CannotStart(f"{source} cannot be copied: {error.strerror}", "Name the binary of CometBFT") from error
    found = built_version(placed)
    if found != VERSION:
        raise CannotStart(f"{placed} is CometBFT {found}, not {VERSION}", "Bring that version, or let it be built")
    return placed, found


def find_program(named: str, home: Path) -> Path | None:
    """Find the binary: as the settings name it, else in the engine's own folder, the user's, or on the PATH."""
    places = (str(home), str(PROGRAMS), None)
    found = named or next(filter(None, (shutil.which("cometbft", path=each) for each in places)), None)
    return Path(found) if found else None


def built_version(program: Path) -> str:
    """Tell from which version a binary was built: what Go wrote into it, for the program's own words are stale.

    Raises:
        CannotStart: there is no Go to ask, or it is no binary of CometBFT.
    """
    try:
        said = subprocess.run(  # noqa: S603 (Go's own tool, on a file)
            [_go(), "version", "-m", str(program)],
            capture_output=True,
            text=True,
            check=True,
            timeout=BUILD_SECONDS,
        ).stdout
    except (subprocess.SubprocessError, OSError) as error:
        raise CannotStart(f"{program} is no program that Go has built", "Build it anew") from error
    for line in said.splitlines():
        words = line.split()
        if words[:2] == ["mod", MODULE]:
            return words[2]
    raise CannotStart(f"{program} is no CometBFT", "Build it anew")


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
    found = shutil.which("go") or shutil.which("go", path=Path(sys.executable).parent)
    if found is None:
        raise CannotStart(
            "There is no Go here",
            "Run: pip install 'hanse[engine]'; or install Go 1.24, or bring a binary of CometBFT and name it: --from",
        )
    return found
