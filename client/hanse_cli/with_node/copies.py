"""A ledger's copies, and coming back from them: backups, restores, a database written anew, a ledger handed over."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import anyio
from msgspec import Struct

from hanse_cli.base.console import table
from hanse_cli.base.errors import AuditFailed, RestoreRefused
from hanse_cli.base.files import read_file
from hanse_cli.base.session import answer
from hanse_cli.base.values import host_and_port, in_groups
from hanse_cli.folders.nodefolder import SETTINGS, spare_cores
from hanse_cli.with_node.nodeerrors import node_errors, sentences
from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput
from hanse_client.exchange.transport import Transport
from hanse_ledger.values import limits
from hanse_ledger.values.moments import moment_words
from hanse_ledger.wire.genesis import Genesis
from hanse_node.base.config import Config, Listen, Peering
from hanse_node.lifecycle import adoption, backup, restore
from hanse_node.lifecycle.adoption import Own
from hanse_node.lifecycle.audit import Progress
from hanse_node.lifecycle.backup import BackupDamaged, BackupFailed, Manifest
from hanse_node.lifecycle.restore import WouldContradict
from hanse_node.operate import handover
from hanse_node.operate.joinforms import MemberPart

ASK_TIMEOUT_MS = 10_000


class Backup(Struct, frozen=True):
    """A backup that has been read: what it says of itself, its ledger, and its node's settings."""

    folder: Path
    manifest: Manifest
    genesis: Genesis
    settings: Config


@contextmanager
def copy_errors() -> Iterator[None]:
    """Turn what the node refuses of copies into the command line's errors; the rest as everywhere.

    Raises:
        AuditFailed: a copy is damaged.
        RestoreRefused: the node could contradict what it has signed.
        InvalidInput: a copy is none, or a folder is not as it must be.
        NodeFailed: anything else of the node's.
    """
    with node_errors():
        try:
            yield
        except BackupDamaged as error:
            raise AuditFailed(*sentences(error)) from error
        except WouldContradict as error:
            raise RestoreRefused(*sentences(error)) from error
        except BackupFailed as error:
            raise InvalidInput(*sentences(error)) from error


@copy_errors()
def make_backup(folder: Path, target: Path, progress: Progress, *, quick: bool) -> Manifest:
    """Copy a ledger as of one moment into an empty folder; `quick` leaves the rules out of the audit. See there."""
    return backup.make_backup(folder, target, now_ms(), progress, _processes(quick=quick))


@copy_errors()
def read_backup(folder: Path, progress: Progress) -> Backup:
    """Read what a backup says, and compare its files with it. Raises as `copy_errors`."""
    return Backup(folder, *backup.read_backup(folder, progress))


def own_of(listen: str, peering: str | None, p2p: str | None, database: str, keys: Path | None) -> Own:
    """Make what the operator says of this machine from a command's options. Raises InvalidInput."""
    host, port = host_and_port(listen)
    found = None
    if peering is not None:
        peer_host, peer_port = host_and_port(peering)
        found = Peering(host=peer_host, port=peer_port)
    if p2p is not None:
        host_and_port(p2p)
    return Own(listen=Listen(host=host, port=port), peering=found, p2p=p2p, database=database, keys=keys)


def taken(copy: Backup, folder: Path) -> Iterator[tuple[str, str]]:
    """List what a restored node gets, and what of its backup it does not."""
    yield "ledger", in_groups(copy.manifest.ledger)
    yield "name", copy.genesis.name
    yield "node of", copy.manifest.cosigner
    yield "entries", f"{copy.manifest.size}, as of {moment_words(copy.manifest.made)}"
    if (folder / SETTINGS).exists():
        yield "settings", "those that the folder has"
        return
    for name, value in adoption.taken(copy.settings):
        yield "takes over", f"{name} = {value}"
    for name, value in adoption.left(copy.settings):
        yield "leaves out", f"{name} = {value}"


@copy_errors()
def restore_backup(
    copy: Backup,
    folder: Path,
    progress: Progress,
    *,
    own: Own,
    ask: Sequence[str],
    nothing_signed_since: bool,
    quick: bool,
) -> Manifest:
    """Bring a backup back as the ledger of a node that is stopped.

    Args:
        copy: the backup.
        folder: the node's.
        progress: told what is done, how much of it, and how much there is.
        own: what the operator says of this machine.
        ask: who saw this node's log: addresses, and files.
        nothing_signed_since: the operator's word, where no file and nobody tells.
        quick: leave the rules out of the audit.

    Raises:
        HanseError: somebody who is asked does not answer, or as `copy_errors`.
    """
    present = restore.cosigners_of(copy.folder) if ask else ()
    known = [restore.read_known(_seen_by(each), each, copy.genesis, copy.manifest.cosigner, present) for each in ask]
    return restore.restore(
        copy.folder,
        folder,
        own=own,
        known=known,
        nothing_signed_since=nothing_signed_since,
        now=now_ms(),
        progress=progress,
        processes=_processes(quick=quick),
    )


@copy_errors()
def rebuild_database(folder: Path, progress: Progress) -> int:
    """Write a stopped node's database anew from its entries; give how many there are. Raises as `copy_errors`."""
    return restore.rebuild_folder(folder, now_ms(), spare_cores(), progress)


@copy_errors()
def hand_over(folder: Path, target: Path, progress: Progress, *, quick: bool) -> Manifest:
    """Copy a stopped node's ledger for a consortium's members; it never starts again. Raises as `copy_errors`."""
    return handover.hand_over(folder, target, now_ms(), progress, _processes(quick=quick))


@copy_errors()
def take_over(
    copy: Path,
    parts: Sequence[MemberPart],
    folder: Path,
    config: Config,
    progress: Progress,
    *,
    quick: bool,
    documents: Path | None,
) -> Genesis:
    """Complete one's own node from the copy of a ledger that moves; give its genesis. Raises as `copy_errors`."""
    return handover.take_over(
        copy,
        parts,
        folder,
        config,
        now=now_ms(),
        progress=progress,
        processes=_processes(quick=quick),
        documents=documents,
    )


def answer_copy(
    manifest: Manifest, rows: Sequence[tuple[str, str]], document: dict[str, object], *, as_json: bool
) -> None:
    """Give what a copy of a ledger holds, after what a command says of it."""
    audited = "every signature and rule" if manifest.audited else "its end, objects and claims; not every rule again"
    shown = [
        *rows,
        ("ledger", manifest.ledger.hex()),
        ("entries", str(manifest.size)),
        ("root", manifest.root.hex()),
        ("made", moment_words(manifest.made)),
        ("checked", audited),
    ]
    document |= {
        "ledger": manifest.ledger,
        "size": manifest.size,
        "root": manifest.root,
        "made": moment_words(manifest.made),
        "audited": manifest.audited,
    }
    answer(document, table(shown), as_json=as_json)


def _processes(*, quick: bool) -> int | None:
    """Choose how many processes verify signatures in an audit; nil for none of it."""
    return None if quick else spare_cores()


def _seen_by(source: str) -> bytes:
    """Read a checkpoint from an address, or a file. Raises what the transport, or reading, raises."""
    if "://" not in source:
        return read_file(Path(source), limits.PROOF_FILE_BYTES, "checkpoint or proof file")
    return anyio.run(_fetch, source)


async def _fetch(url: str) -> bytes:
    transport = Transport(url, token_file=None, timeout_ms=ASK_TIMEOUT_MS)
    try:
        return await transport.get("/log/checkpoint", most=limits.CHECKPOINT_BYTES)
    finally:
        await transport.close()
