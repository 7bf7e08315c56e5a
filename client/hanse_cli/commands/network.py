"""`hanse network` and `hanse engine`: a consortium's nodes; hand-over and take-over stand in `handover.py`."""

from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from hanse_cli.base.background import interruptible
from hanse_cli.base.consent import YesOption, need_consent
from hanse_cli.base.console import emit, say, table
from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import read_text, write_file
from hanse_cli.base.nodeoptions import DatabaseOption, ListenOption, P2pOption, PeeringOption, WanOption
from hanse_cli.base.session import JsonOption, PassphraseOption, answer, passphrase_for
from hanse_cli.base.values import host_and_port, in_groups
from hanse_cli.commands.handover import hand_over, take_over
from hanse_cli.folders.corridor import PLAN_BYTES, YEAR_MS, both_keys, read_plan
from hanse_cli.folders.memberkeys import (
    MEMBER_KEYS,
    FewOption,
    prepared_identity,
    save_keys,
    say_offices,
    say_spares,
    settle_few,
)
from hanse_cli.folders.networkfolder import keep_running, running_network
from hanse_cli.folders.nodefolder import DATABASE, REPLACED, TRUST, need_empty
from hanse_client.base.clock import now_ms
from hanse_client.home.identity import Identity
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.wire.genesis import ledger_id
from hanse_ledger.wire.membership import Member, MemberKey, MemberRole

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
    wan: WanOption = False,
    yes: FewOption = False,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Make a ledger's genesis, and for each member the folder of its node, with keys, on ports of this machine.

    More than two thirds of the members must sign each head. With four members one may fail.
    """
    from hanse_cli.with_node.engines import need_engine
    from hanse_cli.with_node.networks import make_network
    from hanse_cli.with_node.waitingoffices import leave_all_offices

    plan = read_plan(read_text(members, PLAN_BYTES, "list of members"))
    need_empty(folder, REPLACED)
    need_engine()
    settle_few(len(plan.members), yes=yes)
    needs_keys = any(member.key is None for member in plan.members)
    passphrase = passphrase_for(folder / MEMBER_KEYS, passphrase_file, new=True) if needs_keys else None
    network = make_network(plan, folder, wide=wan)
    save_keys(folder, network.identities, network.spares, passphrase)
    genesis = network.genesis
    ledger = ledger_id(genesis)
    leave_all_offices(network, now_ms())
    document = {
        "ledger": ledger,
        "name": plan.name,
        "quorum": genesis.membership.parameters.quorum,
        "trust": str(folder / TRUST),
        "nodes": network.nodes,
    }
    rows = [
        ("ledger", ledger.hex()),
        ("fingerprint", in_groups(ledger)),
        ("quorum", f"{genesis.membership.parameters.quorum} of {len(network.nodes)}"),
        ("trust file", str(folder / TRUST)),
        *((f"node of {node.member}", f"{node.url}  {node.node_id}  {node.folder}") for node in network.nodes),
    ]
    answer(document, table(rows), as_json=json)
    say("Read the fingerprints out to the other members.")
    say_spares(folder, network.spares)
    say_offices(sorted(network.identities), [member.id for member in plan.members])
    say(f"Start all nodes: hanse network up --dir {folder}")


@network_app.command()
def up(
    *,
    folder: DirOption,
    restart: Annotated[bool, typer.Option("--restart", help="Start a node again that ends by itself.")] = False,
) -> None:
    """Run all nodes of a network on this machine, until Ctrl-C. Prints each address once the node takes requests."""
    with interruptible(), running_network(folder) as nodes:
        for name, node in nodes.items():
            emit(f"{name}  {node.url}")
        say("All nodes run. Ctrl-C stops them.")
        if restart:
            keep_running(folder, nodes, say)
        Event().wait()


@network_app.command()
def prepare(  # noqa: PLR0913 (a command's options)
    *,
    folder: Annotated[Path, typer.Option("--dir", help="The node's folder; it must be empty.")],
    member: Annotated[str, typer.Option("--member", help="The member's id: 1 to 32 lower-case letters, digits, -.")],
    name: Annotated[str, typer.Option("--name", help="The member's name.")],
    roles: Annotated[list[MemberRole], typer.Option("--role", help="What the member does; may be repeated.")],
    url: Annotated[str, typer.Option("--url", help="Where other members' nodes reach this one: https://host:8443.")],
    p2p: Annotated[str, typer.Option("--p2p", help="Where other members' engines reach this one's: host:26656.")],
    key: Annotated[
        str | None,
        typer.Option("--key", help="The member's public key, as `hanse key show` prints it; else two are made."),
    ] = None,
    spare: Annotated[
        str | None, typer.Option("--spare", help="With --key: the member's second one, which it keeps offline.")
    ] = None,
    years: Annotated[int, typer.Option("--years", min=1, max=50, help="How long those keys count.")] = 5,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Make the keys of one's own node, and the part that the other members must have: DIR/member.json.

    Nothing secret is in it. Whoever puts the parts together needs one of each member: `hanse network assemble`.
    """
    from hanse_cli.with_node.networks import check_member, prepare_node

    need_empty(folder, "Name an empty folder.")
    for address in (p2p, url.removeprefix("https://")):
        host_and_port(address)
    now = now_ms()
    identities = [Identity.generate(member) for _ in range(2)] if key is None and spare is None else []
    public = [identity.public_key for identity in identities] or both_keys(member, key, spare)
    held = tuple(MemberKey(key=key, valid_from=now, valid_until=now + years * YEAR_MS) for key in public)
    own = Member(id=member, keys=held, name=name, roles=tuple(sorted(set(roles))))
    check_member(own, url, p2p)
    passphrase = passphrase_for(folder / MEMBER_KEYS, passphrase_file, new=True) if identities else None
    file, part = prepare_node(folder, own, url, p2p, now)
    first, second = ({member: identity} for identity in identities) if identities else ({}, {})
    save_keys(folder, first, second, passphrase)
    fingerprint = hash_bytes(part)
    document = {"member": member, "part": str(file), "fingerprint": fingerprint}
    rows = [("member", member), ("part", str(file)), ("fingerprint", in_groups(fingerprint))]
    answer(document, table(rows), as_json=json)
    say_spares(folder, second)
    say(f"Send {file} to whoever puts the parts together, and read the fingerprint out.")


@network_app.command()
def assemble(
    parts: Annotated[list[Path], typer.Argument(help="The members' parts.")],
    *,
    name: Annotated[str, typer.Option("--name", help="The ledger's name, for good.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    wan: WanOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Put all members' parts together into the one file from which each completes its node."""
    from hanse_cli.with_node.joinforms import answer_network, taken_parts
    from hanse_cli.with_node.networks import assemble as put_together

    if out.exists():
        raise WouldOverwrite(out, "A ledger is never replaced. Name another file.")
    settle_few(len(parts), yes=yes)
    data, described = put_together(parts, name, now_ms(), wide=wan)
    need_consent("What is about to be put together", taken_parts(described.parts), yes=yes)
    write_file(out, data)
    answer_network(described, out, as_json=json)
    say(f"Send {out} to all members; each runs `hanse network join` and reads the fingerprint out.")


@network_app.command()
def join(  # noqa: PLR0913 (a command's options)
    network: Annotated[Path, typer.Argument(help="What `hanse network assemble` wrote.")],
    *,
    folder: Annotated[Path, typer.Option("--dir", help="What `hanse network prepare` made.")],
    listen: ListenOption = "127.0.0.1:8080",
    peering: PeeringOption = None,
    p2p: P2pOption = None,
    database: DatabaseOption = DATABASE,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow",
            help="Join a ledger that runs already: follow it without a vote, until the members admit this node.",
        ),
    ] = False,
    snapshot: Annotated[
        bool,
        typer.Option(
            "--snapshot",
            help="With --follow: begin with a snapshot that a quorum has signed, instead of replaying every block.",
        ),
    ] = False,
    later: Annotated[
        list[Path] | None,
        typer.Option("--peer", metavar="PART", help="The member.json of a member admitted since; may be repeated."),
    ] = None,
    yes: YesOption = False,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Complete one's own node from the file with all parts. Compare the fingerprint with the others by telephone.

    Where `hanse network prepare` made the member's key, and its passphrase is given, the member's office is opened too,
    once the node is a member's.
    """
    from hanse_cli.with_node.joinforms import answer_network, network_of, part_of, settings_of, taken_parts
    from hanse_cli.with_node.networks import join_network, own_node
    from hanse_cli.with_node.waitingoffices import leave_offices

    described = network_of(network)
    own = own_node(folder, None if follow else described)
    config = settings_of(own, listen, peering, p2p, database, follow=follow, snapshot=snapshot)
    admitted = [part_of(path) for path in later or []]
    ledger = ledger_id(described.genesis())
    rows = [("ledger", in_groups(ledger)), ("name", described.name), *taken_parts([*described.parts, *admitted])]
    need_consent(f"What the node in {folder} is about to take", rows, yes=yes)
    identities = prepared_identity(folder, own.id, passphrase_file)
    join_network(folder, described, config, admitted)
    leave_offices(folder, ledger, identities, now_ms())
    answer_network(described, folder / TRUST, as_json=json)
    say_offices(sorted(identities), [own.id])
    say("Compare the fingerprint with every other member before you start the node.")
    say(f"Start it: hanse node run --dir {folder}")


@network_app.command()
def peer(
    part: Annotated[Path, typer.Argument(help="Another member's member.json.")],
    *,
    folder: Annotated[Path, typer.Option("--dir", help="The folder of one's own node.")],
    observer: Annotated[
        bool,
        typer.Option(
            "--observer", help="Let its engine connect though its member was removed, or has another node since."
        ),
    ] = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Let one's own node know another member's: one that shall be admitted, follows, or has new addresses.

    A running node takes it up within a minute. It does not make anybody a member.
    """
    from hanse_cli.with_node.joinforms import fingerprint_of, part_of, taken_parts
    from hanse_cli.with_node.networks import add_peer

    form = part_of(part)
    need_consent(
        "Whom your node is about to know, and whose engine may connect to its own", taken_parts([form]), yes=yes
    )
    node, fingerprint = add_peer(folder, form, observer=observer), fingerprint_of(form)
    engine = node.validator.node_id
    document = {"member": form.member.id, "url": node.url, "engine": engine, "fingerprint": fingerprint}
    rows = [
        ("member", form.member.id),
        ("url", node.url),
        ("engine", f"{engine}@{node.p2p}"),
        ("fingerprint", in_groups(fingerprint)),
    ]
    answer(document, table(rows), as_json=json)
    say(f"Compare the fingerprint with {form.member.id} by telephone before you vote for it.")


@network_app.command()
def forget(
    member: Annotated[str, typer.Argument(help="The member's id, as [engines] in node.toml has it.")],
    *,
    folder: Annotated[Path, typer.Option("--dir", help="The folder of one's own node.")],
    json: JsonOption = False,
) -> None:
    """Let one's own node forget another member's: an observer that shall follow no more, a newcomer that never came.

    A running node takes it up within a minute, and ends the connection. A member in force is refused by it too.
    """
    from hanse_cli.with_node.networks import forget_peer

    engines = forget_peer(folder, member)
    rows = [("member", member), ("engines forgotten", str(engines))]
    answer({"member": member, "engines": engines}, table(rows), as_json=json)


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
    from hanse_cli.with_node.engines import answer_program, install_engine

    answer_program(*install_engine(target, source), as_json=json)


@engine_app.command("pin")
def pin_program(
    *,
    folder: Annotated[Path, typer.Option("--dir", help="The folder of one's own node.")],
    json: JsonOption = False,
) -> None:
    """Let one's own node run the binary of CometBFT that it finds now: after you have replaced it yourself.

    A node runs no other binary than the one that it ran before, or that `hanse engine install` has placed.
    """
    from hanse_cli.with_node.engines import answer_program, pin_engine

    answer_program(*pin_engine(folder), as_json=json)


network_app.command("hand-over")(hand_over)
network_app.command("take-over")(take_over)
