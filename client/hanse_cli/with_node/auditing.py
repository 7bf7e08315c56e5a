"""The audit of a stored ledger: every byte, rule and table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct
from platformdirs import user_cache_path

from hanse_cli.base.errors import AuditFailed, CannotAudit
from hanse_cli.folders.nodefolder import need_node, spare_cores
from hanse_cli.with_node.nodeerrors import sentences
from hanse_client.base.errors import LedgerChanged
from hanse_io.locks import Lock, Taken
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.errors import Malformed, OtherRelease
from hanse_ledger.values.types import LedgerId
from hanse_ledger.wire.genesis import ledger_id
from hanse_node.base.errors import CannotStart, StoreFailed
from hanse_node.base.folder import database_url, read_folder
from hanse_node.lifecycle.audit import CannotCheck, audit_database, remove_scratch
from hanse_node.lifecycle.backup import MANIFEST, OWN_DATABASE
from hanse_node.store.databases.sqlite import driver

RESTORE = "Do not rely on this copy; compare it with another one and with the checkpoints that others keep."


class AuditedLedger(Struct, frozen=True, kw_only=True):
    """What an audit has read and found in order."""

    ledger: LedgerId
    size: int
    records: int
    resumed_at: int


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
        InvalidInput: the folder holds no node.
        AuditFailed: something is not what the entries lead to.
        LedgerChanged: it is another ledger than the trusted one.
        CannotAudit: the database cannot be read at all, or the folder to work in cannot be used.
    """
    need_node(folder)
    try:
        config, genesis = read_folder(folder)
        if trust is not None and ledger_id(genesis) != trust.ledger:
            raise LedgerChanged(ledger_id(genesis).hex(), trust.ledger.hex(), "The folder holds")
        kept = (folder / MANIFEST).exists()
        if kept and config.database != OWN_DATABASE:
            raise CannotAudit("The backup's settings name another database than its own.", "Take another backup.")
        url = database_url(folder, config)
        with _scratch(work, ledger_id(genesis), restart=restart) as scratch:
            report = audit_database(
                url,
                genesis,
                progress,
                scratch=scratch,
                processes=spare_cores(),
                still=kept,
            )
    except CannotStart as error:
        cause = error.__cause__
        kind = AuditFailed if isinstance(cause, Malformed) and not isinstance(cause, OtherRelease) else CannotAudit
        raise kind(*sentences(error)) from error
    except CannotCheck as error:
        raise CannotAudit(f"The audit has no place to work: {error}.", "Name a folder with room: --work.") from error
    except StoreFailed as error:
        if _damaged(error):
            raise AuditFailed(f"The database is damaged: {error}.", RESTORE) from error
        raise CannotAudit(f"The database cannot be read: {error}.", "Check the file and its rights.") from error
    if report.difference is not None:
        raise AuditFailed(f"{report.difference}.", RESTORE)
    return AuditedLedger(
        ledger=ledger_id(genesis), size=report.size, records=report.records, resumed_at=report.resumed_at
    )


@contextmanager
def _scratch(work: Path | None, ledger: LedgerId, *, restart: bool) -> Iterator[Path]:
    """Give the file in which an audit of a ledger works, and keep other audits out of it. Raises CannotAudit."""
    place = user_cache_path("hanse", appauthor=False) / "audit" if work is None else work
    scratch = place / f"audit-{ledger.hex()[:16]}.db"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with Lock(place / f"{scratch.stem}.lock").held():
            if restart:
                remove_scratch(scratch)
            yield scratch
    except Taken as error:
        raise CannotAudit(
            f"Another audit of this ledger works in {place}.", "Wait for its end, or name another folder: --work."
        ) from error
    except OSError as error:
        raise CannotAudit(f"{place} cannot be used: {error}.", "Name a folder with room: --work.") from error


def _damaged(error: BaseException) -> bool:
    """Tell a file that is no sound database from one that cannot be opened at the moment."""
    cause = error.__cause__
    return isinstance(cause, driver.DatabaseError) and not isinstance(cause, driver.OperationalError)
