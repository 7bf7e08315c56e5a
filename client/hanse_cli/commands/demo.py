"""`hanse demo`: a whole trade on this machine, and its proof checked in a fresh process with no node running."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct

from hanse_cli.base.background import RunningNode, interruptible, running_node
from hanse_cli.base.console import emit, emit_json, say
from hanse_cli.base.extras import load_node, need_documents
from hanse_cli.base.files import write_file
from hanse_cli.base.session import JsonOption
from hanse_cli.base.values import in_groups
from hanse_cli.demo.checks import Verified, change_one_byte, verify_in_fresh_process
from hanse_cli.demo.folder import DemoFolder, prepare_folder
from hanse_cli.demo.story import DISCLOSED, PLAN, SELLER, STOPPED, Stage, Tell, Trade, compare_papers, play, read_papers
from hanse_cli.demo.words import findings_table, parties_table, settlement_lines, verdict_lines
from hanse_cli.folders.networkfolder import need_engine, running_network
from hanse_cli.folders.nodefolder import run_folder
from hanse_client.base.errors import InvalidInput
from hanse_documents.checks import Finding
from hanse_ledger.proofs.report import Verdict
from hanse_ledger.proofs.trustfile import TrustFile, read_trust

DEFAULT_FOLDER = Path("hanse-demo")
DEFAULT_PORT = 8080
SOUND = (Verdict.VALID.value, Verdict.VALID_WITH_WARNINGS.value)


class Outcome(Struct, frozen=True, kw_only=True):
    """What the demonstration has shown."""

    folder: str
    ledger: bytes
    trade: Trade
    findings: tuple[Finding, ...]
    node_exit_code: int
    proof: str
    verified: Verified
    tampered: Verified


def run_demo(
    *,
    folder: Annotated[
        Path | None,
        typer.Option("--dir", help="Where to leave everything; by default hanse-demo, or the next free name."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier demonstration in that folder.")] = False,
    serve: Annotated[bool, typer.Option("--serve", help="Run the node again afterwards, until Ctrl-C.")] = False,
    consortium: Annotated[
        bool, typer.Option("--consortium", help="Four nodes on CometBFT instead of one; one is stopped in the middle.")
    ] = False,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65_535, help=f"Where --serve listens; by default {DEFAULT_PORT}.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Run a whole trade on this machine, and check its proof offline.

    A marketplace, a chamber of commerce, two customs authorities, two banks, a seller and a buyer act on one
    embedded node, or on a consortium's four, each with its own key. Then the nodes are stopped, and one file proves it
    all.
    """
    if consortium and serve:
        raise InvalidInput("--serve runs one node again.", "Run a consortium's nodes with `hanse network up`.")
    if port is not None and not serve:
        raise InvalidInput("--port says where --serve listens.", "Give --serve too.")
    need_documents()
    load_node("main")
    if consortium:
        need_engine()
    with interruptible() as check:

        def tell(text: str) -> None:
            check()
            if not json:
                emit(text)

        named = folder is not None
        demo = prepare_folder(folder or DEFAULT_FOLDER, named=named, force=force, consortium=consortium)
        outcome = _perform(demo, tell, consortium=consortium)
        if json:
            emit_json(outcome)
        else:
            _what_next(demo, tell, consortium=consortium)
    if serve:
        say(f"The node of {demo.path} runs until Ctrl-C.")

        def ready(url: str) -> None:
            (say if json else emit)(url)
            say(f"\nTo paste into Python, in another terminal:\n\n{_to_paste(demo, outcome.trade, url)}")

        run_folder(demo.node, port=DEFAULT_PORT if port is None else port, ready=ready)


def _perform(demo: DemoFolder, tell: Tell, *, consortium: bool) -> Outcome:
    """Play the trade on nodes in processes of their own, stop them, and check what is left."""
    trust = read_trust(demo.trust.read_bytes())
    _introduce(demo, trust, tell)
    papers = read_papers(demo.documents)
    with _running(demo, consortium=consortium) as nodes:
        for name, node in nodes.items():
            whose = f" of {name}" if consortium else ""
            tell(f"\nThe node{whose} runs in a process of its own at {node.url}")
        tell("")
        urls = {name: node.url for name, node in nodes.items()}
        with Stage(urls, trust, demo.identities, demo.homes, papers, tell) as stage:

            def midway() -> None:
                if consortium:
                    code = nodes[STOPPED].stop()
                    stage.without(STOPPED)
                    tell(f"     The node of {STOPPED} is stopped (exit code {code}). The other three go on.")

            trade = play(stage, midway)
            tell(settlement_lines(trade))
            proof = stage.clients[SELLER].proof(
                trade.certificate, trade.invoice, trade.payment, disclose={trade.invoice: DISCLOSED}
            )
        exit_code = max(node.stop() for node in nodes.values())
    findings = compare_papers(papers)
    tell("\nDo the papers agree? Each line is one check; its number stands in docs/formats/documents.md\n")
    tell(findings_table(findings))
    write_file(demo.proof, proof)
    tell(f"\nThe seller's proof: {demo.proof}, {len(proof)} bytes, disclosing {', '.join(DISCLOSED)} of the invoice")
    tell(f"The node is stopped (exit code {exit_code}). A fresh process checks the file, with no network:\n")
    verified = verify_in_fresh_process(demo.proof, demo.trust)
    tell(verdict_lines(verified))
    offset = change_one_byte(demo.proof, demo.tampered)
    tampered = verify_in_fresh_process(demo.tampered, demo.trust)
    tell(f"\nThe same file with its byte {offset} changed, {demo.tampered}:\n")
    tell(verdict_lines(tampered))
    if verified.verdict not in SOUND or tampered.verdict != Verdict.TAMPERED.value:
        raise AssertionError("the proof of the demonstration does not verify, or its change is not noticed")
    outcome = Outcome(
        folder=str(demo.path),
        ledger=trust.ledger,
        trade=trade,
        findings=findings,
        node_exit_code=exit_code,
        proof=str(demo.proof),
        verified=verified,
        tampered=tampered,
    )
    demo.finish(outcome)
    return outcome


@contextmanager
def _running(demo: DemoFolder, *, consortium: bool) -> Iterator[dict[str, RunningNode]]:
    """Run the one node, or all of them, by member."""
    if consortium:
        with running_network(demo.nodes) as nodes:
            yield nodes
    else:
        with running_node(demo.node, demo.log) as node:
            yield {PLAN.operator: node}


def _introduce(demo: DemoFolder, trust: TrustFile, tell: Tell) -> None:
    tell(f"A new ledger, {trust.genesis.name!r}, in {demo.path}")
    tell(f"  fingerprint {in_groups(trust.ledger)}\n")
    tell(parties_table(trust))
    cosigners = ", ".join(cosigner.id for cosigner in trust.membership.cosigners)
    runs = f"; {PLAN.operator} runs the node" if len(trust.membership.cosigners) == 1 else ""
    tell(f"\nEach signs with its own key. The heads of the log are signed by {cosigners}{runs}.")
    tell(f"Keys: {demo.keys}, encrypted under the passphrase in {demo.passphrase} (mode 0600, generated just now).")


def _to_paste(demo: DemoFolder, trade: Trade, url: str) -> str:
    """Write lines of Python that work as they are, while the node runs."""
    folder = demo.path.resolve()
    return "\n".join(
        (
            "from hanse_client import Client, Identity",
            f"folder = {str(folder)!r}",
            'identity = Identity.load(folder + "/keys/seller.pem", passphrase_file=folder + "/passphrase")',
            f"client = Client({url!r}, identity=identity,",
            '    trust=folder + "/trust.json", home=folder + "/homes/seller")',
            f"buyer = {trade.buyer.hex()!r}",
            'invoice = client.invoices.issue(folder + "/documents/invoice.xml", buyer=buyer)',
            'proof = client.proof(invoice.object_id, disclose=["BT-1", "BT-2"])',
            "print(invoice.object_id, invoice.position, client.verify(proof).verdict)",
            "client.close()",
        )
    )


def _what_next(demo: DemoFolder, tell: Tell, *, consortium: bool) -> None:
    tell("\nNow try:\n")
    tell(f"  hanse verify {demo.proof} --trust {demo.trust} --offline")
    tell(f"  hanse inspect {demo.proof}")
    node = demo.nodes / PLAN.operator if consortium else demo.node
    tell(f"  hanse log verify --dir {node}")
    tell(f"  hanse network up --dir {demo.nodes}" if consortium else f"  hanse node run --dir {node}")
