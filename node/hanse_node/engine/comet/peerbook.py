"""Where the other members' nodes are."""

from pathlib import Path

from hanse_ledger.types import MemberId
from hanse_node.engine.comet.collecting import Peer
from hanse_node.folder import read_folder
from hanse_node.tls import Certificates


class PeerBook:
    """Where the other members' nodes are, as `node.toml` says now: another member is met without a stop."""

    def __init__(self, folder: Path, certificates: Certificates) -> None:
        self._folder, self._certificates = folder, certificates
        self._known: dict[MemberId, Peer] = {}

    def __call__(self) -> dict[MemberId, Peer]:
        """Read the settings. Raises CannotStart."""
        urls = read_folder(self._folder)[0].peers
        new = {name: url for name, url in urls.items() if name not in self._known or self._known[name].url != url}
        if new:
            self._certificates.look()
        contexts = self._certificates.clients(new)
        self._known = {
            name: Peer(url, contexts[name]) if name in contexts else self._known[name] for name, url in urls.items()
        }
        return self._known
