"""The folder that `hanse demo` leaves: who may be replaced, and what lies where."""

import os
import secrets
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct

from hanse_cli.base.console import format_json, say
from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import write_file
from hanse_cli.demo.cast import NODES, PLAN, make_identities
from hanse_cli.demo.papers import trade_papers
from hanse_cli.folders.corridor import Corridor, make_corridor
from hanse_cli.folders.nodefolder import node_in_use
from hanse_cli.with_node.networks import MadeNetwork, make_network
from hanse_cli.with_node.nodes import create_node
from hanse_cli.with_node.waitingoffices import leave_all_offices, leave_offices
from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput
from hanse_client.home.identity import Identity
from hanse_documents.samples import NAMES, sample
from hanse_io.durable import write_durably
from hanse_ledger.proofs.trustfile import write_trust
from hanse_ledger.wire.genesis import ledger_id

MARK = "demo.json"
"""Stands in every demonstration's folder, from its first moment on: what has it may be replaced by --force."""

UNFINISHED = b"{}\n"

MADE = {
    MARK,
    "node",
    "node.log",
    "nodes",
    "keys",
    "homes",
    "documents",
    "passphrase",
    "trust.json",
    "proof.hanse",
    "tampered.hanse",
    "verify.html",
}
"""All that a demonstration puts into its folder. Beside anything else nothing is deleted."""

MOST_FOLDERS = 1_000


class DemoFolder(Struct, frozen=True):
    """A demonstration's folder and the keys that were made for it; `spares` are the members' second ones."""

    path: Path
    identities: Mapping[str, Identity]
    spares: Mapping[str, Identity]

    @property
    def node(self) -> Path:
        """The node's folder."""
        return self.path / "node"

    @property
    def nodes(self) -> Path:
        """The folders of all nodes, where there are several."""
        return self.path / "nodes"

    @property
    def log(self) -> Path:
        """What the node says while it runs."""
        return self.path / "node.log"

    @property
    def keys(self) -> Path:
        """Everybody's identity files."""
        return self.path / "keys"

    @property
    def homes(self) -> Path:
        """Everybody's home folder, with openings and remembered heads."""
        return self.path / "homes"

    @property
    def documents(self) -> Path:
        """The trade's documents."""
        return self.path / "documents"

    @property
    def passphrase(self) -> Path:
        """The passphrase of all identity files, mode 0600."""
        return self.path / "passphrase"

    @property
    def trust(self) -> Path:
        """The trust file."""
        return self.path / "trust.json"

    @property
    def proof(self) -> Path:
        """The seller's proof."""
        return self.path / "proof.hanse"

    @property
    def tampered(self) -> Path:
        """The proof with one byte changed."""
        return self.path / "tampered.hanse"

    @property
    def page(self) -> Path:
        """The verifier page, with the trust file baked in."""
        return self.path / "verify.html"

    def finish(self, outcome: object) -> None:
        """Note what was shown."""
        write_durably(self.path / MARK, f"{format_json(outcome)}\n".encode())


def prepare_folder(wanted: Path, *, named: bool, force: bool, consortium: bool = False) -> DemoFolder:
    """Make a demonstration's folder: keys, documents, a new ledger and its node.

    Args:
        wanted: where.
        named: the user chose it; otherwise the next free name will do as well.
        force: replace an earlier demonstration there; one that was interrupted is replaced anyway.
        consortium: make several nodes instead of one.

    Raises:
        WouldOverwrite: something stands there that may not be replaced.
    """
    path = _choose(wanted, named=named, force=force)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be made: {error.strerror}.", "Name another folder with --dir.") from error
    write_durably(path / MARK, UNFINISHED)
    made: Corridor | MadeNetwork
    made = make_network(PLAN, path / "nodes", nodes=NODES) if consortium else make_corridor(PLAN, now_ms())
    demo = DemoFolder(path, {**made.identities, **make_identities()}, made.spares)
    passphrase = secrets.token_urlsafe(24)
    write_durably(demo.passphrase, f"{passphrase}\n".encode())
    _save_all(demo, passphrase.encode())
    for name, paper in ({name: sample(name) for name in NAMES} | trade_papers(now_ms())).items():
        write_file(demo.documents / name, paper)
    if isinstance(made, Corridor):
        write_file(demo.trust, create_node(demo.node, made))
        leave_offices(demo.node, ledger_id(made.genesis), made.identities, now_ms())
    else:
        write_file(demo.trust, write_trust(made.genesis))
        leave_all_offices(made, now_ms())
    return demo


def _save_all(demo: DemoFolder, passphrase: bytes) -> None:
    """Save every identity. Deriving a key is slow on purpose, and leaves the interpreter to others meanwhile."""
    workers = ThreadPoolExecutor(os.cpu_count())
    try:
        saved = [
            workers.submit(identity.save, folder / f"{name}.pem", passphrase)
            for folder, made in ((demo.keys, demo.identities), (demo.keys / "spare", demo.spares))
            for name, identity in made.items()
        ]
        for each in saved:
            each.result()
    finally:
        workers.shutdown(cancel_futures=True)


def _unfinished(mark: Path) -> bool:
    """Tell whether a demonstration was interrupted: until it is finished its mark holds nothing."""
    return mark.read_bytes() == UNFINISHED


def _obstacle(folder: Path) -> str | None:
    """Say why an earlier demonstration may not be deleted; nothing if it may."""
    foreign = sorted(entry.name for entry in folder.iterdir() if entry.name not in MADE)
    if foreign:
        return f"it holds {foreign[0]}, which no demonstration made"
    if folder.is_symlink():
        return "it is a symbolic link"
    if any(node_in_use(each) for each in (folder / "node", *folder.glob("nodes/*"))):
        return "a node runs in it"
    return None


def _choose(wanted: Path, *, named: bool, force: bool) -> Path:
    if not wanted.exists() or (wanted.is_dir() and not any(wanted.iterdir())):
        return wanted
    earlier = (wanted / MARK).is_file()
    unfinished = earlier and _unfinished(wanted / MARK)
    if earlier and (force or unfinished):
        obstacle = _obstacle(wanted)
        if obstacle is None:
            if unfinished:
                say(f"{wanted} holds a demonstration that was interrupted. It is replaced.")
            shutil.rmtree(wanted)
            return wanted
        if force:
            raise InvalidInput(
                f"{wanted} is not replaced: {obstacle}.", "Move it away, or name another folder with --dir."
            )
    if named or not earlier:
        action = "Give --force to replace the earlier demonstration." if earlier else "Name an empty folder with --dir."
        raise WouldOverwrite(wanted, action)
    for number in range(2, MOST_FOLDERS):
        beside = wanted.with_name(f"{wanted.name}-{number}")
        if not beside.exists():
            say(f"{wanted} holds an earlier demonstration, which --force would replace. This one goes to {beside}.")
            return beside
    raise WouldOverwrite(wanted, "Remove earlier demonstrations, or name a folder with --dir.")
