"""The members' keys of tags that this node has: a file an epoch in its folder, `tags/`, mode 0600.

The key of an epoch whose members have voted for it comes sealed to this node, and is put there when it is first looked
for; it stays there when its epoch has passed. Of other epochs the operator puts it there (`hanse tag keep`).
"""

from collections.abc import Callable
from pathlib import Path

from hanse_documents.semantics.epochkeys import KEY_BYTES, EpochKey, read_key, verify_key, write_key
from hanse_io.durable import open_to_others, read_bounded, write_durably
from hanse_ledger.values.errors import Malformed, OtherRelease, ProofInvalid
from hanse_ledger.wire.membership import Parameters
from hanse_ledger.wire.tagkeys import TagKey
from hanse_node.base.errors import NodeError

FOLDER = "tags"

Open = Callable[[TagKey], EpochKey | None]
"""Opens what is sealed to this node; nil where nothing is. Raises ProofInvalid where it does not hold."""


class KeyMissing(NodeError):
    """This node has not the key of an epoch in use, or cannot read it."""


class KeyDiffers(NodeError):
    """What this node has as the key of an epoch is not the one for which the members have voted."""


class TagBook:
    """Reads the keys anew each time: they are few, and one that comes is taken up without a stop."""

    def __init__(self, folder: Path, unseal: Open = lambda _: None) -> None:
        """Read them in a node's folder; `unseal` opens those that are sealed to it."""
        self._folder, self._open = folder / FOLDER, unseal

    def keys(self, parameters: Parameters) -> list[EpochKey]:
        """Give the keys of the epochs in use.

        Raises:
            KeyMissing: there is none of one of them.
            KeyDiffers: one is not the members'.
        """
        if not parameters.tag_epochs:
            raise KeyMissing("no epoch of tags is in use")
        stated = {key.epoch: key for key in parameters.tag_keys}
        return [self._verified(epoch, stated.get(epoch)) for epoch in parameters.tag_epochs]

    def take_up(self, parameters: Parameters) -> None:
        """Put the keys there that are sealed to this node, so that they stay when their epochs have passed.

        Raises:
            KeyDiffers: one is not the members'.
            OSError: one cannot be written.
        """
        differs: KeyDiffers | None = None
        for stated in parameters.tag_keys:
            if not self.path(stated.epoch).exists():
                try:
                    self._take(stated)
                except KeyDiffers as error:  # that of the other epoch is kept all the same
                    differs = differs or error
        if differs is not None:
            raise differs

    def keep(self, key: EpochKey) -> Path:
        """Put a key there, durably. Raises FileExistsError where that epoch has another one, and OSError."""
        path = self.path(key.epoch)
        write_durably(path, write_key(key), replace=False)
        return path

    def _verified(self, epoch: int, stated: TagKey | None) -> EpochKey:
        """Give the key of an epoch, if it is the one that the members state."""
        if stated is not None and not self.path(epoch).exists():
            try:
                self._take(stated)
            except OSError as error:
                raise KeyMissing(f"the key of epoch {epoch} cannot be kept: {error.strerror}") from error
        key = self._read(epoch)
        if stated is not None:
            try:
                verify_key(stated, key)
            except ProofInvalid as error:
                raise KeyDiffers(f"{self.path(epoch).name}: {error}") from error
        return key

    def _take(self, stated: TagKey) -> None:
        """Open what is sealed to this node, if anything, and keep it. Raises KeyDiffers, and OSError."""
        try:
            key = self._open(stated)
        except ProofInvalid as error:
            raise KeyDiffers(f"what is sealed to this node: {error}") from error
        if key is not None:
            try:
                self.keep(key)
            except FileExistsError:
                return  # another thread was first; what lies there is verified as it is read

    def _read(self, epoch: int) -> EpochKey:
        path = self.path(epoch)
        try:
            data, exposed = read_bounded(path, KEY_BYTES), open_to_others(path)
            key = read_key(data)
        except FileNotFoundError as error:
            raise KeyMissing(f"this node has not the key of epoch {epoch}") from error
        except OSError as error:
            raise KeyMissing(f"the key of epoch {epoch} cannot be read: {error.strerror}") from error
        except (Malformed, OtherRelease) as error:
            raise KeyMissing(f"the key of epoch {epoch} cannot be read: it is damaged") from error
        if exposed or key.epoch != epoch:
            raise KeyMissing(f"the key of epoch {epoch} is open to other users, or of another epoch")
        return key

    def path(self, epoch: int) -> Path:
        """Say where the key of an epoch lies."""
        return self._folder / f"{epoch}.key"
