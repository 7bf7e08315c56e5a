"""The members' keys of tags: a file of mode 0600 for each epoch (`hanse_documents.semantics.epochkeys`)."""

import os
from collections.abc import Mapping
from pathlib import Path

from hanse_client.base.errors import InvalidInput, SetupError
from hanse_client.base.releases import wrong_release
from hanse_documents.model.errors import DocumentError
from hanse_documents.semantics.epochkeys import KEY_BYTES, EpochKey, read_key
from hanse_documents.semantics.tags import Tagged, tag_text
from hanse_io.durable import open_to_others, read_bounded
from hanse_ledger.kinds.invoice.bodies import Tag
from hanse_ledger.values.errors import Malformed, OtherRelease


def new_key(epoch: int) -> EpochKey:
    """Make the key of a new epoch."""
    return EpochKey(epoch=epoch, key=os.urandom(32))


def load_key(path: Path) -> EpochKey:
    """Read a key.

    Raises:
        SetupError: it cannot be read, or is open to others.
        InvalidInput: it is no key.
    """
    try:
        data, exposed = read_bounded(path, KEY_BYTES), open_to_others(path)
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}.", "Check its name and its rights.") from error
    if exposed:
        raise SetupError(f"{path} is open to other users.", f"Run: chmod 600 {path}")
    try:
        return read_key(data)
    except OtherRelease as error:
        raise wrong_release("The key of tags", error) from error
    except Malformed as error:
        raise InvalidInput(f"{path} is no key of tags: {error}.", "Get it from the member that made it.") from error


def make_tag(key: EpochKey, document: Tagged, seller: Mapping[str, str], buyer: Mapping[str, str]) -> Tag:
    """Make the tag of an invoice between two enrolled identities.

    Raises:
        InvalidInput: one of them has no number that tells whose it is, or the invoice has none.
    """
    try:
        return key.of(tag_text(document, seller, buyer))
    except DocumentError as error:
        raise InvalidInput(f"The invoice cannot be tagged: {error}.", error.action) from error
