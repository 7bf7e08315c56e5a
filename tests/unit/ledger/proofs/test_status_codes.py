"""Status codes: they stand for one proof file, and never say more than it."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.certificate.bodies import CertificateRevocation, RevokeCertificate
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import UnsupportedFormat, write_proof
from hanse_ledger.proofs.report import Report
from hanse_ledger.proofs.statuscode import MARK, check_status, is_code, read_status, write_status
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.verdict import Verdict
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import GOOD, maker, proof_of, told, trust
from tests.world.corridor import story
from tests.world.corridor_bodies import change
from tests.world.corridor_genesis import GENESIS, T0

NOW = T0 + 60_000
SUBJECTS = ("certificate", "invoice", "payment", "import", "export", "seller", "buyer", "agent")


def code_of(name: str) -> str:
    """Write the code of an object of the story."""
    return write_status(maker().status(told().id[name]))


def check(text: str) -> Report:
    """Check a code as the story's verifier does."""
    return check_status(text, trust(), NOW)


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_code_stands_for_the_proof_file_byte_for_byte(name: str) -> None:
    """What is read from a code is the proof it was made from, and the report is that proof's."""
    proof = maker().status(told().id[name])
    code = write_status(proof)
    assert write_proof(read_status(code)) == write_proof(proof)
    assert check(code) == check_proof(write_proof(proof), trust(), NOW)
    assert check(code).verdict is Verdict.VALID_WITH_WARNINGS


def test_a_code_is_small() -> None:
    """A status in a small ledger is some thousand bytes, of a file of five thousand: a code that a phone reads."""
    for name in SUBJECTS:
        assert len(code_of(name)) < 3_500, (name, len(code_of(name)))
    assert code_of("certificate").isdigit()
    assert code_of("certificate").startswith(MARK)


def test_an_address_before_it_changes_nothing() -> None:
    """The digits may stand behind the # of an address, and white space about them is no part of it."""
    code = code_of("certificate")
    assert check(f"https://market.example/verify#{code}\n") == check(code)


def test_something_revoked_is_revoked_in_its_code() -> None:
    """The code of a revoked certificate says so."""
    corridor = story()
    corridor.submit(
        RevokeCertificate(certificate=corridor.id["certificate"], reason=CertificateRevocation.ERROR), "chamber"
    )
    code = write_status(ProofMaker(corridor).status(corridor.id["certificate"]))
    assert check(code).verdict is Verdict.REVOKED


def test_whoever_trusts_another_ledger_is_told() -> None:
    """A code of a ledger that is not the trusted one is an unknown issuer's."""
    other = read_trust(write_trust(replace(GENESIS, name="Another corridor")))
    assert check_status(code_of("certificate"), other, NOW).verdict is Verdict.UNKNOWN_ISSUER


def test_members_who_changed_come_from_the_trust_file() -> None:
    """A code leaves out how the members changed: it counts for whoever has the newer trust file, and no one else."""
    corridor = story()
    corridor.change_members(change(removed=("bank-be",)))
    status = ProofMaker(corridor).status(corridor.id["certificate"])
    assert status.changes
    code, at = write_status(status), corridor.head.time + 60_000
    assert check_status(code, read_trust(corridor.trust), at).verdict is Verdict.VALID_WITH_WARNINGS
    assert check_status(code, trust(), at).verdict in (Verdict.CANNOT_CHECK, Verdict.UNKNOWN_ISSUER)
    assert write_proof(read_status(code)) == write_proof(replace(status, changes=()))


def test_every_changed_digit_is_noticed() -> None:
    """No digit of a code can be changed and leave it good; each answer has words."""
    code = code_of("certificate")
    for place in range(len(code)):
        changed = code[:place] + str((int(code[place]) + 1 + place % 9) % 10) + code[place + 1 :]
        if changed == code:
            continue
        report = check(changed)
        assert report.verdict not in GOOD, place
        assert report.verdict is not Verdict.REVOKED, place
        assert report.detail
        assert not report.steps[-1].passed


@pytest.mark.parametrize(
    ("text", "verdict", "reason"),
    [
        ("", Verdict.UNSUPPORTED_FORMAT, "not-a-proof"),
        ("01", Verdict.UNSUPPORTED_FORMAT, "not-a-proof"),
        ("https://market.example/verify", Verdict.UNSUPPORTED_FORMAT, "not-a-proof"),
        ("https://market.example/#01abc", Verdict.UNSUPPORTED_FORMAT, "not-a-proof"),
        ("01\u0663\u0664\u0665", Verdict.UNSUPPORTED_FORMAT, "not-a-proof"),
        ("02123", Verdict.UNSUPPORTED_FORMAT, "other-version"),
        ("01" + "9" * limits.STATUS_TEXT, Verdict.UNSUPPORTED_FORMAT, "too-large"),
        ("01" + "0" * 7_500, Verdict.UNSUPPORTED_FORMAT, "too-large"),
        ("011234", Verdict.TAMPERED, ""),
        ("01999", Verdict.TAMPERED, ""),
        ("01000", Verdict.TAMPERED, ""),
    ],
)
def test_what_is_no_code_is_named(text: str, verdict: Verdict, reason: str) -> None:
    """What is no code, one of another version, or too large is told apart from a code that was changed."""
    report = check(text)
    assert (report.verdict, report.reason) == (verdict, reason), report.detail


def test_cut_off_codes_are_never_good() -> None:
    """A code that misses its end, or has something behind it, is not judged as the whole one."""
    code = code_of("invoice")
    for length in range(0, len(code), 7):
        assert check(code[:length]).verdict not in GOOD
    for more in ("0", "000", "00000", "1" * 17):
        assert check(code + more).verdict not in GOOD


def test_a_full_proof_has_no_code() -> None:
    """A code has no room for records: whoever wants one asks for the status."""
    with pytest.raises(Malformed, match="how one object stands"):
        write_status(proof_of("certificate"))
    with pytest.raises(Malformed, match="how one object stands"):
        write_status(maker().status(told().id["certificate"], told().id["invoice"]))


def test_a_proof_in_another_order_has_no_code() -> None:
    """What a code could not give back byte for byte is refused when it is made."""
    proof = maker().status(told().id["certificate"])
    shown = proof.objects[0]
    with pytest.raises(Malformed):
        write_status(replace(proof, objects=(replace(shown, aspects=shown.aspects[:-1]),)))


def test_a_status_too_large_for_a_code_is_refused() -> None:
    """What no QR code holds is refused with its size."""
    proof = maker().status(told().id["certificate"])
    long = replace(proof, state=replace(proof.state, path=(bytes(32),) * 63))
    with pytest.raises(Malformed, match=f"at most {limits.STATUS_BYTES}"):
        write_status(replace(long, objects=(replace(proof.objects[0], path=(bytes(32),) * 63),)))


def test_files_are_no_codes() -> None:
    """A proof file is not taken for a code, whatever stands in it."""
    assert not is_code(write_proof(proof_of("invoice")).decode())
    assert is_code(code_of("invoice"))
    with pytest.raises(UnsupportedFormat):
        read_status("hanse")
