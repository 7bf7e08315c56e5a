"""Files of other releases of Hanse: refused by name, with the release that reads them."""

from pathlib import Path

from hanse_client.base.errors import WrongRelease
from hanse_ledger.values.errors import OtherRelease
from hanse_ledger.values.jsonform import need_release


def wrong_release(where: Path | str, error: OtherRelease) -> WrongRelease:
    """Say of a file or an answer that another release reads it."""
    _, _, detail = error.detail.partition(": ")
    return WrongRelease(f"{where} is of another release: {detail}.", "Nothing was changed. See docs/upgrading.md.")


def require_release(path: Path, data: bytes, form: str) -> None:
    """Insist that a file which cannot be read states no other number of its format. Raises WrongRelease."""
    try:
        need_release(data, form, what="file")
    except OtherRelease as error:
        raise wrong_release(path, error) from error
