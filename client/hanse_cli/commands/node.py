"""`hanse node`: init, run, certificate, status; rebuild stands in `backup.py`."""

from base64 import b32encode
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import anyio
import msgspec
import typer
from msgspec import Struct

from hanse_cli.base.background import stdin_ends
from hanse_cli.base.console import emit, say, table
from hanse_cli.base.files import read_text, write_file
from hanse_cli.base.session import CommandSession, JsonOption, PassphraseOption, answer, in_session, passphrase_for
from hanse_cli.base.values import in_groups
from hanse_cli.commands.backup import rebuild
from hanse_cli.folders.corridor import PLAN_BYTES, Corridor, Plan, make_corridor, read_plan
from hanse_cli.folders.memberkeys import MEMBER_KEYS, FewOption, save_keys, say_offices, say_spares, settle_few
from hanse_cli.folders.nodefolder import DATABASE, REPLACED, TRUST, need_empty
from hanse_client.base.clock import SECOND_MS, now_ms
from hanse_client.base.errors import HanseError
from hanse_client.exchange.transport import Transport
from hanse_io.outgoing import Answer
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.moments import moment_words
from hanse_ledger.wire.genesis import ledger_id

app = typer.Typer(name="node", help="A node of one's own; needs the extra `node`.", no_args_is_help=True)

DirOption = Annotated[Path, typer.Option("--dir", help="The node's folder.")]
READY_BYTES = 64 * 1024
STATUS_TIMEOUT_MS = 10_000


class _State(Struct, frozen=True):
    """A node's own word on whether it takes records."""

    status: str
    reason: str = ""
    warnings: tuple[str, ...] = ()


class Readiness(Struct, frozen=True):
    """Whether a node takes records, and why not."""

    node: str
    ready: bool
    reason: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Say it in one line."""
        return "; ".join(("yes" if self.ready else f"no: {self.reason}", *self.warnings))


@app.command()
def init(  # noqa: PLR0913 (a command's options)
    *,
    folder: DirOption,
    members: Annotated[Path, typer.Option("--members", help="The list of members, TOML.")],
    host: Annotated[str, typer.Option("--host", help="Where the node listens unless told otherwise.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="Likewise.")] = 8080,
    database: Annotated[
        str, typer.Option("--database", help="An SQLite file in the folder, or postgresql://user@host/name.")
    ] = DATABASE,
    yes: FewOption = False,
    tls_certificate: Annotated[
        Path | None, typer.Option("--tls-certificate", help="The certificate that clients see, with its chain, PEM.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", help="Its key, PEM, not encrypted.")] = None,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Make a ledger's genesis, its trust file, and the folder of the operator's node.

    The list of members is TOML: `name` of the ledger, `operator` (the member that runs this node), and for each of
    `members` its `id`, `name`, `roles` (auditor, bank, carrier, customs, marketplace, origin-issuer) and, where it
    brings its own, its public keys as `hanse key show` prints them: `key`, and `spare`, which it keeps offline;
    `years` says how long they count. Members that bring none get two identities, encrypted under the passphrase, to be
    handed over: one in DIR/keys/members/, and one in DIR/keys/spare/ that is to be taken offline. Their offices are
    opened when the node first runs; a member that brings its own keys opens its office itself: hanse office open.
    """
    from hanse_cli.with_node.nodes import create_node
    from hanse_cli.with_node.waitingoffices import leave_offices

    plan = read_plan(read_text(members, PLAN_BYTES, "list of members"))
    need_empty(folder, REPLACED)
    settle_few(len(plan.members), yes=yes)
    # Asked before anything is written.
    needs_keys = any(member.key is None for member in plan.members)
    passphrase = passphrase_for(folder / MEMBER_KEYS, passphrase_file, new=True) if needs_keys else None
    corridor = make_corridor(plan, now_ms())
    tls = (tls_certificate, tls_key)
    trust = create_node(folder, corridor, host=host, port=port, database=database, tls=tls)
    saved = save_keys(folder, corridor.identities, corridor.spares, passphrase)
    write_file(folder / TRUST, trust, private=True)
    leave_offices(folder, ledger_id(corridor.genesis), corridor.identities, now_ms())
    _answer_made(folder, plan, corridor, saved, as_json=json)
    say("Read the fingerprint out to the other members, and give everybody the trust file.")
    say_spares(folder, corridor.spares)
    say_offices(sorted(corridor.identities), [member.id for member in plan.members])
    say(f"Start the node: hanse node run --dir {folder}")


def _answer_made(
    folder: Path, plan: Plan, corridor: Corridor, saved: Mapping[str, tuple[str, str]], *, as_json: bool
) -> None:
    ledger = ledger_id(corridor.genesis)
    document = {
        "ledger": ledger,
        "name": plan.name,
        "operator": plan.operator,
        "trust": str(folder / TRUST),
        "keys": {name: first for name, (first, _) in saved.items()},
        "spares": {name: second for name, (_, second) in saved.items()},
    }
    rows = [
        ("ledger", ledger.hex()),
        ("fingerprint", in_groups(ledger)),
        ("name", plan.name),
        ("operator", plan.operator),
        ("trust file", str(folder / TRUST)),
        *((f"key of {name}", path) for name, (path, _) in saved.items()),
        *((f"second key of {name}", path) for name, (_, path) in saved.items()),
    ]
    answer(document, table(rows), as_json=as_json)


@app.command()
def run(
    *,
    folder: DirOption,
    host: Annotated[str | None, typer.Option("--host", help="By default as node.toml says.")] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65_535, help="Likewise; 0 takes a free one.")] = None,
    tethered: Annotated[
        bool, typer.Option("--tethered", hidden=True, help="Also stop when standard input ends: with the parent.")
    ] = False,
) -> None:
    """Run a node until SIGTERM or Ctrl-C. Prints its address once it takes records; its log goes to stderr."""
    from hanse_cli.with_node.nodes import run_folder

    run_folder(folder, host=host, port=port, ready=emit, stop=stdin_ends() if tethered else None)


app.command("rebuild")(rebuild)


@app.command()
def certificate(
    *,
    folder: DirOption,
    new_authority: Annotated[
        bool,
        typer.Option("--new-authority", help="Make another authority too; the other members must get it before."),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Make the certificate anew that a consortium's node shows to the others; a running node takes it up by itself.

    A node does this a month before its certificate ends. The authority, which lasts twenty years, is what the other
    members keep: after --new-authority send them DIR/tls/authority.pem, for their tls/peers/.
    """
    from hanse_cli.with_node.tlscertificates import renew_certificate

    ends = renew_certificate(folder, now_ms(), new_authority=new_authority)
    document = {"certificate": str(folder / "tls" / "node.pem"), "authority": str(folder / "tls" / "authority.pem")}
    document["ends"] = f"{ends:%Y-%m-%dT%H:%M:%SZ}"
    answer(document, table(document.items()), as_json=json)


@app.command()
@in_session
def status(*, session: CommandSession) -> None:
    """Show a node's newest head, verified against the trust file, and whether it takes records.

    Of several nodes any that answers shows its head; whether it takes records each is asked.
    """
    with session.client(signs=False) as client:
        trust, head = client.trust(), client.head()
    nodes = anyio.run(_readiness, session)
    ready = any(node.ready for node in nodes)
    document = {
        "node": session.node,
        "ledger": trust.ledger,
        "name": trust.genesis.name,
        "origin": head.origin,
        "size": head.size,
        "root": head.root,
        "signed_at": moment_words(head.signed_at_seconds * SECOND_MS),
        "vouchers": head.vouchers,
        # `head` raises where the signatures do not hold. What they are held to is the question.
        "verified_against": "trust-file" if session.trust is not None else "first-contact",
        "ready": ready,
        "reason": "" if ready else "; ".join(node.reason for node in nodes),
        "nodes": nodes,
    }
    measure = f"the trust file {session.trust}" if session.trust else "what this node showed at the first contact"
    rows = [
        ("node", session.node),
        ("ledger", trust.ledger.hex()),
        ("name", trust.genesis.name),
        ("head of", head.origin.rpartition("/")[2]),
        ("size", f"{head.size} entries"),
        ("root", head.root.hex()),
        ("signed", f"{document['signed_at']} by {', '.join(head.vouchers)}"),
        ("verified", f"the log's signature and a quorum, against {measure}"),
        *((f"ready, {node.node}" if len(nodes) > 1 else "ready", node.words) for node in nodes),
    ]
    session.answer(document, table(rows))
    if session.trust is None:
        say("No trust file was named, and a node cannot vouch for itself. Get one from a member; name it with --trust.")


async def _readiness(session: CommandSession) -> list[Readiness]:
    urls = [url.strip() for url in session.node.split(",")]
    transport = Transport(urls, token_file=session.token_file, timeout_ms=STATUS_TIMEOUT_MS, ca=session.ca_file)
    try:
        answers = await transport.ask_each("/readyz", most=READY_BYTES)
    finally:
        await transport.close()
    return [read_readiness(url, answer) for url, answer in answers]


def read_readiness(url: str, answer: Answer | HanseError) -> Readiness:
    """Read a node's word; a node that is not ready says why with the status 503."""
    if isinstance(answer, HanseError):
        return Readiness(url, ready=False, reason=answer.message)
    try:
        state = msgspec.json.decode(answer.body, type=_State)
    except UNREADABLE:
        return Readiness(url, ready=False, reason=f"it answers with the status {answer.status}, and no reason")
    if answer.ok and state.status == "ready":
        return Readiness(url, ready=True, warnings=state.warnings)
    return Readiness(url, ready=False, reason=state.reason or state.status, warnings=state.warnings)


@app.command()
def publications(*, folder: DirOption, json: JsonOption = False) -> None:
    """List the proofs that a node publishes, and those withdrawn within 30 days. Each name opens its proof."""
    from hanse_cli.with_node.publications import list_publications

    document, rows = [], []
    for each in list_publications(folder):
        name = b32encode(each.name).decode().rstrip("=")
        ended = None if each.ended is None else moment_words(each.ended)
        state = f"renewed {moment_words(each.renewed)}" if ended is None else f"withdrawn {ended}"
        rows.append((name, f"{each.holder}; published {moment_words(each.made)}; {state}"))
        document.append(
            {
                "name": name,
                "holder": each.holder,
                "published": moment_words(each.made),
                "renewed": moment_words(each.renewed),
                "withdrawn": ended,
            }
        )
    answer(document, table(rows), as_json=json)
    if not rows:
        say("There are none.")


@app.command()
def withdraw(
    name: Annotated[str, typer.Argument(help="Its name, as `hanse node publications` lists it.")],
    *,
    folder: DirOption,
    json: JsonOption = False,
) -> None:
    """Take down a proof that a node publishes, whoever published it. The node may run meanwhile."""
    from hanse_cli.with_node.publications import withdraw_publication

    withdraw_publication(folder, name, now_ms())
    answer({"name": name.upper(), "withdrawn": True}, f"{name.upper()} shows nothing any more.", as_json=json)
