"""`hanse network` and `hanse engine`: a consortium's nodes, each on CometBFT."""

from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from hanse_client.cli.background import interruptible
from hanse_client.cli.console import emit, say, table
from hanse_client.cli.corridor import PLAN_BYTES, read_plan
from hanse_client.cli.extras import load_node
from hanse_client.cli.files import read_file
from hanse_client.cli.networkfolder import make_network, running_network
from hanse_client.cli.nodefolder import MEMBER_KEYS, TRUST, node_errors
from hanse_client.cli.session import JsonOption, PassphraseOption, answer, passphrase_for
from hanse_client.cli.values import in_groups
from hanse_ledger.trust import ledger_id

network_app = typer.Typer(
    name="network", help="A consortium's nodes on this machine; needs the extra `node`.", no_args_is_help=True
)
engine_app = typer.Typer(
    name="engine", help="CometBFT, which orders a consortium's records; needs the extra `node`.", no_args_is_help=True
)

DirOption = Annotated[Path, typer.Option("--dir", help="The network's folder.")]


@network_app.command()
def create(
    members: Annotated[Path, typer.Argument(help="The list of members, TOML.")],
    *,
    folder: DirOption,
    wan: Annotated[bool, typer.Option("--wan", help="Wait as long as between continents.")] = False,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Make a ledger's genesis, and for each member the folder of its node, with keys, on ports of this machine.

    More than two thirds of the members must sign each head. With four members one may fail.
    """
    plan = read_plan(read_file(members, PLAN_BYTES, "list of members"))
    needs_keys = any(member.key is None for member in plan.members)
    passphrase = passphrase_for(folder / MEMBER_KEYS, passphrase_file, new=True) if needs_keys else None
    made = make_network(plan, folder, wide=wan)
    for name, identity in made.identities.items():
        identity.save(folder / MEMBER_KEYS / f"{name}.pem", passphrase)
    genesis = made.genesis
    ledger = ledger_id(genesis)
    document = {
        "ledger": ledger,
        "name": plan.name,
        "quorum": genesis.membership.parameters.quorum,
        "trust": str(folder / TRUST),
        "nodes": made.nodes,
    }
    rows = [
        ("ledger", ledger.hex()),
        ("fingerprint", in_groups(ledger)),
        ("quorum", f"{genesis.membership.parameters.quorum} of {len(made.nodes)}"),
        ("trust file", str(folder / TRUST)),
        *((f"node of {each.member}", f"{each.url}  {each.node_id}  {each.folder}") for each in made.nodes),
    ]
    answer(document, table(rows), as_json=json)
    say("Read the fingerprints out to the other members.")
    say(f"Start all nodes: hanse network up --dir {folder}")


@network_app.command()
def up(*, folder: DirOption) -> None:
    """Run all nodes of a network on this machine, until Ctrl-C. Prints each address once the node takes requests."""
    with interruptible(), running_network(folder) as nodes:
        for name, node in nodes.items():
            emit(f"{name}  {node.url}")
        say("All nodes run. Ctrl-C stops them.")
        Event().wait()


@engine_app.command()
def install(
    *,
    target: Annotated[
        Path | None,
        typer.Option("--to", help="The folder that gets the binary; by default the one where this user's nodes look."),
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="A binary that is there already; by default it is built with Go.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Get CometBFT at the version that Hanse was tested with, and check what the binary was built from."""
    with node_errors():
        program, version = load_node("engine.comet.install").install(target, source)
    document = {"program": str(program), "version": version}
    answer(document, table([("program", str(program)), ("version", version)]), as_json=json)
