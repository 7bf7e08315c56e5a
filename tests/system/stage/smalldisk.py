"""A small disk in memory, mounted where one may. In CI, as root, it is there."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.conftest import give_up


@contextmanager
def small_disk(place: Path, size: str, require_tool: Callable[[str], Path]) -> Iterator[Path]:
    """Mount one of a size such as `24m` in an empty folder that is made."""
    place.mkdir()
    mounted = subprocess.run(
        [require_tool("mount"), "-t", "tmpfs", "-o", f"size={size}", "hanse-test", place],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode != 0:
        give_up(f"needs the right to mount a tmpfs ({mounted.stderr.strip()})")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def fill(disk: Path, *, left: int = 0) -> Path:
    """Fill a disk until so many bytes are left, and give the file that does; its removal makes room."""
    ballast = disk / ".ballast"
    with ballast.open("wb", buffering=0) as file:
        with suppress(OSError):
            while True:
                file.write(bytes(4_096))
        file.truncate(max(0, file.tell() - left))
    return ballast
