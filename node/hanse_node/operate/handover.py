"""Moving a ledger from the embedded engine to a consortium's: the same entries, the same proofs, other nodes.

The members have voted for the consortium's nodes while the embedded node ran (rules M-3 and M-4). Then its operator
hands the ledger over: that node never starts again, and a copy of it goes to every member. Each takes it over into the
node that it has prepared; when all of them run, each says that it is ready (rule M-5), and the change takes effect.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from sqlalchemy import URL

from hanse_io.durable import SECRET_MODE, create_durably, force
from hanse_ledger.blocks.block import Tip
from hanse_ledger.values.types import Moment
from hanse_ledger.wire.genesis import Genesis
from hanse_ledger.wire.membership import Membership, changed
from hanse_node.base.config import Config
from hanse_node.base.errors import CannotStart, StoreFailed
from hanse_node.base.folder import MOVED, database_url, open_folder
from hanse_node.comet.program.home import Beginning
from hanse_node.lifecycle.audit import Progress
from hanse_node.lifecycle.backup import (
    COPY_BYTES,
    DATABASE,
    PAYLOADS,
    BackupFailed,
    Manifest,
    audit_copy,
    make_backup,
    opened_copy,
    read_backup,
)
from hanse_node.lifecycle.copying import copy_in
from hanse_node.lifecycle.payloadcopies import pack_payloads, unpack_payloads
from hanse_node.operate.joinforms import MemberPart, NodePart
from hanse_node.operate.network import ChainStart, complete_node, own_node, share_a_machine
from hanse_node.payloads.anew import ask_anew
from hanse_node.payloads.store import PayloadDiffers
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.databases.database import SQLITE
from hanse_node.store.sql import open_store

VOTE_FIRST = "Have the members vote for the nodes first: hanse member propose --admit …"


def hand_over(folder: Path, target: Path, now: Moment, progress: Progress, processes: int | None) -> Manifest:
    """Copy a stopped embedded node's ledger for the members, and never start that node again. May be done twice.

    Sealed documents are not in the copy: see `take_over`.

    Args:
        folder: the node's folder.
        target: where the copy goes; see `backup.make_backup`.
        now: the present in milliseconds since 1970.
        progress: told what is done, how much of it, and how much there is.
        processes: how many processes verify signatures in an audit of the copy; nil for none of it.

    Raises:
        CannotStart: the node runs, is a consortium's already, or the members have accepted no nodes for one.
        BackupFailed, BackupDamaged: see `backup.make_backup`.
    """
    with open_folder(folder, moved=True) as opened:
        if opened.config.comet.enabled:
            raise CannotStart(f"{folder} is a consortium's node already", "Name the embedded node's folder")
        store = open_store(opened.database, opened.genesis, fresh=False)
        try:
            head = store.head
        finally:
            store.close()
        future = coming(head)
        if not (folder / MOVED).exists():
            # The point of no return: from here this node signs nothing more, so that no second history can begin.
            create_durably(folder / MOVED, f"{head.size} {head.root.hex()} {len(future.cosigners)}\n".encode())
            force(folder)
        # Every member gets the copy: whose documents others seal, and to whom, is none of theirs.
        return make_backup(folder, target, now, progress, processes, documents=False)


def coming(head: Tip) -> Membership:
    """Give the membership that the accepted change with nodes of a consortium leads to. Raises CannotStart."""
    accepted = [proposal for proposal in head.proposals.whole if proposal.accepted and head.time < proposal.closes]
    if not accepted:
        raise CannotStart("The members have accepted no nodes for a consortium", VOTE_FIRST)
    futures = [changed(head.membership, proposal.change) for proposal in accepted]
    possible = [future for future in futures if all(node.validator_key is not None for node in future.cosigners)]
    if not possible:
        raise CannotStart("The accepted change brings nodes without an engine", VOTE_FIRST)
    if len(possible) > 1:
        raise CannotStart(
            "The members have accepted several changes with nodes for a consortium",
            "Have one of them withdrawn: hanse member withdraw …",
        )
    return possible[0]


def take_over(
    copy: Path,
    parts: Sequence[MemberPart],
    folder: Path,
    config: Config,
    *,
    now: Moment,
    progress: Progress,
    processes: int | None,
    documents: Path | None = None,
) -> Genesis:
    """Complete a prepared node from the copy of a ledger that moves.

    Its sealed documents the member takes over whose node had them; each other node asks that one for those of its own
    readers as it starts.

    Args:
        copy: what `hand_over` made.
        parts: of all members whose nodes the accepted change brings.
        folder: what `network.prepare_node` made.
        config: the node's settings, but for its peers; `follow` is set.
        now: the present in milliseconds since 1970.
        progress: told what is done, how much of it, and how much there is.
        processes: how many processes verify signatures in an audit of the copy; nil for none of it.
        documents: the folder of the node that has handed the ledger over, for the member whose it was.

    Raises:
        CannotStart: `documents` is the folder of no node that has handed over; the parts are not those that were voted
            for, or files cannot be written.
        BackupFailed, BackupDamaged: the copy is none, or is damaged.
    """
    _, genesis, _ = read_backup(copy, progress)
    own = own_node(folder, None)
    if documents is not None and not (documents / MOVED).exists():
        raise CannotStart(
            f"{documents} is no folder of a node that has handed its ledger over", "Name that node's folder"
        )
    # Looked into is a copy: the one that was handed over stays as it is for the next member.
    beside = _copied(copy / DATABASE, folder, progress)
    with opened_copy(beside, genesis) as store:
        head = store.head
    founders = _founders(coming(head), parts)
    if processes is not None:
        audit_copy(beside, genesis, processes, progress)
    nodes = founders if any(founder.id == own.id for founder in founders) else [*founders, own]
    chain = ChainStart(founders, Beginning(size=head.size, root=head.root, time=head.time))
    comet = msgspec.structs.replace(config.comet, one_machine=share_a_machine(nodes))
    complete_node(folder, genesis, chain, nodes, config=msgspec.structs.replace(config, comet=comet))
    _bring_documents(documents, folder, now)
    _put_in_place(beside, database_url(folder, config), now, progress)
    _adopt(folder, head, now)
    return genesis


def _founders(future: Membership, parts: Sequence[MemberPart]) -> list[NodePart]:
    """Find the part of each node that was voted for, with the very keys."""
    nodes = {part.node.id: part.node for part in parts if part.node is not None}
    for cosigner in future.cosigners:
        node = nodes.get(cosigner.id)
        if node is None or node.cosigner != cosigner:
            seen = "is missing" if node is None else "has other keys than were voted for"
            raise CannotStart(f"the part of {cosigner.id} {seen}", "Get the member.json that the members voted for")
    return [nodes[cosigner.id] for cosigner in future.cosigners]


def _copied(database: Path, folder: Path, progress: Progress) -> Path:
    """Copy the database into the node's folder, beside its place. Raises BackupFailed."""
    path, done, total = folder / f"{DATABASE}.part", 0, database.stat().st_size
    try:
        # One that was there may be open to others, or a link.
        path.unlink(missing_ok=True)
        path.touch(SECRET_MODE)
        with database.open("rb") as source, path.open("wb") as copied:
            while piece := source.read(COPY_BYTES):
                copied.write(piece)
                done += len(piece)
                progress("bytes copied", done, total)
        force(path)
    except OSError as error:
        raise BackupFailed(f"{folder} cannot be written: {error.strerror}", "Check the free space") from error
    return path


def _bring_documents(source: Path | None, folder: Path, now: Moment) -> None:
    """Take sealed documents over, to be offered to their readers' nodes; have all others asked. Raises BackupFailed."""
    try:
        if source is not None:
            packed = folder / f"{PAYLOADS}.part"
            packed.unlink(missing_ok=True)
            if pack_payloads(source, packed):
                unpack_payloads(packed, folder, now)
                packed.unlink()
        ask_anew(folder, now)
    except (PayloadDiffers, StoreFailed, OSError) as error:
        raise BackupFailed(f"The sealed documents cannot be taken over: {error}", "Check the free space") from error


def _put_in_place(beside: Path, target: URL, now: Moment, progress: Progress) -> None:
    """Make the copied database the node's. Raises BackupFailed, CannotStart, StoreFailed."""
    try:
        if target.get_backend_name() != SQLITE:
            copy_in(beside, target, now, progress)
            beside.unlink()
            return
        path = Path(str(target.database))
        if path.exists():
            raise CannotStart(f"{path} exists already", "Name a folder that was only prepared")
        beside.rename(path)
        force(path.parent)
    except OSError as error:
        raise BackupFailed(f"{beside} cannot be put in place: {error.strerror}", "Check the folder") from error


def _adopt(folder: Path, head: Tip, now: Moment) -> None:
    """Let the node sign nothing that does not extend the ledger as it was taken over."""
    with open_folder(folder) as opened:
        signer = HeadSigner(opened, lambda: now)
        if signer.mark is None:
            signer.adopt(head.size, head.root)
