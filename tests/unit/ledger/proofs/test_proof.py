"""The checker of proofs: what is valid, and that nothing else is."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.certificate.bodies import CertificateRevocation, RevokeCertificate
from hanse_ledger.kinds.party.bodies import KeyRevocation, RevokeKey, RotateKey
from hanse_ledger.proofs.knownheads import KnownHeads
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import ProofFile, read_proof, write_proof
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_ledger.values import limits
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.genesis import ledger_id
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import GOOD, check, maker, proof_of, told
from tests.world.corridor import story, traders
from tests.world.corridor_genesis import GENESIS, T0, YEAR, public

SUBJECTS = ("certificate", "invoice", "payment", "import", "export", "seller", "buyer", "agent")


@pytest.mark.parametrize("name", SUBJECTS)
def test_each_kind_of_object_is_proven(name: str) -> None:
    """Every object of the story can be proven with its whole history."""
    report = check(proof_of(name))
    assert report.verdict is Verdict.VALID, report
    assert [step.number for step in report.steps] == list(range(1, 14))
    assert report.vouchers == "one operator vouches for this: operator"


def test_a_report_tells_who_did_what() -> None:
    """The report of a proof lists acts, signers, the state and the moment as of which it holds."""
    report = check(proof_of("certificate", "invoice", "payment"))
    assert [subject.state for subject in report.subjects] == ["live", "accepted", "confirmed"]
    assert {act.kind for act in report.acts} >= {"party.enrol", "certificate.issue", "payment.confirm"}
    assert any("chamber" in act.signers for act in report.acts)
    assert (report.as_of, report.size) == (told().head.time, told().head.size)


def test_a_status_proof_leaves_the_records_out() -> None:
    """A proof of status shows every aspect and no record, and says that the operator's state alone vouches for it."""
    report = check(maker().status(told().id["certificate"]))
    assert report.verdict is Verdict.VALID_WITH_WARNINGS
    assert "the operator's state alone" in report.detail
    assert "left out" in report.subjects[0].note
    assert not report.acts


def test_every_single_byte_change_is_noticed() -> None:
    """No byte of a proof file can be changed and leave it valid; each answer has a reason in words."""
    data = write_proof(proof_of("certificate", "invoice"))
    assert check(data).verdict is Verdict.VALID
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 0x01 << (place % 7)
        report = check(bytes(changed))
        assert report.verdict not in GOOD, place
        assert report.detail
        assert not report.steps[-1].passed


@pytest.mark.parametrize("change", [b"", b" ", b"\n", b"}", b"\x00"])
def test_bytes_added_or_cut_are_noticed(change: bytes) -> None:
    """A proof file with something before or after it, or cut short anywhere, is not valid."""
    data = write_proof(proof_of("certificate"))
    for spoiled in (data + change, change + data) if change else (data[:-1], data[: len(data) // 2], b""):
        assert check(spoiled).verdict not in GOOD


def other_files() -> tuple[ProofFile, ProofFile]:
    """Two valid proof files of one object, of different sizes of the ledger."""
    earlier = story()
    first = ProofMaker(earlier).proof(earlier.id["certificate"])
    earlier.issue_invoice(2, name="second")
    second = ProofMaker(earlier).proof(earlier.id["certificate"])
    assert check(first).verdict is check(second).verdict is Verdict.VALID
    return first, second


@pytest.mark.parametrize("field", ["checkpoint", "objects", "records", "revocations", "state"])
def test_swapping_a_part_between_two_files_is_noticed(field: str) -> None:
    """Checkpoint, state, records, objects and key proofs of one valid file do not fit another."""
    first, second = other_files()
    for one, other in ((first, second), (second, first)):
        part = getattr(other, field)
        assert part != getattr(one, field), field
        assert check(replace(one, **{field: part})).verdict not in GOOD


def test_swapping_single_records_paths_and_keys_is_noticed() -> None:
    """No record, path, key or object of one valid file may stand in another's place."""
    one, other = proof_of("certificate", "invoice"), proof_of("payment", "seller")
    assert check(one).verdict is check(other).verdict is Verdict.VALID
    for at, mine in enumerate(one.records):
        for theirs in other.records:
            if theirs == mine:
                continue
            for swapped in (theirs, replace(mine, path=theirs.path), replace(mine, entry=theirs.entry)):
                records = (*one.records[:at], swapped, *one.records[at + 1 :])
                assert check(replace(one, records=records)).verdict not in GOOD
    for at in range(len(one.objects)):
        for theirs_object in other.objects:
            objects = (*one.objects[:at], theirs_object, *one.objects[at + 1 :])
            assert check(replace(one, objects=objects)).verdict not in GOOD


def test_nothing_may_be_left_out_or_added() -> None:
    """A file that lacks a record, a key's proof or an aspect, or has one too many, is not valid."""
    whole = proof_of("certificate")
    for at in range(len(whole.records)):
        assert check(replace(whole, records=whole.records[:at] + whole.records[at + 1 :])).verdict not in GOOD
    for at in range(len(whole.revocations)):
        less = whole.revocations[:at] + whole.revocations[at + 1 :]
        assert check(replace(whole, revocations=less)).verdict is Verdict.TAMPERED
    (shown,) = whole.objects
    for at in range(len(shown.aspects)):
        less_shown = replace(shown, aspects=shown.aspects[:at] + shown.aspects[at + 1 :])
        assert check(replace(whole, objects=(less_shown,))).verdict is Verdict.TAMPERED
    everything = proof_of("certificate", "payment").records
    report = check(replace(whole, records=everything, revocations=proof_of("certificate", "payment").revocations))
    assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 9)


def test_a_proof_without_a_history_must_say_so() -> None:
    """Records without the history that needs them, and a history without its records, are refused."""
    whole = proof_of("invoice")
    bare = tuple(replace(shown, history=()) for shown in whole.objects)
    assert check(replace(whole, objects=bare)).verdict is Verdict.TAMPERED
    assert check(replace(whole, records=(), revocations=())).verdict is Verdict.TAMPERED


def test_another_ledger_is_an_unknown_issuer() -> None:
    """A proof of a ledger that the verifier does not trust is not tampered: its issuer is unknown."""
    other = replace(GENESIS, name="another corridor")
    report = check_proof(write_proof(proof_of("invoice")), read_trust(write_trust(other)), T0)
    assert ledger_id(other) != ledger_id(GENESIS)
    assert (report.verdict, report.steps[-1].number) == (Verdict.UNKNOWN_ISSUER, 2)


def test_other_files_are_an_unsupported_format() -> None:
    """What is no proof file, or one of another version, is neither valid nor tampered."""
    later = write_proof(proof_of("invoice")).replace(b"hanse.proof/2", b"hanse.proof/3", 1)
    for data in (b"", b"%PDF-1.7", b"{}", write_trust(GENESIS), later):
        assert check(data).verdict is Verdict.UNSUPPORTED_FORMAT


@pytest.mark.parametrize(
    "bad",
    [
        b'{"@type":"hanse.proof/2",' + b"[" * 100_000,
        b'{"@type":"hanse.proof/2",' + b'"a":{' * 50_000,
        b'{"@type":"hanse.proof/2","checkpoint":"' + b"a" * 1_000_000,
    ],
)
def test_deep_and_endless_input_is_refused(bad: bytes) -> None:
    """Deeply nested and endless input gets a clear refusal."""
    report = check(bad)
    assert report.verdict in (Verdict.TAMPERED, Verdict.UNSUPPORTED_FORMAT)
    assert report.steps[-1].number == 1


def test_what_is_too_large_is_no_proof_file() -> None:
    """A file larger than any proof may be is not looked into: its size is said, and nothing about its worth."""
    size = limits.PROOF_FILE_BYTES + 1
    report = check(b'{"@type":"hanse.proof/2"'.ljust(size))
    assert report.verdict is Verdict.UNSUPPORTED_FORMAT
    assert str(size) in report.detail


def test_a_quorum_is_needed() -> None:
    """A checkpoint that lacks its cosignature is of an unknown issuer; one that lacks the log's is tampered."""
    whole = proof_of("invoice")
    body, lines = whole.checkpoint.split("\n\n")
    log, cosigner = lines.splitlines()
    report = check(replace(whole, checkpoint=f"{body}\n\n{log}\n"))
    assert (report.verdict, report.steps[-1].number) == (Verdict.UNKNOWN_ISSUER, 5)
    assert check(replace(whole, checkpoint=f"{body}\n\n{cosigner}\n")).verdict is Verdict.TAMPERED
    stranger = log.replace("operator", "stranger")
    report = check(replace(whole, checkpoint=f"{body}\n\n{log}\n{cosigner}\n{stranger}\n"))
    assert report.verdict is Verdict.UNKNOWN_ISSUER


def test_revoked_certificates_and_expired_ones_are_told_apart() -> None:
    """A revoked certificate is revoked; an expired one is expired; both are proven."""
    corridor = story()
    report = check(ProofMaker(corridor).proof(corridor.id["certificate"]), at=T0 + 3 * YEAR)
    assert report.verdict is Verdict.EXPIRED_OR_SUPERSEDED
    body = RevokeCertificate(certificate=corridor.id["certificate"], reason=CertificateRevocation.ERROR)
    corridor.submit(body, "chamber")
    report = check(ProofMaker(corridor).proof(corridor.id["certificate"]))
    assert report.verdict is Verdict.REVOKED
    assert report.subjects[0].state == "revoked"


def test_a_revoked_key_is_a_warning_for_what_it_signed_before() -> None:
    """What a key signed before its revocation stays valid, with a warning; the party itself is revoked."""
    corridor = story()
    body = RevokeKey(
        compromised_since=None, key=public("seller"), party=corridor.id["seller"], reason=KeyRevocation.COMPROMISE
    )
    corridor.submit(body, "market")
    report = check(ProofMaker(corridor).proof(corridor.id["invoice"]))
    assert report.verdict is Verdict.VALID_WITH_WARNINGS
    assert "revoked" in report.warnings[0]
    assert check(ProofMaker(corridor).proof(corridor.id["seller"])).verdict is Verdict.REVOKED


def test_a_rotated_key_signs_on() -> None:
    """After a rotation the new key's records are proven through the rotation."""
    corridor = story()
    corridor.submit(
        RotateKey(encryption_key=None, new_key=public("seller's second"), party=corridor.id["seller"]),
        "seller",
        "seller's second",
    )
    name = corridor.submit(corridor.make.invoice(2), "seller's second", name="second")
    report = check(ProofMaker(corridor).proof(name))
    assert report.verdict is Verdict.VALID_WITH_WARNINGS
    assert report.subjects[0].state == "issued"


def test_what_took_a_sum_back_need_not_be_in_the_file() -> None:
    """A buyer whose payment was rejected may refuse the invoice: the rejection is in no history of the buyer's."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.instruct_payment(40_000)
    corridor.submit(corridor.make.payment_rejection(), "bank-be")
    corridor.submit(corridor.make.invoice_refusal(), "buyer")
    for name, verdict in (("buyer", Verdict.VALID), ("payment", Verdict.REVOKED), ("invoice", Verdict.REVOKED)):
        report = check(ProofMaker(corridor).proof(corridor.id[name]))
        assert report.verdict is verdict, report


@pytest.mark.parametrize("name", ["invoice", "seller", "payment"])
def test_a_party_that_moved_is_proven_with_its_moves(name: str) -> None:
    """Who revoked a key may be the member to which the party had moved last: the moves until then are in the file."""
    corridor = story()
    corridor.submit(corridor.make.move("seller", "chamber"), "chamber", "market", "seller")
    corridor.submit(corridor.make.move("seller", "bank-be"), "bank-be", "chamber", "seller")
    corridor.submit(corridor.make.revocation("seller", "seller"), "bank-be")
    proof = ProofMaker(corridor).proof(corridor.id[name])
    report = check(proof)
    assert report.verdict in (Verdict.VALID_WITH_WARNINGS, Verdict.REVOKED), report.detail
    moves = [position for position, each in enumerate(proof.records) if b"party.move" in each.entry]
    assert len(moves) == 2
    cut = tuple(each for place, each in enumerate(proof.records) if place != moves[0])
    assert check(replace(proof, records=cut)).verdict is Verdict.TAMPERED


def test_a_history_stands_in_the_order_of_the_log() -> None:
    """A history whose records are shown in another order, or twice, is refused."""
    whole = proof_of("invoice")
    (shown,) = whole.objects
    for history, step in ((shown.history[::-1], 3), ((*shown.history, shown.history[-1]), 3), (shown.history[:-1], 9)):
        report = check(replace(whole, objects=(replace(shown, history=history),)))
        assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, step)


@pytest.mark.parametrize("name", SUBJECTS)
def test_stripping_a_proof_gains_nothing(name: str) -> None:
    """Whoever takes the records out of a full proof has no proof of status: that shows every aspect."""
    whole = proof_of(name)
    bare = tuple(replace(shown, history=()) for shown in whole.objects)
    assert check(replace(whole, objects=bare, records=(), revocations=())).verdict is Verdict.TAMPERED


def test_a_proof_is_read_as_it_was_written() -> None:
    """Reading and writing a proof file gives the same bytes."""
    data = write_proof(proof_of("payment"))
    assert write_proof(read_proof(data)) == data


def test_a_known_head_is_not_verified_again() -> None:
    """Many proofs under one checkpoint cost its signatures once, and a bad one is never among those that are known."""
    trust = read_trust(write_trust(GENESIS))
    known = KnownHeads(trust)
    good = proof_of("invoice")
    bad = replace(good, checkpoint=good.checkpoint[:-3] + ("A" if good.checkpoint[-3] != "A" else "B") + "=\n")
    for _ in range(2):
        assert check_proof(write_proof(bad), trust, T0 + YEAR, known).verdict is Verdict.TAMPERED
    first = check_proof(write_proof(good), trust, T0 + YEAR, known)
    assert check_proof(write_proof(good), trust, T0 + YEAR, known) == first
    assert check_proof(write_proof(good), trust, T0 + YEAR) == first
    assert check_proof(write_proof(bad), trust, T0 + YEAR, known).verdict is Verdict.TAMPERED
    with pytest.raises(AssertionError, match="another"):
        check_proof(write_proof(good), read_trust(write_trust(GENESIS)), T0, known)
