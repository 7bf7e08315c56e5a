"""`hanse network hand-over` and `take-over`: a ledger moves from one node to a consortium."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.consent import YesOption, need_consent
from hanse_cli.base.console import progress, say, table
from hanse_cli.base.nodeoptions import DatabaseOption, ListenOption, P2pOption, PeeringOption, WanOption
from hanse_cli.base.session import JsonOption, answer
from hanse_cli.base.values import in_groups
from hanse_cli.commands.backup import DirOption, QuickOption
from hanse_cli.folders.nodefolder import DATABASE
from hanse_ledger.wire.genesis import ledger_id


def hand_over(
    target: Annotated[Path, typer.Argument(help="A folder that does not exist yet, or is empty.")],
    *,
    folder: DirOption,
    quick: QuickOption = False,
    json: JsonOption = False,
) -> None:
    """Copy a stopped node's ledger for the members of a consortium. That node never starts again.

    The members must have accepted a change that brings their nodes: `hanse member propose --admit`. Interrupted, run it
    again. The copy holds every entry, and no keys and no sealed documents: those go with `take-over --documents`.
    """
    from hanse_cli.with_node import copies

    with progress() as ticker:
        manifest = copies.hand_over(folder, target, ticker.count, quick=quick)
    copies.answer_copy(manifest, [("copy", str(target))], {"copy": str(target)}, as_json=json)
    say(f"Give {target} to every member; each runs: hanse network take-over {target} PARTS --dir NODE")


def take_over(  # noqa: PLR0913 (a command's options)
    copy: Annotated[Path, typer.Argument(help="What `hanse network hand-over` made.")],
    parts: Annotated[list[Path], typer.Argument(help="The member.json of each member whose node was voted for.")],
    *,
    folder: Annotated[Path, typer.Option("--dir", help="What `hanse network prepare` made.")],
    listen: ListenOption = "127.0.0.1:8080",
    peering: PeeringOption = None,
    p2p: P2pOption = None,
    database: DatabaseOption = DATABASE,
    wan: WanOption = False,
    documents: Annotated[
        Path | None, typer.Option(help="The folder of the node that handed over: its sealed documents come from there.")
    ] = None,
    quick: QuickOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Complete one's own node from the copy of a ledger that moves. All members must use the same --wan, or none.

    The ledger goes on when all of these nodes run: each then says by itself that it is ready.
    """
    from hanse_cli.with_node import copies
    from hanse_cli.with_node.joinforms import part_of, settings_of, taken_parts
    from hanse_cli.with_node.networks import own_node

    forms = [part_of(path) for path in parts]
    own = own_node(folder, None)
    config = settings_of(own, listen, peering, p2p, database, follow=True, wide=wan)
    need_consent(f"With whom the node in {folder} is about to take the ledger over", taken_parts(forms), yes=yes)
    with progress() as ticker:
        genesis = copies.take_over(copy, forms, folder, config, ticker.count, quick=quick, documents=documents)
    ledger = ledger_id(genesis)
    document = {"ledger": ledger, "name": genesis.name, "node": str(folder)}
    rows = [("ledger", ledger.hex()), ("fingerprint", in_groups(ledger)), ("name", genesis.name), ("node", str(folder))]
    answer(document, table(rows), as_json=json)
    say(f"Start it: hanse node run --dir {folder}")
