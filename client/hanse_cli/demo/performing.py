"""The demonstration from its first line to its last: the trade is played, the nodes stopped, its proof checked."""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from hanse_cli.base.background import RunningNode, running_node
from hanse_cli.base.files import write_file
from hanse_cli.base.values import in_groups
from hanse_cli.demo.cast import PLAN, SELLER, STOPPED
from hanse_cli.demo.checks import Verified, change_one_byte, verify_in_fresh_process
from hanse_cli.demo.folder import DemoFolder
from hanse_cli.demo.fraud import Fraud, cheat
from hanse_cli.demo.papers import compare_papers, read_papers
from hanse_cli.demo.stage import Stage, Tell
from hanse_cli.demo.story import DISCLOSED, Trade, play, settle
from hanse_cli.demo.words import findings_table, parties_table, settlement_lines, verdict_lines
from hanse_cli.folders.networkfolder import running_network
from hanse_documents.checks import Finding
from hanse_ledger.proofs.trustfile import TrustFile, read_trust
from hanse_ledger.values.verdict import Verdict
from hanse_page.carried import carried_page

SOUND = (Verdict.VALID.value, Verdict.VALID_WITH_WARNINGS.value)


class Performance(Struct, frozen=True, kw_only=True):
    """What the demonstration has shown."""

    folder: str
    ledger: bytes
    trade: Trade
    fraud: Fraud
    findings: tuple[Finding, ...]
    node_exit_code: int
    proof: str
    page: str
    verified: Verified
    tampered: Verified


def perform(demo: DemoFolder, tell: Tell, *, consortium: bool) -> Performance:
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

            traded = play(stage, midway)
            # A proof is of its moment: the seller takes it when it is paid.
            proof = stage.clients[SELLER].proof(
                traded.certificate, traded.invoice, traded.payment, disclose={traded.invoice: DISCLOSED}
            )
            tell("     The seller is paid, and takes its proof of all this: see below.")
            trade = settle(stage, traded)
            tell(settlement_lines(trade))
            fraud = cheat(stage, traded)
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
    write_file(demo.page, carried_page(trust.to_bytes()))
    outcome = Performance(
        folder=str(demo.path),
        ledger=trust.ledger,
        trade=trade,
        fraud=fraud,
        findings=findings,
        node_exit_code=exit_code,
        proof=str(demo.proof),
        page=str(demo.page),
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
    tell("Each opens its office with the first records: to its key is sealed what addresses it.")
    tell(f"Keys: {demo.keys}, encrypted under the passphrase in {demo.passphrase} (mode 0600, generated just now).")


def to_paste(demo: DemoFolder, trade: Trade, url: str) -> str:
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


def what_next(demo: DemoFolder, tell: Tell, *, consortium: bool) -> None:
    """Tell what can be done with what is left."""
    dropped = f"{demo.proof.name} and {demo.tampered.name}"
    tell(f"\nOpen {demo.page} in a browser, and drop {dropped} on it: it needs no network.")
    tell("\nNow try:\n")
    tell(f"  hanse verify {demo.proof} --trust {demo.trust} --offline")
    tell(f"  hanse inspect {demo.proof}")
    node = demo.nodes / PLAN.operator if consortium else demo.node
    tell(f"  hanse log verify --dir {node}")
    tell(f"  hanse network up --dir {demo.nodes}" if consortium else f"  hanse node run --dir {node}")
