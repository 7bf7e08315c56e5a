"""`hanse backup`, `hanse restore`, `hanse node rebuild`: a ledger's copies, and coming back from them."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.consent import YesOption, need_consent
from hanse_cli.base.console import progress, say, table
from hanse_cli.base.nodeoptions import DatabaseOption, ListenOption, P2pOption, PeeringOption
from hanse_cli.base.session import JsonOption, answer
from hanse_cli.folders.nodefolder import DATABASE

DirOption = Annotated[Path, typer.Option("--dir", help="The node's folder.")]
QuickOption = Annotated[
    bool, typer.Option("--quick", help="Check pages, the log's end, objects and claims, but no rules again.")
]


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
    from hanse_cli.with_node.copies import answer_copy, make_backup

    with progress() as ticker:
        manifest = make_backup(folder, target, ticker.count, quick=quick)
    answer_copy(manifest, [("backup", str(target))], {"backup": str(target)}, as_json=json)
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
    from hanse_cli.with_node.copies import answer_copy, own_of, read_backup, restore_backup, taken

    with progress() as ticker:
        copy = read_backup(source, ticker.count)
    own = own_of(listen, peering, p2p, database, keys)
    need_consent(f"What {folder} is about to get", taken(copy, folder), yes=yes)
    with progress() as ticker:
        manifest = restore_backup(
            copy,
            folder,
            ticker.count,
            own=own,
            ask=ask or (),
            nothing_signed_since=nothing_signed,
            quick=quick,
        )
    answer_copy(manifest, [("restored to", str(folder))], {"folder": str(folder)}, as_json=json)
    say(f"Start the node: hanse node run --dir {folder}")


def rebuild(*, folder: DirOption, json: JsonOption = False) -> None:
    """Write a stopped node's database anew from its entries, every signature and rule checked again.

    For a database whose entries are sound and whose other tables are not. The old one is kept beside it.
    """
    from hanse_cli.with_node.copies import rebuild_database

    with progress() as ticker:
        size = rebuild_database(folder, ticker.count)
    answer(
        {"folder": str(folder), "size": size}, table([("rebuilt", str(folder)), ("entries", str(size))]), as_json=json
    )
    say(f"Start the node: hanse node run --dir {folder}")
