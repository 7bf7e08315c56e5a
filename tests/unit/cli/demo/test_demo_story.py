"""The trade of `hanse demo`, on a node in this process: what is told, what its folder holds, what may be replaced."""

import json
import stat
from pathlib import Path
from typing import NamedTuple, cast

import pytest

from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.demo import folder
from hanse_cli.demo.cast import PLAN, SELLER
from hanse_cli.demo.checks import change_one_byte, verify_in_fresh_process
from hanse_cli.demo.folder import MARK, DemoFolder, prepare_folder
from hanse_cli.demo.fraud import Fraud, cheat
from hanse_cli.demo.papers import compare_papers, read_papers, trade_papers
from hanse_cli.demo.performing import to_paste, what_next
from hanse_cli.demo.stage import Stage
from hanse_cli.demo.story import DISCLOSED, Trade, play, settle
from hanse_cli.demo.words import findings_table, parties_table, settlement_lines, verdict_lines
from hanse_client.base.errors import BadAnswer, InvalidInput
from hanse_client.base.views import Receipt
from hanse_documents import read_document
from hanse_documents.checks import Agreement
from hanse_documents.model.documents import CertificateDocument
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.values.dates import end_of, start_of
from tests.world.typed.desk import Desk, node_here

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoFolder:
    """Give a demonstration's folder, made and not played."""
    return prepare_folder(tmp_path_factory.mktemp("demo") / "hanse-demo", named=True, force=False)


class Played(NamedTuple):
    """How both stories went, what was told of the first, and the seller's proof."""

    trade: Trade
    fraud: Fraud
    told: list[str]
    proof: bytes


@pytest.fixture(scope="module")
def played(demo: DemoFolder) -> Played:
    """Play both stories."""
    told: list[str] = []
    trust, papers = read_trust(demo.trust.read_bytes()), read_papers(demo.documents)
    with (
        node_here(demo.node) as url,
        Stage({PLAN.operator: url}, trust, demo.identities, demo.homes, papers, told.append) as stage,
    ):
        traded = play(stage)
        objects = (traded.certificate, traded.invoice, traded.payment)
        proof = stage.clients[SELLER].proof(*objects, disclose={traded.invoice: DISCLOSED})
        trade, lines = settle(stage, traded), list(told)
        return Played(trade, cheat(stage, traded), lines, proof)


def test_each_act_is_told_as_the_ledger_shows_it(played: Played) -> None:
    """The acts in order, each with who signed, what it is now and where it stands; the debt and the goods are even."""
    trade, told = played.trade, played.told
    assert [act.kind for act in trade.acts][:5] == [*["party.enrol"] * 4, "order.attest"]
    assert trade.acts[-1].kind == "invoice.credit"
    assert [act.position for act in trade.acts] == sorted({act.position for act in trade.acts})
    issued = next(place for place, line in enumerate(told) if "issued the invoice" in line)
    assert f"invoice {trade.invoice.hex()[:16]}… is issued" in told[issued + 1]
    assert trade.settled_minor + trade.credited_minor == trade.payable_minor
    assert trade.written_off_micro == trade.certified_micro
    said = settlement_lines(trade)
    assert "Settled of the invoice: 5086.00 of 5150.00 EUR; credited: 64.00" in said
    assert "Written off the certificate" in said


def test_what_is_signed_under_a_mandate_says_for_whom(played: Played) -> None:
    """The broker declares, for the seller; whatever else is signed, its signer signs for itself."""
    (declared,) = [act for act in played.trade.acts if act.principals]
    assert (declared.kind, declared.regime) == ("declaration.lodge", "export")
    assert "(broker)" in declared.signers[0]
    assert "(seller)" in declared.principals[0]
    assert any("(broker), for Qingwan" in line for line in played.told)


def test_each_attempt_is_refused_by_its_rule(played: Played) -> None:
    """Each has its rule, its reason in words, and whose word stopped it; nothing of it is in the log."""
    fraud = played.fraud
    assert [(attempt.rule, attempt.code) for attempt in fraud.attempts] == [
        ("I-1", "tag-taken"),
        ("L-1", "invoice-pledged"),
        ("S-1", "payee-bank-not-pledgee"),
        ("T-4", "not-holder"),
        ("C-1", "certificate-overdrawn"),
        ("C-1", "source-overdrawn"),
        ("B-3", "kind-not-covered"),
    ]
    assert all(attempt.words and attempt.stopped_by for attempt in fraud.attempts)
    assert fraud.entries_before == fraud.entries_after
    assert [act.kind for act in fraud.acts] == [
        "invoice.issue",
        "invoice.accept",
        "pledge.create",
        "shipment.dispatch",
        "title.issue",
        "title.transfer",
    ]


def test_what_is_not_refused_is_no_fraud(demo: DemoFolder, played: Played) -> None:
    """A second story that nobody stops would be a lie: it ends the demonstration."""
    papers, told = read_papers(demo.documents), list[str]()
    trust = read_trust(demo.trust.read_bytes())
    with Stage({PLAN.operator: "http://127.0.0.1:9"}, trust, demo.identities, demo.homes, papers, told.append) as stage:
        receipt = cast(Receipt, None)
        with pytest.raises(AssertionError, match="was not kept from what it tried: to whistle"):
            stage.refused(SELLER, "whistle", lambda: receipt, "nobody")
    assert told == []


def test_the_certificate_is_in_force_whenever_it_is_played() -> None:
    """The sample's dates pass: the demonstration's certificate counts on its day, years later too."""
    for day in ("2026-11-30T12:00:00Z", "2031-03-01T00:00:00Z"):
        now = start_of(day)
        certificate = read_document(trade_papers(now)["certificate.json"], "certificate.json")
        assert isinstance(certificate, CertificateDocument)
        assert start_of(certificate.valid_from or "") <= now < end_of(certificate.valid_until or "")


def test_the_proof_says_so_and_one_byte_less_does_not(demo: DemoFolder, played: Played, tmp_path: Path) -> None:
    """In a process of its own, offline: valid with its terms; the same file with one byte changed is tampered."""
    proof, changed = tmp_path / "proof.hanse", tmp_path / "tampered.hanse"
    proof.write_bytes(played.proof)
    sound = verdict_lines(verify_in_fresh_process(proof, demo.trust))
    assert "VALID" in sound
    assert "BT-113 not stated" in sound
    offset = change_one_byte(proof, changed)
    before, after = proof.read_bytes(), changed.read_bytes()
    assert [place for place in range(len(before)) if before[place] != after[place]] == [offset]
    assert "TAMPERED (exit code 10)" in verdict_lines(verify_in_fresh_process(changed, demo.trust))
    with pytest.raises(BadAnswer, match="ended with 2"):
        verify_in_fresh_process(tmp_path / "none", tmp_path / "none")


def test_the_papers_agree_and_a_difference_is_shown(demo: DemoFolder, tmp_path: Path) -> None:
    """Each check is a line, its answers counted; of what differs both sides are shown."""
    findings = compare_papers(read_papers(demo.documents))
    table = findings_table(findings)
    assert "DIFFERS" not in table
    assert f"Of {len(findings)} answers" in table
    for path in demo.documents.iterdir():
        text = path.read_bytes()
        (tmp_path / path.name).write_bytes(text.replace(b"5150.00", b"4150.00") if "camt" in path.name else text)
    others = compare_papers(read_papers(tmp_path))
    assert [each for each in others if each.outcome is Agreement.DIFFERS]
    assert "DIFFERS" in findings_table(others)
    assert "4150.00" in findings_table(others)


def test_what_is_left_can_be_used(demo: DemoFolder, played: Played) -> None:
    """Keys are the user's alone, the members are listed, and what next is said with the folder's own names."""
    for path in (demo.passphrase, *demo.keys.glob("*.pem")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    listed = parties_table(read_trust(demo.trust.read_bytes()))
    assert all(member.name in listed for member in PLAN.members)
    told: list[str] = []
    what_next(demo, told.append, consortium=False)
    assert f"hanse node run --dir {demo.node}" in "\n".join(told)
    pasted = to_paste(demo, played.trade, "http://node")
    compile(pasted, "pasted", "exec")
    assert played.trade.buyer.hex() in pasted


def test_nothing_of_others_is_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder of somebody's never, not by force; an earlier demonstration by force; an interrupted one at once."""
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "letter").write_text("mine")
    with pytest.raises(WouldOverwrite):
        prepare_folder(foreign, named=True, force=True)
    (foreign / MARK).write_text(json.dumps({"folder": "x"}))
    with pytest.raises(InvalidInput, match="it holds letter, which no demonstration made"):
        prepare_folder(foreign, named=True, force=True)
    assert (foreign / "letter").read_text() == "mine"

    earlier = tmp_path / "earlier"
    earlier.mkdir()
    (earlier / MARK).write_text(json.dumps({"folder": "x"}))
    with pytest.raises(WouldOverwrite) as refused:
        prepare_folder(earlier, named=True, force=False)
    assert "--force" in refused.value.action
    # From here on no folder is prepared: its keys are encrypted, which is slow on purpose.
    assert folder._choose(earlier, named=False, force=False) == tmp_path / "earlier-2"
    assert "which --force would replace" in capsys.readouterr().err
    (earlier / MARK).write_bytes(folder.UNFINISHED)
    assert folder._choose(earlier, named=True, force=False) == earlier
    assert "that was interrupted. It is replaced" in capsys.readouterr().err
    assert not earlier.exists()


def test_options_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    """Before anything is made: --serve is of one node, --port of --serve."""
    stand = Desk(tmp_path)
    assert "hanse network up" in stand.run("demo", "--dir", "x", "--consortium", "--serve", code=2).err
    assert "Give --serve too" in stand.run("demo", "--dir", "x", "--port", "1", code=2).err
    assert not (tmp_path / "x").exists()
