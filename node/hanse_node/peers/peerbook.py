"""Where the other members' nodes are."""

from collections.abc import Callable
from pathlib import Path

from hanse_ledger.values.types import MemberId
from hanse_node.base.folder import read_folder
from hanse_node.peers.collecting import Peer
from hanse_node.signing.tlscertificates import TlsCertificates


class PeerBook:
    """Where the other members' nodes are, as `node.toml` says now: another member is met without a stop.

    Whoever was expelled is asked nothing any more, though his address stands there still.
    """

    def __init__(self, folder: Path, certificates: TlsCertificates, may: Callable[[MemberId], bool]) -> None:
        """Prepare to tell.

        Args:
            folder: the node's folder.
            certificates: by which peers are believed.
            may: tells whether a member's node may be asked, and may ask.
        """
        self._folder, self._certificates, self._may = folder, certificates, may
        self._known: dict[MemberId, Peer] = {}
        self._generation = 0

    def __call__(self) -> dict[MemberId, Peer]:
        """Read the settings. Raises CannotStart, OSError."""
        urls = {name: url for name, url in read_folder(self._folder)[0].peers.items() if self._may(name)}
        self._certificates.look()
        generation = self._certificates.generation
        kept = self._known if generation == self._generation else {}
        self._known = {
            name: kept[name] if name in kept and kept[name].url == url else Peer(url, self._certificates.client(name))
            for name, url in urls.items()
        }
        self._generation = generation
        return self._known
