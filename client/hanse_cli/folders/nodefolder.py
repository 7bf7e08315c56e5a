"""A node's folder as the command line sees it: made, run, audited. All of it needs the extra `node`."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from filelock import FileLock, Timeout
from msgspec import Struct
from platformdirs import user_cache_path

from hanse_cli.base.errors import AuditFailed, CannotAudit, WouldOverwrite
from hanse_cli.base.extras import load_node
from hanse_cli.folders.corridor import Corridor
from hanse_client.base.errors import InvalidInput, LedgerChanged, NodeFailed
from hanse_ledger.proofs.trustfile import TrustFile, write_trust
from hanse_ledger.values.errors import Malformed, OtherRelease
from hanse_ledger.values.types import LedgerId
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import ledger_id

SETTINGS = "node.toml"
LOCK = "node.lock"
DATABASE = "sqlite:///ledger.db"
TRUST = "trust.json"
REPLACED = "A ledger is never replaced. Name an empty folder."
RESTORE = "Do not rely on this copy; compare it with another one and with the checkpoints that others keep."


class AuditedLedger(Struct, frozen=True, kw_only=True):
    """What an audit has read and found in order."""

    ledger: LedgerId
    size: int
    records: int
    resumed_at: int


def need_empty(folder: Path, action: str) -> None:
    """Insist that nothing is in a folder, if it is there at all. Raises WouldOverwrite."""
    if folder.exists() and any(folder.iterdir()):
        raise WouldOverwrite(folder, action)


def create_node(
    folder: Path,
    corridor: Corridor,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    database: str = DATABASE,
    tls: tuple[Path | None, Path | None] = (None, None),
) -> bytes:
    """Create the operator's node and write the trust file beside it; give the trust file. `tls`: certificate and key.

    Raises:
        WouldOverwrite: there is something in the folder: a ledger is never replaced.
        NodeFailed: it cannot be written.
    """
    main = load_node("main")
    if (folder / SETTINGS).exists():
        raise WouldOverwrite(folder / SETTINGS, REPLACED)
    with node_errors():
        main.init_node(
            folder,
            encode(corridor.genesis),
            corridor.genesis.membership.cosigners[0].id,
            log_seed=corridor.log_seed,
            cosigning_seed=corridor.cosigning_seed,
            host=host,
            port=port,
            database=database,
            tls_certificate="" if tls[0] is None else str(tls[0].absolute()),
            tls_key="" if tls[1] is None else str(tls[1].absolute()),
        )
    return write_trust(corridor.genesis)


def run_folder(
    folder: Path,
    *,
    host: str | None = None,
    port: int | None = None,
    ready: Callable[[str], None] | None = None,
    stop: Event | None = None,
) -> None:
    """Run a node here until it is told to stop, by a signal or an event.

    Raises:
        NodeFailed: it cannot start.
    """
    main = load_node("main")
    _need_node(folder)
    with node_errors():
        main.run_node(folder, host=host, port=port, ready=ready, stop=stop)


def audit_folder(
    folder: Path,
    trust: TrustFile | None,
    progress: Callable[[str, int, int], None],
    *,
    work: Path | None = None,
    restart: bool = False,
) -> AuditedLedger:
    """Re-hash every stored byte, apply every rule again, compare every table, root and checkpoint.

    The node may be running meanwhile. An audit that was interrupted goes on where it was.

    Args:
        folder: the node's folder, or a backup of it.
        trust: where given, the ledger must be the one that it names.
        progress: told what is done, how much of it, and how much there is.
        work: the folder in which the entries are replayed: it needs as much room as the ledger has.
        restart: whether to forget what an interrupted audit has left.

    Raises:
        AuditFailed: something is not what the entries lead to.
        LedgerChanged: it is another ledger than the trusted one.
        CannotAudit: the database cannot be read at all, or the folder to work in cannot be used.
    """
    folders, audits, errors = load_node("base.folder"), load_node("lifecycle.audit"), load_node("base.errors")
    backups = load_node("lifecycle.backup")
    _need_node(folder)
    try:
        config, genesis = folders.read_folder(folder)
        if trust is not None and ledger_id(genesis) != trust.ledger:
            raise LedgerChanged(ledger_id(genesis).hex(), trust.ledger.hex(), "The folder holds")
        kept = (folder / backups.MANIFEST).exists()
        if kept and config.database != backups.OWN_DATABASE:
            raise CannotAudit("The backup's settings name another database than its own.", "Take another backup.")
        url = folders.database_url(folder, config)
        with _scratch(work, ledger_id(genesis), restart=restart) as scratch:
            report = audits.audit_database(
                url,
                genesis,
                progress,
                scratch=scratch,
                processes=spare_cores(),
                still=kept,
            )
    except errors.CannotStart as error:
        cause = error.__cause__
        kind = AuditFailed if isinstance(cause, Malformed) and not isinstance(cause, OtherRelease) else CannotAudit
        raise kind(f"{error.reason}.", f"{error.next_step}.") from error
    except audits.CannotCheck as error:
        raise CannotAudit(f"The audit has no place to work: {error}.", "Name a folder with room: --work.") from error
    except errors.StoreFailed as error:
        if _damaged(error):
            raise AuditFailed(f"The database is damaged: {error}.", RESTORE) from error
        raise CannotAudit(f"The database cannot be read: {error}.", "Check the file and its rights.") from error
    if report.difference is not None:
        raise AuditFailed(f"{report.difference}.", RESTORE)
    return AuditedLedger(
        ledger=ledger_id(genesis), size=report.size, records=report.records, resumed_at=report.resumed_at
    )


def spare_cores() -> int:
    """Count the cores beside the one that works itself, at least one."""
    return max(1, (os.cpu_count() or 1) - 1)


def node_in_use(folder: Path) -> bool:
    """Tell whether a process has a node's folder open."""
    if not (folder / LOCK).exists():
        return False
    try:
        with FileLock(folder / LOCK, timeout=0):
            return False
    except Timeout:
        return True


@contextmanager
def _scratch(work: Path | None, ledger: LedgerId, *, restart: bool) -> Iterator[Path]:
    """Give the file in which an audit of a ledger works, and keep other audits out of it. Raises CannotAudit."""
    place = user_cache_path("hanse", appauthor=False) / "audit" if work is None else work
    scratch = place / f"audit-{ledger.hex()[:16]}.db"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(place / f"{scratch.stem}.lock", timeout=0):
            if restart:
                load_node("lifecycle.audit").remove_scratch(scratch)
            yield scratch
    except Timeout as error:
        raise CannotAudit(
            f"Another audit of this ledger works in {place}.", "Wait for its end, or name another folder: --work."
        ) from error
    except OSError as error:
        raise CannotAudit(f"{place} cannot be used: {error}.", "Name a folder with room: --work.") from error


def _need_node(folder: Path) -> None:
    try:
        (folder / SETTINGS).stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        action = "Name its folder with --dir, or make one: hanse node init."
        raise InvalidInput(f"{folder} holds no node.", action) from error
    except OSError as error:
        action = "Run this as the node's user, or give it the rights."
        raise InvalidInput(f"{folder / SETTINGS} cannot be read: {error.strerror}.", action) from error


def _damaged(error: BaseException) -> bool:
    """Tell a file that is no sound database from one that cannot be opened at the moment."""
    cause, driver = error.__cause__, load_node("store.databases.sqlite").driver
    return isinstance(cause, driver.DatabaseError) and not isinstance(cause, driver.OperationalError)


@contextmanager
def node_errors() -> Iterator[None]:
    """Turn what the node refuses into the SDK's error. Raises NodeFailed."""
    errors = load_node("base.errors")
    try:
        yield
    except errors.CannotStart as error:
        raise NodeFailed(f"{error.reason}.", f"{error.next_step}.") from error
    except errors.NodeError as error:
        raise NodeFailed(f"{error}.", "Look into its log.") from error
