"""A node's folder: made, and run."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.folders.corridor import Corridor
from hanse_cli.folders.nodefolder import DATABASE, REPLACED, SETTINGS, need_node
from hanse_cli.with_node.nodeerrors import node_errors
from hanse_ledger.proofs.trustfile import write_trust
from hanse_ledger.wire.codec import encode
from hanse_node.main import init_node, run_node


@node_errors()
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
    if (folder / SETTINGS).exists():
        raise WouldOverwrite(folder / SETTINGS, REPLACED)
    init_node(
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


@node_errors()
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
        InvalidInput: the folder holds no node.
        NodeFailed: it cannot start.
    """
    need_node(folder)
    run_node(folder, host=host, port=port, ready=ready, stop=stop)
