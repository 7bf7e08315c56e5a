"""What stands in a home folder while a key ring is put into it: no client opens one that is half recovered."""

from pathlib import Path

from hanse_client.base.errors import SetupError

MARKER = "recovering"


def need_whole(home: Path) -> None:
    """Insist that no ring was put into a home folder in part. Raises SetupError."""
    if (home / MARKER).exists():
        raise SetupError(
            f"A key ring was being recovered into {home}, and that was interrupted.",
            "Run the same command again: hanse key recover, or hanse key move receive, with the same file.",
        )
