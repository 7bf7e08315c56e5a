"""`hanse backup`, `hanse restore`, `hanse node rebuild`: a ledger's copies, and coming back from them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import anyio
import typer

from hanse_cli.base.consent import YesOption, need_consent
from hanse_cli.base.console import progress, say, table
from hanse_cli.base.errors import AuditFailed, RestoreRefused
from hanse_cli.base.extras import load_node
from hanse_cli.base.files import read_file
from hanse_cli.base.nodeoptions import DatabaseOption, ListenOption, P2pOption, PeeringOption
from hanse_cli.base.session import JsonOption, answer
from hanse_cli.base.values import host_and_port, in_groups
from hanse_cli.folders.nodefolder import DATABASE, SETTINGS, node_errors, spare_cores
from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput
from hanse_client.exchange.transport import Transport
from hanse_ledger.values import limits
from hanse_ledger.values.moments import moment_words

DirOption = Annotated[Path, typer.Option("--dir", help="The node's folder.")]
QuickOption = Annotated[
    bool, typer.Option("--quick", help="Check pages, the log's end, objects and claims, but no rules again.")
]
ASK_TIMEOUT_MS = 10_000


def backup(
    target: Annotated[Path, typer.Argument(help="A folder that does not exist yet, or is empty.")],
    *,
    folder: DirOption,
    quick: QuickOption = False,
    json: JsonOption = False,
) -> None:
    """Copy a ledger as of one moment; the node may run meanwhile. The copy is audited before it counts as a backup.

    Keys and tokens are not in it: keep them apart, where secrets are kept. Interrupted, run it again.
    """
    backups = load_node("lifecycle.backup")
    with copy_errors(), progress() as ticker:
        made = backups.make_backup(
            folder,
            target,
            now_ms(),
            ticker.count,
            None if quick else spare_cores(),
        )
    answer_copy(made, [("backup", str(target))], {"backup": str(target)}, as_json=json)
    say("It holds no keys. Keep keys/log.pem and keys/cosign.pem where secrets are kept; without them it is only read.")


def restore(  # noqa: PLR0913 (a command's options)
    source: Annotated[Path, typer.Argument(help="What `hanse backup` made.")],
    *,
    folder: DirOption,
    keys: Annotated[
        Path | None, typer.Option("--keys", help="Where log.pem and cosign.pem are, if there is no node's folder left.")
    ] = None,
    ask: Annotated[
        list[str] | None,
        typer.Option(
            "--ask", help="Who saw this node's log: an address that serves it, a checkpoint, a proof file. Repeatable."
        ),
    ] = None,
    listen: ListenOption = "127.0.0.1:8080",
    peering: PeeringOption = None,
    p2p: P2pOption = None,
    database: DatabaseOption = DATABASE,
    nothing_signed: Annotated[
        bool,
        typer.Option(
            "--nothing-signed-since-backup", help="Your word, where no file and nobody tells, that this is so."
        ),
    ] = False,
    quick: QuickOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Bring a backup back as the ledger of a node that is stopped. What it replaces is kept beside it.

    A node must never sign a head that contradicts one that it has signed. So the backup must hold everything that the
    folder's high-water mark, and whoever is asked, know to be signed; otherwise nothing is changed (exit code 15).

    A folder that holds a node keeps its settings. A new one takes a few of the backup's, which are shown; addresses,
    programs and paths are never taken over, but said with --listen, --peering, --p2p and --database.
    """
    restores, backups = load_node("lifecycle.restore"), load_node("lifecycle.backup")
    with copy_errors(), progress() as ticker:
        manifest, genesis, settings = backups.read_backup(source, ticker.count)
    own = _own_of(listen, peering, p2p, database, keys)
    need_consent(f"What {folder} is about to get", _taken(manifest, genesis, settings, folder), yes=yes)
    with copy_errors(), progress() as ticker:
        present = restores.cosigners_of(source) if ask else ()
        known = [restores.read_known(_seen_by(each), each, genesis, manifest.cosigner, present) for each in ask or ()]
        made = restores.restore(
            source,
            folder,
            own=own,
            known=known,
            nothing_signed_since=nothing_signed,
            now=now_ms(),
            progress=ticker.count,
            processes=None if quick else spare_cores(),
        )
    answer_copy(made, [("restored to", str(folder))], {"folder": str(folder)}, as_json=json)
    say(f"Start the node: hanse node run --dir {folder}")


def _own_of(listen: str, peering: str | None, p2p: str | None, database: str, keys: Path | None) -> Any:
    """Make what the operator says of this machine. Raises InvalidInput."""
    configs, (host, port) = load_node("base.config"), host_and_port(listen)
    found = None
    if peering is not None:
        peer_host, peer_port = host_and_port(peering)
        found = configs.Peering(host=peer_host, port=peer_port)
    if p2p is not None:
        host_and_port(p2p)
    return load_node("lifecycle.adoption").Own(
        listen=configs.Listen(host=host, port=port), peering=found, p2p=p2p, database=database, keys=keys
    )


def _taken(manifest: Any, genesis: Any, settings: Any, folder: Path) -> Iterator[tuple[str, str]]:
    """List what a restored node gets, and what of its backup it does not."""
    yield "ledger", in_groups(manifest.ledger)
    yield "name", genesis.name
    yield "node of", manifest.cosigner
    yield "entries", f"{manifest.size}, as of {moment_words(manifest.made)}"
    if (folder / SETTINGS).exists():
        yield "settings", "those that the folder has"
        return
    adoption = load_node("lifecycle.adoption")
    for name, value in adoption.taken(settings):
        yield "takes over", f"{name} = {value}"
    for name, value in adoption.left(settings):
        yield "leaves out", f"{name} = {value}"


def rebuild(*, folder: DirOption, json: JsonOption = False) -> None:
    """Write a stopped node's database anew from its entries, every signature and rule checked again.

    For a database whose entries are sound and whose other tables are not. The old one is kept beside it.
    """
    restores = load_node("lifecycle.restore")
    with copy_errors(), progress() as ticker:
        size = restores.rebuild_folder(
            folder,
            now_ms(),
            spare_cores(),
            ticker.count,
        )
    answer(
        {"folder": str(folder), "size": size}, table([("rebuilt", str(folder)), ("entries", str(size))]), as_json=json
    )
    say(f"Start the node: hanse node run --dir {folder}")


def answer_copy(made: Any, rows: Sequence[tuple[str, str]], document: dict[str, object], *, as_json: bool) -> None:
    """Give what a copy of a ledger holds."""
    audited = "every signature and rule" if made.audited else "its end, objects and claims; not every rule again"
    shown = [
        *rows,
        ("ledger", made.ledger.hex()),
        ("entries", str(made.size)),
        ("root", made.root.hex()),
        ("made", moment_words(made.made)),
        ("checked", audited),
    ]
    document |= {
        "ledger": made.ledger,
        "size": made.size,
        "root": made.root,
        "made": moment_words(made.made),
        "audited": made.audited,
    }
    answer(document, table(shown), as_json=as_json)


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


@contextmanager
def copy_errors() -> Iterator[None]:
    """Turn what the node's part refuses of copies into the command line's errors; the rest as everywhere."""
    backups, restores = load_node("lifecycle.backup"), load_node("lifecycle.restore")
    with node_errors():
        try:
            yield
        except backups.BackupDamaged as error:
            raise AuditFailed(*_sentences(error)) from error
        except restores.WouldContradict as error:
            raise RestoreRefused(*_sentences(error)) from error
        except backups.BackupFailed as error:
            raise InvalidInput(*_sentences(error)) from error


def _sentences(error: Any) -> tuple[str, str]:
    """Write a reason and a next step as sentences. They may begin with a path, so that no letter is changed."""
    return f"{error.reason}.", f"{error.next_step}."
