"""Every proof that a node makes passes the checker, and shows what it should and nothing else."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import fields, replace

from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import ProofFile, read_proof, write_proof
from hanse_ledger.proofs.report import Report
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded
from hanse_ledger.values import limits
from hanse_ledger.values.types import Digest
from hanse_ledger.values.verdict import Verdict
from hanse_node.access.caller import ITSELF
from tests.world.corridor import Corridor, story, traders
from tests.world.corridor_genesis import DAY, GENESIS, T0, YEAR, public, seed_of
from tests.world.front import Front, front
from tests.world.node_ledger import PARTIES, invoice, party

LATER = T0 + DAY // 2
SOUND = (Verdict.VALID, Verdict.VALID_WITH_WARNINGS)


def records_of(corridor: Corridor) -> list[Signed]:
    """Take every record of a corridor, in order."""
    entries = (decode_entry(data) for data in corridor.entries)
    return [open_decoded(entry.payload) for entry in entries if isinstance(entry, RecordEntry)]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[Corridor], Front]]:
    """Give a function that runs a node which holds all records of a corridor."""
    opened = []

    def start(corridor: Corridor) -> Front:
        seeds = (seed_of("operator log"), seed_of("operator cosigner"))
        manager = front(tmp_path / "node", GENESIS, seeds=seeds, cosigner="operator", clock=lambda: LATER)
        node = manager.__enter__()
        opened.append(manager)
        node.must_stand(records_of(corridor))
        return node

    yield start
    for manager in opened:
        manager.__exit__(None, None, None)


def fetch(node: Front, *names: Digest, view: str = "") -> bytes:
    """Fetch a proof."""
    query = "&".join(f"object={name.hex()}" for name in names)
    answer = node.get(f"/v1/proof?{query}{view}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.hanse.proof+json"
    return answer.content


def check(node: Front, data: bytes) -> Report:
    """Check a proof against the node's trust file, offline."""
    return check_proof(data, read_trust(node.get("/v1/trust").content), LATER)


def judged(verdict: Verdict, view: str) -> Verdict:
    """Give the verdict on a view: what the operator's state alone says is never better than with warnings."""
    return Verdict.VALID_WITH_WARNINGS if verdict is Verdict.VALID and "status" in view else verdict


def test_every_object_of_a_whole_trade_is_proven(run: Callable[[Corridor], Front]) -> None:
    """Each object of the story is proven, whole and by status, alone and all together."""
    corridor = story()
    node = run(corridor)
    for name, identity in corridor.id.items():
        for view in ("", "&view=full", "&view=status"):
            report = check(node, fetch(node, identity, view=view))
            assert report.verdict is judged(Verdict.VALID, view), (name, view, report.detail)
            assert [subject.id for subject in report.subjects] == [identity]
    together = tuple(corridor.id.values())
    report = check(node, fetch(node, *together))
    assert report.verdict is Verdict.VALID, report.detail
    assert [subject.id for subject in report.subjects] == list(together)
    assert check(node, fetch(node, *together, view="&view=status")).verdict is Verdict.VALID_WITH_WARNINGS


def test_a_full_proof_holds_what_it_needs_and_no_more(run: Callable[[Corridor], Front]) -> None:
    """A full proof's records are the subject's history and the beginnings of all it names; without one it fails."""
    corridor = story()
    node = run(corridor)
    proof = read_proof(fetch(node, corridor.id["payment"]))
    kinds = [
        open_decoded(entry.payload).record.kind
        for entry in (decode_entry(each.entry) for each in proof.records)
        if isinstance(entry, RecordEntry)
    ]
    assert kinds == ["party.enrol", "party.enrol", "invoice.issue", "payment.instruct", "payment.confirm"]
    assert [each.key for each in proof.revocations] == sorted([public("buyer"), public("seller")])
    for left_out in range(len(proof.records)):
        rest = proof.records[:left_out] + proof.records[left_out + 1 :]
        assert check(node, write_proof(replace(proof, records=rest))).verdict not in SOUND


def test_a_party_s_proof_holds_what_its_records_rested_on(run: Callable[[Corridor], Front]) -> None:
    """The credit note before its acceptance, and the tags before its retagging, of an invoice that stands beside."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.submit(corridor.make.credit(5_000), "seller")
    corridor.submit(corridor.make.acceptance(amount_minor=95_000), "buyer")
    corridor.submit(corridor.make.retagging(9), "seller")
    corridor.submit(corridor.make.retagging(1), "seller")
    node = run(corridor)
    for name in ("buyer", "seller"):
        report = check(node, fetch(node, corridor.id[name]))
        assert report.verdict in SOUND, (name, report.detail)


def test_a_status_proof_leaves_the_records_out(run: Callable[[Corridor], Front]) -> None:
    """A status proof shows every aspect of its subject, and no record, key or other object."""
    corridor = story()
    node = run(corridor)
    proof = read_proof(fetch(node, corridor.id["invoice"], view="&view=status"))
    assert (proof.records, proof.revocations, proof.terms) == ((), (), ())
    aspects = {field.name for field in fields(Invoice)} - {"id", "seed"}
    assert [len(each.aspects) for each in proof.objects] == [len(aspects)]
    assert [each.history for each in proof.objects] == [()]


def test_rotated_keys_come_with_their_rotations(run: Callable[[Corridor], Front]) -> None:
    """A record that was signed with a third key is proven with the enrolment and both rotations, and no later one."""
    corridor = traders()
    corridor.submit(corridor.make.rotation("seller", "seller 2"), "seller", "seller 2")
    corridor.submit(corridor.make.rotation("seller", "seller 3"), "seller 2", "seller 3")
    corridor.submit(corridor.make.invoice(), "seller 3", name="invoice")
    corridor.submit(corridor.make.rotation("seller", "seller 4"), "seller 3", "seller 4")
    node = run(corridor)
    for _ in range(2):  # the second time from what the first has learnt
        data = fetch(node, corridor.id["invoice"])
        report = check(node, data)
        assert report.verdict in SOUND, report.detail
        keys = [each.key for each in read_proof(data).revocations]
        assert keys == sorted(public(name) for name in ("buyer", "seller", "seller 2", "seller 3"))
        assert check(node, fetch(node, corridor.id["seller"])).verdict is Verdict.VALID
    corridor.submit(corridor.make.invoice(2), "seller 4", name="another")
    node.must_stand(records_of(corridor)[-1:])
    assert check(node, fetch(node, corridor.id["another"])).verdict in SOUND


def test_a_lost_key_comes_with_its_repair(tmp_path: Path) -> None:
    """A record of a key that replaced a lost one is proven with the last repair before that, and the move before it."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.submit(corridor.make.move("seller", "bank-be", "bank-cn"), "bank-be", "market", "seller")
    corridor.submit(corridor.make.repair("seller", "wrong"), "bank-be", "bank-cn")
    corridor.submit(corridor.make.repair("seller", "seller 2"), "bank-be", "bank-cn")
    corridor.submit(corridor.make.taking("seller", "seller 2"), "seller 2", at=corridor.head.time + 7 * DAY)
    corridor.submit(corridor.make.invoice(2), "seller 2", name="later")
    corridor.submit(corridor.make.repair("seller", "seller 3"), "bank-be", "bank-cn")
    seeds, records = (seed_of("operator log"), seed_of("operator cosigner")), records_of(corridor)
    present = [T0]
    with front(tmp_path / "node", GENESIS, seeds=seeds, cosigner="operator", clock=lambda: present[0]) as node:
        for signed in records:
            present[0] = signed.record.created
            node.must_stand([signed])
        for _ in range(2):  # the second time from what the first has learnt
            report = check(node, fetch(node, corridor.id["later"]))
            assert report.verdict is Verdict.VALID_WITH_WARNINGS, report.detail
            assert any("key replaced by bank-be and bank-cn" in warning for warning in report.warnings)
            kinds = [act.kind for act in report.acts]
            assert kinds == ["party.enrol", "party.enrol", "party.move", "key.repair", "key.take", "invoice.issue"]
        for name in ("invoice", "seller", "buyer"):
            assert check(node, fetch(node, corridor.id[name])).verdict in SOUND, name


def test_a_revoked_key_is_shown(run: Callable[[Corridor], Front]) -> None:
    """The revocation of a signer's key is proven present, and the verdict says so."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.submit(corridor.make.revocation("seller", "seller"), "market")
    node = run(corridor)
    data = fetch(node, corridor.id["invoice"])
    revoked = {each.key: each.value is not None for each in read_proof(data).revocations}
    assert revoked == {public("seller"): True, public("buyer"): False}
    assert any("was revoked" in warning for warning in check(node, data).warnings)
    assert check(node, fetch(node, corridor.id["seller"])).verdict is Verdict.REVOKED


@pytest.mark.parametrize(
    ("steps", "subject", "verdict"),
    [
        (("cancellation",), "invoice", Verdict.REVOKED),
        (("invoice_refusal",), "invoice", Verdict.REVOKED),
        (("certificate_revocation",), "certificate", Verdict.REVOKED),
        (("declaration_refusal",), "import", Verdict.REVOKED),
        (("instruction", "confirmation", "payment_return"), "payment", Verdict.REVOKED),
        (("instruction", "confirmation", "payment_return"), "invoice", Verdict.VALID_WITH_WARNINGS),
        (("declaration_refusal",), "certificate", Verdict.VALID),
        (("withdrawal",), "import", Verdict.REVOKED),
        (("instruction", "payment_rejection"), "payment", Verdict.REVOKED),
    ],
)
def test_what_went_wrong_is_proven_too(
    run: Callable[[Corridor], Front], steps: tuple[str, ...], subject: str, verdict: Verdict
) -> None:
    """An object that was cancelled, refused, revoked, withdrawn or returned has a sound proof, which says so."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.issue_certificate()
    if {"declaration_refusal", "withdrawal"} & set(steps):
        corridor.lodge_import()
    signers = {"cancellation": "seller", "invoice_refusal": "buyer", "certificate_revocation": "chamber"}
    signers |= {"declaration_refusal": "customs-be", "instruction": "buyer"}
    signers |= {"withdrawal": "agent", "payment_rejection": "bank-be"}
    for step in steps:
        name = "payment" if step == "instruction" else ""
        corridor.submit(getattr(corridor.make, step)(), signers.get(step, "bank-cn"), name=name)
    node = run(corridor)
    for view in ("", "&view=status"):
        report = check(node, fetch(node, corridor.id[subject], view=view))
        assert report.verdict is judged(verdict, view), report.detail


def test_a_records_proof_is_that_of_its_object(run: Callable[[Corridor], Front]) -> None:
    """A record's proof is about the object that it creates, else the one that it names."""
    corridor = story()
    node = run(corridor)
    for signed in records_of(corridor):
        answer = node.get(f"/v1/records/{signed.id.hex()}/proof")
        report = check(node, answer.content)
        assert report.verdict is Verdict.VALID, report.detail
        assert signed.id in {act.id for act in report.acts}


def test_a_proof_that_was_made_yesterday_stands(run: Callable[[Corridor], Front]) -> None:
    """A proof holds after the ledger has grown, and expires when its subject does."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.issue_certificate()
    node = run(corridor)
    trust = read_trust(node.get("/v1/trust").content)
    data = fetch(node, corridor.id["certificate"])
    corridor.accept_invoice()
    node.must_stand(records_of(corridor)[-1:])
    assert check_proof(data, trust, LATER).verdict is Verdict.VALID
    assert check_proof(data, trust, T0 + 2 * YEAR).verdict is Verdict.EXPIRED_OR_SUPERSEDED


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, "malformed"),
        ("object=zz", 400, "malformed"),
        (f"object={party('seller').hex()}&view=half", 400, "malformed"),
        (f"object={party('seller').hex()}&object={party('seller').hex()}", 400, "malformed"),
        ("&".join(f"object={number:064x}" for number in range(limits.REFS + 1)), 400, "malformed"),
        (f"object={party('seller').hex()}&object={'0' * 64}", 404, "not-found"),
    ],
)
def test_wrong_questions_are_refused(tmp_path: Path, query: str, status: int, code: str) -> None:
    """A proof is about 1 to 64 objects that exist, each named once."""
    with front(tmp_path / "node") as node:
        node.must_stand(PARTIES)
        answer = node.get(f"/v1/proof?{query}")
        assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.slow
def test_proofs_are_whole_while_the_ledger_grows(tmp_path: Path) -> None:
    """Proofs and pages that are made while records are committed are each of one state, and pass the checker."""
    with front(tmp_path / "node") as node:
        node.must_stand(PARTIES)
        name = party("seller").hex()
        trust = read_trust(node.get("/v1/trust").content)
        ended = threading.Event()

        def grow() -> None:
            for number in range(60):
                node.service.intake.submit(ITSELF, [invoice(number)]).result()
            ended.set()

        growing = threading.Thread(target=grow)
        growing.start()
        sizes = set()
        while not ended.is_set():
            for view in ("full", "status"):
                data = node.get(f"/v1/proof?object={name}&view={view}").content
                report = check_proof(data, trust, node.store.head.time)
                assert report.verdict is judged(Verdict.VALID, view), report.detail
                sizes.add(report.size)
            assert node.get(f"/v1/parties/{name}/records?limit=3").status_code == 200
        growing.join()
        assert len(sizes) > 1


def test_the_type_is_what_the_checker_reads(run: Callable[[Corridor], Front]) -> None:
    """A proof file is canonical: read and written again it is the same bytes."""
    corridor = story()
    data = fetch(run(corridor), corridor.id["invoice"])
    proof = read_proof(data)
    assert isinstance(proof, ProofFile)
    assert write_proof(proof) == data
