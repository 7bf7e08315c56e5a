"""The members' keys of tags in a node's folder."""

from pathlib import Path

from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.with_node.nodeerrors import node_errors
from hanse_client.base.errors import InvalidInput
from hanse_client.home.tagkeys import load_key
from hanse_client.resources.tagepochs import sealed_key
from hanse_documents.semantics.epochkeys import EpochKey, open_as_node
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.wire.membership import Parameters
from hanse_node.base.folder import read_folder, read_keys
from hanse_node.signing.tagbook import TagBook


def keep_key(folder: Path, key: EpochKey) -> Path:
    """Put a key into a node's folder; give where it lies.

    Raises:
        WouldOverwrite: the epoch has one.
        InvalidInput: it cannot be written.
        NodeFailed: it is no node's folder.
    """
    with node_errors():
        read_folder(folder)
    book = TagBook(folder)
    try:
        return book.keep(key)
    except FileExistsError as error:
        raise WouldOverwrite(book.path(key.epoch)) from error
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be written: {error.strerror}.", "Check its rights.") from error


def open_key(folder: Path, parameters: Parameters, epoch: int) -> EpochKey:
    """Open the key of an epoch that is sealed to the node in a folder, without writing anything.

    Raises:
        InvalidInput: none is, or it is not the one to which the members commit.
        NodeFailed: it is no node's folder.
    """
    with node_errors():
        config, _ = read_folder(folder)
        keys = read_keys(folder)
    stated, box = sealed_key(parameters, epoch, config.cosigner)
    try:
        return open_as_node(stated, box, keys.cosigning)
    except ProofInvalid as error:
        raise InvalidInput(f"The key cannot be used: {error}.", "Vote against it, or have it sealed anew.") from error


def kept_key(folder: Path, parameters: Parameters, epoch: int) -> EpochKey:
    """Give the key of an epoch that lies in a node's folder, or else the one that is sealed to the node.

    Raises:
        InvalidInput, NodeFailed: as `open_key`; or the file cannot be read, or is another key than the members'.
    """
    path = TagBook(folder).path(epoch)
    return load_key(path) if path.exists() else open_key(folder, parameters, epoch)
