"""Bringing a ledger back: from a backup, or from its own entries; without ever contradicting a signed head."""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec import Struct
from sqlalchemy import URL

from hanse_io.durable import SECRET_MODE, create_durably, force
from hanse_ledger.proofs.heads import log_key
from hanse_ledger.proofs.prooffile import read_proof
from hanse_ledger.tlog.checkpoint import Checkpoint, parse_checkpoint, verify_log_signature
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.trees.merkle import root_from_nodes
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.types import MemberId, Moment
from hanse_ledger.wire.genesis import Genesis, ledger_id
from hanse_ledger.wire.membership import Cosigner
from hanse_node.base.config import CONFIG_BYTES, Config, change_config, write_config
from hanse_node.base.errors import CannotStart, StoreFailed
from hanse_node.base.folder import (
    CONFIG,
    COSIGNING_KEY,
    GENESIS,
    KEY_BYTES,
    LOG_KEY,
    NodeFolder,
    database_url,
    open_folder,
)
from hanse_node.base.tomlform import hides_nothing
from hanse_node.lifecycle.adoption import Own, adopt
from hanse_node.lifecycle.audit import Progress
from hanse_node.lifecycle.backup import (
    COPY_BYTES,
    DATABASE,
    PAYLOADS,
    BackupDamaged,
    BackupFailed,
    Manifest,
    audit_copy,
    opened_copy,
    read_backup,
    read_small,
    settle,
    writing,
)
from hanse_node.lifecycle.copying import BESIDE, carry, copy_in, read_entries_of
from hanse_node.lifecycle.payloadcopies import unpack_payloads
from hanse_node.lifecycle.rebuild import rebuild
from hanse_node.payloads.anew import ask_anew
from hanse_node.payloads.store import PayloadDiffers
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.databases.database import SQLITE
from hanse_node.store.databases.revision import check_revision, revision_of_file
from hanse_node.store.databases.sqlite import driver
from hanse_node.store.headform import decode_head
from hanse_node.store.reads import standing_head
from hanse_node.store.sql import open_store

log = logging.getLogger(__name__)


class WouldContradict(BackupFailed):
    """To go on from here, the node could sign what contradicts a head that it has signed, or nobody can tell."""


class Known(Struct, frozen=True):
    """A head that this node is known to have signed, and who knows it."""

    head: Checkpoint
    source: str


def read_known(
    data: bytes, source: str, genesis: Genesis, cosigner: MemberId, present: Sequence[Cosigner] = ()
) -> Known:
    """Read a head that somebody kept: a checkpoint, or a proof file, of which the checkpoint is taken.

    Args:
        data: the bytes.
        source: who had them.
        genesis: the ledger's.
        cosigner: the node whose head it must be.
        present: the cosigners as the members name them now, where they have changed since.

    Raises:
        BackupFailed: it is neither, or this node has not signed it.
    """
    step = "Name a checkpoint of this node's log (its /log/checkpoint), or a proof file that it made"
    keys = {each.id: each for each in (*genesis.membership.cosigners, *present)}
    if cosigner not in keys:
        raise BackupFailed(f"The members name no cosigner {cosigner}", "Bring a backup of a cosigner's node")
    try:
        note = parse_note(read_proof(data).checkpoint.encode() if data.startswith(b"{") else data)
        head = parse_checkpoint(note.text)
        verify_log_signature(note, log_key(ledger_id(genesis), keys[cosigner]))
    except (Malformed, ProofInvalid) as error:
        raise BackupFailed(f"{source} shows no head of this node: {error.detail}", step) from error
    return Known(head, source)


def cosigners_of(backup: Path) -> tuple[Cosigner, ...]:
    """Read who the cosigners are by a backup's own head. Raises BackupFailed."""
    try:
        with closing(driver.connect(f"{(backup / DATABASE).absolute().as_uri()}?immutable=1", uri=True)) as opened:
            parts = [row[0] for row in opened.execute("SELECT data FROM head ORDER BY id")]
        return decode_head(*parts).membership.cosigners
    except (driver.Error, TypeError, StoreFailed) as error:
        raise BackupFailed(f"{backup} has no head: {error}", "Bring a backup that is whole") from error


def restore(
    backup: Path,
    folder: Path,
    *,
    own: Own,
    known: Sequence[Known],
    nothing_signed_since: bool,
    now: Moment,
    progress: Progress,
    processes: int | None,
) -> Manifest:
    """Bring a backup back as a node's ledger. What it replaces is kept beside it.

    Args:
        backup: what `make_backup` made.
        folder: the node's folder, or one that does not exist yet.
        own: what the operator says of this machine, for a folder that does not exist yet: see `adoption`.
        known: heads of this node that others have seen, verified.
        nothing_signed_since: the operator's word that the node signed nothing after the backup was made; needed
            where neither a high-water mark nor anybody else tells.
        now: the present in milliseconds since 1970.
        progress: told what is done, how much of it, and how much there is.
        processes: how many processes verify signatures in an audit; nil for none of it.

    Raises:
        CannotStart: the folder cannot be used, or the node is running.
        BackupFailed: the backup is none, or is another node's.
        BackupDamaged: the backup is damaged.
        WouldContradict: to go on from it could contradict a signed head. Nothing has changed.
    """
    manifest, genesis, backed_up = read_backup(backup, progress)
    if not (folder / CONFIG).exists():
        _prepare_folder(folder, backup, own.keys, adopt(backed_up, own))
    with open_folder(folder) as opened, writing(folder):
        if ledger_id(opened.genesis) != manifest.ledger or opened.config.cosigner != manifest.cosigner:
            raise BackupFailed(
                f"The backup is of {manifest.cosigner} in the ledger {manifest.ledger.hex()}, the folder is not",
                "Name the folder of the node that was backed up",
            )
        signer = HeadSigner(opened, lambda: now)
        place = _file_of(opened)
        beside = place.with_name(place.name + ".restored")
        _remove_database(beside)
        _copy_file(backup / DATABASE, beside, progress)
        if processes is not None:
            audit_copy(beside, genesis, processes, progress)
        _check_against(beside, genesis, signer, known, nothing_signed_since=nothing_signed_since)
        _bring_payloads(backup, manifest, opened, now)
        if opened.config.comet.enabled:
            # What came to this node after the backup was made others believe delivered.
            ask_anew(opened.path, now)
        _put_in_place(beside, place, now, opened, progress)
    return manifest


def rebuild_folder(folder: Path, now: Moment, processes: int, progress: Progress) -> int:
    """Write a stopped node's database anew from its entries. The old one is kept beside it.

    Args:
        folder: the node's folder.
        now: the present in milliseconds since 1970.
        processes: how many processes verify signatures.
        progress: told what is done, how much of it, and how much there is.

    Returns:
        How many entries the new database holds.

    Raises:
        CannotStart: the folder cannot be used, or the node is running.
        BackupDamaged: the entries themselves are damaged.
        WouldContradict: they lead to less than the node has signed. Nothing has changed.
    """
    with open_folder(folder) as opened, writing(folder):
        signer = HeadSigner(opened, lambda: now)
        place = _file_of(opened)
        beside = place.with_name(place.name + ".rebuilt")
        _remove_database(beside)
        store = open_store(URL.create(SQLITE, database=str(beside)), opened.genesis, lasting=False)
        try:
            with _entries(opened.database) as (entries, total):
                rebuild(
                    store,
                    entries,
                    processes=processes,
                    progress=lambda done: progress("entries replayed", done, total),
                )
            size = store.head.size
        except ProofInvalid as error:
            raise BackupDamaged(
                f"The entries are damaged too: {error.detail}", "Restore the newest backup with `hanse restore`"
            ) from error
        finally:
            store.close()
        _carry_beside(opened.database, beside)
        settle(beside)
        _check_against(beside, opened.genesis, signer, (), nothing_signed_since=False)
        _put_in_place(beside, place, now, opened, progress)
    return size


def _carry_beside(old: URL, beside: Path) -> None:
    """Take over what follows from no entry; whatever hinders that hinders no rebuild."""
    for table, what in BESIDE.items():
        try:
            count = carry(table, old, URL.create(SQLITE, database=str(beside)))
        except (StoreFailed, CannotStart) as error:
            log.warning("%s cannot be taken over, and are gone: %s", what, error)
            continue
        if count:
            log.info("%s were taken over: %d", what, count)


def _check_against(
    database: Path, genesis: Genesis, signer: HeadSigner, known: Sequence[Known], *, nothing_signed_since: bool
) -> None:
    """Insist that a database extends every head that is known to be signed. Raises WouldContradict."""
    marks = [*known]
    if signer.mark is not None:
        mark = signer.mark
        marks.append(Known(Checkpoint(signer.origin, mark.size, mark.root), "the high-water mark"))
    if not marks and not nothing_signed_since:
        raise WouldContradict(
            "Nobody says what this node signed last: there is no high-water mark, and nobody else was asked",
            "Bring the file `highwater` from the old disk; or name who saw the log with --ask: a mirror, a checkpoint, "
            "a proof file; or say --nothing-signed-since-backup if that is certain",
        )
    with opened_copy(database, genesis) as store, store.reading() as reads:
        head = standing_head(reads)
        for each in marks:
            wanted = each.head
            if wanted.origin != signer.origin:
                raise BackupFailed(f"{each.source} knows another log: {wanted.origin}", "Ask who saw this node's log")
            if wanted.size > head.size:
                raise WouldContradict(
                    f"This node has signed {wanted.size} entries, as {each.source} shows, and here are {head.size}",
                    "Bring a newer database: to go on from this one would contradict what was signed",
                )
            if root_from_nodes(reads, wanted.size) != wanted.root:
                raise WouldContradict(
                    f"This node has signed another history of {wanted.size} entries, as {each.source} shows",
                    "Bring this node's own database; keep that head as evidence",
                )
        signer.adopt(head.size, head.root)


def _bring_payloads(backup: Path, manifest: Manifest, opened: NodeFolder, now: Moment) -> None:
    """Bring the sealed documents back, beside those that are there. Raises BackupDamaged, BackupFailed."""
    if PAYLOADS not in manifest.files:
        return
    try:
        unpack_payloads(backup / PAYLOADS, opened.path, now)
    except PayloadDiffers as error:
        raise BackupDamaged(f"The sealed documents are damaged: {error}", "Take another backup") from error
    except StoreFailed as error:
        raise BackupFailed(f"The sealed documents cannot be written: {error}", "Check the free space") from error


def _file_of(opened: NodeFolder) -> Path:
    """Name the database's file; of a node on PostgreSQL, one in its folder where a new database can be prepared."""
    return Path(str(opened.database.database)) if _in_file(opened.database) else opened.path / DATABASE


def _in_file(database: URL) -> bool:
    return database.get_backend_name() == SQLITE


def _put_in_place(beside: Path, place: Path, now: Moment, opened: NodeFolder, progress: Progress) -> None:
    """Exchange the database. Raises OSError, BackupFailed."""
    if not _in_file(opened.database):
        try:
            copy_in(beside, opened.database, now, progress)
        except (StoreFailed, CannotStart) as error:
            raise BackupFailed(f"The database cannot be written: {error}", "Check the server, and try again") from error
        opened.trees.unlink(missing_ok=True)
        _remove_database(beside)
        return
    old = place.with_name(f"{place.name}.before-{now}")
    for suffix in ("-wal", "-shm"):
        companion = place.with_name(place.name + suffix)
        if companion.exists():
            os.replace(companion, old.with_name(old.name + suffix))
    if place.exists():
        os.replace(place, old)
    opened.trees.unlink(missing_ok=True)
    # The point of no return. A crash before it leaves no database, and both under other names; nothing can start.
    os.replace(beside, place)
    force(place.parent)


def _prepare_folder(folder: Path, backup: Path, keys: Path | None, config: Config) -> None:
    """Make a folder for a node on a new machine; its settings last. Raises BackupFailed, CannotStart."""
    database_url(folder, config)
    if keys is None:
        raise BackupFailed(
            f"{folder} holds no node, and a backup holds no keys",
            f"Name the folder with {Path(LOG_KEY).name} and {Path(COSIGNING_KEY).name}: --keys",
        )
    with writing(folder):
        (folder / LOG_KEY).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in (LOG_KEY, COSIGNING_KEY):
            data = read_small(keys / Path(name).name, KEY_BYTES)
            (folder / name).unlink(missing_ok=True)
            create_durably(folder / name, data, SECRET_MODE)
        genesis = read_small(backup / GENESIS, limits.GENESIS_BYTES)
        settings = settings_of(read_small(backup / CONFIG, CONFIG_BYTES), config)
        for name, data in ((GENESIS, genesis), (CONFIG, settings)):
            (folder / name).unlink(missing_ok=True)
            create_durably(folder / name, data)


def settings_of(backed_up: bytes, config: Config) -> bytes:
    """Write a restored node's settings, with the comments of the backup's where all of these are seen as they are."""
    if hides_nothing(backed_up):
        try:
            return change_config(backed_up, config)
        except CannotStart as error:
            log.warning("the comments of the backup's settings are left out: %s", error)
    return write_config(config)


def _copy_file(source: Path, target: Path, progress: Progress) -> None:
    total, done = source.stat().st_size, 0
    target.touch(SECRET_MODE, exist_ok=False)
    with source.open("rb") as old, target.open("wb") as new:
        while data := old.read(COPY_BYTES):
            new.write(data)
            done += len(data)
            progress("bytes copied", done, total)
        new.flush()
        os.fsync(new.fileno())


def _remove_database(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def _entries(database: URL) -> Iterator[tuple[Iterator[bytes], int]]:
    """Read the entries of a database of which nothing else is believed. Raises BackupFailed, CannotStart."""
    try:
        if not _in_file(database):
            with read_entries_of(database) as found:
                yield found
            return
        path = Path(str(database.database))
        check_revision(revision_of_file(path), rebuilding=True)
        file = path.absolute().as_uri()
        with closing(driver.connect(f"{file}?mode=rw", uri=True)) as connection:
            total = connection.execute("SELECT count(*) FROM entry").fetchone()[0]
            rows = connection.execute("SELECT data FROM entry ORDER BY position")
            yield (row[0] for row in rows), total
    except (driver.Error, StoreFailed) as error:
        raise BackupDamaged(
            f"The entries cannot be read: {error}", "Restore the newest backup with `hanse restore`"
        ) from error
