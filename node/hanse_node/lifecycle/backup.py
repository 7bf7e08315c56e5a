"""Copying a ledger while its node runs (`restore` brings it back).

A backup is a folder: the database as of one moment, the genesis, the settings, the sealed documents, and `backup.json`,
which is written last and names all of them by hash. It holds no secret: keys and tokens are kept by other means. Nor
does it hold the high-water mark, which must never be an old one.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import URL

from hanse_io.durable import SECRET_MODE, create_durably, force
from hanse_ledger.values.errors import Malformed, OtherRelease
from hanse_ledger.values.jsonform import decode_json, encode_json
from hanse_ledger.values.types import Digest, LedgerId, MemberId, Moment
from hanse_ledger.wire.genesis import Genesis, ledger_id
from hanse_node.base.config import CONFIG_BYTES, Config, change_config, parse_config
from hanse_node.base.errors import CannotStart, NodeError, StoreFailed
from hanse_node.base.folder import CONFIG, GENESIS, OTHER_RELEASE, database_url, read_folder
from hanse_node.base.private import tighten
from hanse_node.lifecycle.audit import CannotCheck, Progress, audit_database
from hanse_node.lifecycle.copying import copy_out
from hanse_node.lifecycle.payloadcopies import pack_payloads
from hanse_node.lifecycle.recovery import check_end
from hanse_node.store.databases.database import SQLITE
from hanse_node.store.databases.revision import check_revision, revision_of_file
from hanse_node.store.databases.shape import verify_shape
from hanse_node.store.databases.sqlite import driver
from hanse_node.store.sql import SqlLedgerStore, open_store

FORMAT = "hanse.backup/1"
MANIFEST = "backup.json"
MANIFEST_BYTES = 64 * 1024
DATABASE = "ledger.db"
OWN_DATABASE = f"sqlite:///{DATABASE}"
"""What the settings in every backup name."""

PAYLOADS = "payloads.tar"
"""The sealed documents, where there are any."""

SCRATCH = "audit.db"

PAGES = 2_000
"""So many pages are copied before somebody is told."""

COPY_BYTES = 4 * 1024 * 1024


class BackupFailed(NodeError):
    """A backup cannot be made, or cannot be brought back. Nothing that was there before has changed."""

    def __init__(self, reason: str, next_step: str) -> None:
        super().__init__(f"{reason}. {next_step}")
        self.reason, self.next_step = reason, next_step


class BackupDamaged(BackupFailed):
    """A backup, or the copy that was to become one, is not what it should be."""


class BackedUp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of a backup."""

    bytes: int
    sha256: Digest


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a backup holds: `size` entries under `root`, and its files by name. `made` is in milliseconds since 1970.

    `audited` says whether every rule was applied to every entry again; the end of the log, all pages of the database
    and all objects and claims were checked in any case.
    """

    audited: bool
    cosigner: MemberId
    files: Annotated[dict[str, BackedUp], Meta(max_length=16)]
    format: str
    ledger: LedgerId
    made: Moment
    root: Digest
    size: int


_decoder = msgspec.json.Decoder(Manifest)

# Of SQLite's database header.
_HEADER_BYTES = 100
_VERSIONS, _CHANGES, _CHANGES_COPY = slice(18, 20), slice(24, 28), slice(92, 96)


def make_backup(
    folder: Path, target: Path, now: Moment, progress: Progress, processes: int | None, *, documents: bool = True
) -> Manifest:
    """Copy a node's ledger into a folder; the node may run meanwhile. Complete and durable on return.

    Args:
        folder: the node's folder.
        target: a folder that does not exist, is empty, or holds what an interrupted backup left.
        now: the present in milliseconds since 1970.
        progress: told what is done, how much of it, and how much there is.
        processes: how many processes verify signatures in an audit of the copy; nil for none of it.
        documents: take the sealed documents too, and who reads them.

    Raises:
        CannotStart: the node's folder cannot be read.
        BackupFailed: the target is in use, or cannot be written.
        BackupDamaged: the copy is not whole, or the ledger is not what its entries lead to.
    """
    config, genesis = read_folder(folder)
    url = database_url(folder, config)
    source = Path(str(url.database))
    if (target / MANIFEST).exists() or (target.is_dir() and _strangers(target)):
        raise BackupFailed(f"{target} holds something already", "Name an empty folder; a backup is never replaced")
    if url.get_backend_name() == SQLITE and not source.is_file():
        raise BackupFailed(f"There is no database {source}", "Name the folder of a node that has run")
    if url.get_backend_name() == SQLITE:
        _check_revision(source)
    with writing(target):
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        tighten(target)
        for name in (DATABASE, GENESIS, CONFIG, PAYLOADS):
            (target / name).unlink(missing_ok=True)
        if url.get_backend_name() == SQLITE:
            _copy_database(source, target / DATABASE, progress)
        else:
            _copy_from_server(url, target / DATABASE, progress)
        create_durably(target / GENESIS, (folder / GENESIS).read_bytes())
        create_durably(target / CONFIG, _settings(folder))
        checked = check_copy(target / DATABASE, genesis)
        if processes is not None:
            audit_copy(target / DATABASE, genesis, processes, progress)
        # After the database: what that names has come before it.
        packed = (PAYLOADS,) if documents and pack_payloads(folder, target / PAYLOADS) else ()
        files = {name: _hashed(target / name, progress) for name in (DATABASE, GENESIS, CONFIG, *packed)}
        manifest = Manifest(
            audited=processes is not None,
            cosigner=config.cosigner,
            files=files,
            format=FORMAT,
            ledger=ledger_id(genesis),
            made=now,
            root=checked.root,
            size=checked.size,
        )
        # The point of no return: from here the folder is a backup, and complete.
        create_durably(target / MANIFEST, encode_json(manifest))
        force(target.parent)
    return manifest


def read_backup(backup: Path, progress: Progress) -> tuple[Manifest, Genesis, Config]:
    """Read a backup and check each of its files.

    Raises:
        BackupFailed: it is incomplete, or none.
        BackupDamaged: a file is not what was backed up, or the database holds what acts by itself.
    """
    step = "Take another backup; this one is not what was written"
    try:
        with (backup / MANIFEST).open("rb") as file:
            data = file.read(MANIFEST_BYTES + 1)
        manifest = decode_json(data, _decoder, what=MANIFEST, most=MANIFEST_BYTES, form=FORMAT)
    except FileNotFoundError as error:
        raise BackupFailed(f"{backup} holds no complete backup", f"Name a folder with {MANIFEST} in it") from error
    except OSError as error:
        raise BackupFailed(f"{backup / MANIFEST} cannot be read: {error.strerror}", "Restore its rights") from error
    except OtherRelease as error:
        raise BackupFailed(f"{backup} is not a backup of this release. {error.detail}", OTHER_RELEASE) from error
    except Malformed as error:
        raise BackupDamaged(f"{MANIFEST} is damaged: {error.detail}", step) from error
    if set(manifest.files) - {PAYLOADS} != {DATABASE, GENESIS, CONFIG}:
        raise BackupDamaged(f"{MANIFEST} names other files than a backup has", step)
    for name, wanted in manifest.files.items():
        try:
            seen = _hashed(backup / name, progress)
        except OSError as error:
            raise BackupDamaged(f"{backup / name} cannot be read: {error.strerror}", step) from error
        if seen != wanted and not (name == DATABASE and _was_only_opened(backup / name, wanted, progress)):
            raise BackupDamaged(f"{name} is damaged: it is not the file that was backed up", step)
    config, genesis = read_folder(backup, {})
    if ledger_id(genesis) != manifest.ledger or config.cosigner != manifest.cosigner:
        raise BackupDamaged("The backup's genesis or settings are of another ledger or node than it says", step)
    if config.database != OWN_DATABASE:
        raise BackupDamaged(f"The backup's settings name another database than its own: {config.database!r}", step)
    try:
        _check_revision(backup / DATABASE)
    except CannotStart as error:
        raise BackupFailed(error.reason, error.next_step) from error
    try:
        verify_shape(backup / DATABASE)
    except StoreFailed as error:
        raise BackupDamaged(f"{DATABASE} is no ledger's: {error}", "Ask who made it; take another backup") from error
    return manifest, genesis, config


def check_copy(database: Path, genesis: Genesis) -> "Checked":
    """Check a copied database: every page, the end of the log, and the trees over all objects and claims.

    Raises:
        BackupDamaged: it is.
    """
    try:
        with closing(driver.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            answer = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if answer != "ok":
            raise BackupDamaged(
                f"The copy is damaged: {answer}", "Check the disk, and run `hanse log verify` on the node"
            )
        with opened_copy(database, genesis) as store:
            check_end(store)
            return Checked(store.head.size, store.head.root)
    except (CannotStart, driver.Error, StoreFailed) as error:
        raise BackupDamaged(f"The copy is damaged: {error}", "Run `hanse log verify` on the node") from error


def audit_copy(database: Path, genesis: Genesis, processes: int, progress: Progress) -> None:
    """Apply every rule to every entry of a copied database again; resumed where it was interrupted.

    Raises:
        BackupDamaged: something is not what the entries lead to.
        BackupFailed: there is no room to find out.
    """
    try:
        report = audit_database(
            URL.create("sqlite", database=str(database)),
            genesis,
            progress,
            scratch=database.with_name(SCRATCH),
            processes=processes,
        )
    except CannotCheck as error:
        raise BackupFailed(f"The copy cannot be audited: {error}", "Make room, or leave it out with --quick") from error
    except StoreFailed as error:
        raise BackupDamaged(f"The copy is damaged: {error}", "Run `hanse log verify` on the node") from error
    finally:
        settle(database)
    if report.difference is not None:
        raise BackupDamaged(f"The ledger is damaged: {report.difference}", "Run `hanse node rebuild` on the node")


class Checked(Struct, frozen=True):
    """The head of a database that was checked."""

    size: int
    root: Digest


def read_small(path: Path, most: int) -> bytes:
    """Read a file of at most so many bytes. Raises BackupFailed, OSError."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise BackupFailed(f"{path} has more than {most} bytes", "Name the right file")
    return data


def _settings(folder: Path) -> bytes:
    """Write the node's settings for its copy, where the database has a name of its own."""
    text = read_small(folder / CONFIG, CONFIG_BYTES)
    return change_config(text, msgspec.structs.replace(parse_config(text, {}), database=OWN_DATABASE))


def _check_revision(database: Path) -> None:
    """Insist that a database is of this release. Raises CannotStart; what cannot be read at all is told later."""
    try:
        revision = revision_of_file(database)
    except driver.Error:
        return
    check_revision(revision)


def _strangers(target: Path) -> bool:
    """Tell whether a folder holds anything that an interrupted backup has not left."""
    ours = {DATABASE, SCRATCH, GENESIS, CONFIG, PAYLOADS}
    ours |= {f"{name}{suffix}" for name in (DATABASE, SCRATCH) for suffix in ("-wal", "-shm", "-journal")}
    return any(path.name not in ours for path in target.iterdir())


def _copy_database(source: Path, target: Path, progress: Progress) -> None:
    """Copy a database as of one moment. Raises BackupFailed."""
    try:
        target.touch(SECRET_MODE)
        with (
            closing(driver.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)) as old,
            closing(driver.connect(target, isolation_level=None)) as new,
        ):
            # The transaction holds the moment: without it a copy would begin again whenever the node commits.
            old.execute("BEGIN")
            old.execute("SELECT count(*) FROM head").fetchone()
            old.backup(new, pages=PAGES, progress=lambda _, left, total: progress("pages copied", total - left, total))
            old.execute("ROLLBACK")
        settle(target)
    except driver.Error as error:
        raise BackupFailed(f"The database cannot be copied: {error}", "Check the free space, and try again") from error


def _copy_from_server(source: URL, target: Path, progress: Progress) -> None:
    """Copy a ledger out of PostgreSQL as of one moment. Raises BackupFailed."""
    try:
        copy_out(source, target, progress)
        settle(target)
    except (StoreFailed, CannotStart, driver.Error) as error:
        raise BackupFailed(f"The database cannot be copied: {error}", "Check the server, and the free space") from error


def settle(database: Path) -> None:
    """Leave a database as one file, without a write-ahead log, on disk."""
    with closing(driver.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    force(database)


def _was_only_opened(path: Path, wanted: BackedUp, progress: Progress) -> bool:
    """Tell whether a database is what was backed up, but for what audits wrote before they wrote nothing.

    That was one change of SQLite's journal mode: the two version numbers of the file format, 1 then and 2 since, and
    the change counter with its copy, one higher. The hash is that of the file with these put back, so that not one
    other bit may differ. Source: SQLite, "Database File Format", 1.3.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    changes = int.from_bytes(header[_CHANGES], "big")
    log = path.with_name(path.name + "-wal")
    if header[_VERSIONS] != b"\2\2" or header[_CHANGES] != header[_CHANGES_COPY] or not changes:
        return False
    if log.exists() and log.stat().st_size:
        return False
    before, counter = bytearray(header), (changes - 1).to_bytes(4, "big")
    before[_VERSIONS], before[_CHANGES], before[_CHANGES_COPY] = b"\1\1", counter, counter
    return _hashed(path, progress, bytes(before)) == wanted


def _hashed(path: Path, progress: Progress, beginning: bytes = b"") -> BackedUp:
    """Hash a file, with another beginning of the same length where one is given."""
    total, done, digest = path.stat().st_size, len(beginning), sha256(beginning)
    with path.open("rb") as file:
        file.seek(done)
        while data := file.read(COPY_BYTES):
            digest.update(data)
            done += len(data)
            progress("bytes checked", done, total)
    return BackedUp(bytes=done, sha256=digest.digest())


@contextmanager
def opened_copy(database: Path, genesis: Genesis) -> Iterator[SqlLedgerStore]:
    """Open a copied database as a store, and leave it as one file again."""
    store = open_store(URL.create("sqlite", database=str(database)), genesis, fresh=False)
    try:
        yield store
    finally:
        store.close()
        settle(database)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Say of a file that cannot be written or read what to do about it. Raises BackupFailed."""
    try:
        yield
    except OSError as error:
        raise BackupFailed(
            f"{error.filename or place} cannot be written or read: {error.strerror}",
            "Check the free space and the rights, and try again",
        ) from error
