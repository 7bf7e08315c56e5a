"""What a proof costs a verifier: one that is refused no more than one of its size that is accepted."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace

from hanse_ledger.proofs.prooffile import EntryPart, ProofFile, write_proof
from hanse_ledger.records import envelope
from hanse_ledger.tlog import checkpoint
from hanse_ledger.values import hashing
from hanse_ledger.values.verdict import Verdict
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import GOOD, check
from tests.world.corridor import Corridor, traders

RECORDS = 60


class Counted:
    """How many signatures were verified, and how many hashes made."""

    signatures = 0
    hashes = 0


@contextmanager
def counting(patch: pytest.MonkeyPatch) -> Iterator[Counted]:
    """Count what a verifier does meanwhile."""
    counted = Counted()
    sha256 = vars(hashing)["sha256"]

    def verify(kept: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: object) -> None:
            counted.signatures += 1
            kept(*arguments)

        return call

    def hashed(data: bytes) -> object:
        counted.hashes += 1
        return sha256(data)

    with patch.context() as patched:
        for module in (checkpoint, envelope):
            patched.setattr(module, "verify_signature", verify(module.verify_signature))
        patched.setattr(hashing, "sha256", hashed)
        yield counted


def long_history() -> Corridor:
    """A corridor in which one invoice was paid in many parts."""
    corridor = traders()
    corridor.issue_invoice()
    for number in range(RECORDS // 2):
        corridor.instruct_payment(1_000, number=number)
        corridor.confirm_payment()
    return corridor


CORRIDOR = long_history()
WHOLE = ProofMaker(CORRIDOR).proof(CORRIDOR.id["invoice"])


def flipped(evidence: EntryPart) -> EntryPart:
    """Flip a bit in an entry's last bytes, which are those of a signature."""
    return replace(evidence, entry=evidence.entry[:-1] + bytes([evidence.entry[-1] ^ 1]))


def repeated(proof: ProofFile, times: int) -> ProofFile:
    """Show each record many times."""
    return replace(proof, records=tuple(each for each in proof.records for _ in range(times)))


(SHOWN,) = WHOLE.objects
REFUSED: dict[str, ProofFile] = {
    "records repeated": repeated(WHOLE, 30),
    "records in another order": replace(WHOLE, records=WHOLE.records[::-1]),
    "objects repeated": replace(WHOLE, objects=WHOLE.objects * 30),
    "keys repeated": replace(WHOLE, revocations=WHOLE.revocations * 30),
    "records as changes of the members": replace(WHOLE, changes=WHOLE.records),
    "records as changes of the members, repeated": replace(WHOLE, changes=WHOLE.records * 30),
    "the last record's signature is bad": replace(WHOLE, records=(*WHOLE.records[:-1], flipped(WHOLE.records[-1]))),
    "a record is missing": replace(WHOLE, records=WHOLE.records[:-1]),
    "a history repeated": replace(WHOLE, objects=(replace(SHOWN, history=SHOWN.history * 30),)),
    "a path is another's": replace(WHOLE, records=(replace(WHOLE.records[0], path=()), *WHOLE.records[1:])),
    "a long path": replace(WHOLE, records=tuple(replace(each, path=tuple([bytes(32)] * 63)) for each in WHOLE.records)),
    "no quorum": replace(WHOLE, checkpoint=WHOLE.checkpoint.rpartition("\n— ")[0] + "\n"),
    "an object of another value": replace(WHOLE, objects=(replace(SHOWN, number=0),)),
    "keys not settled": replace(WHOLE, revocations=()),
}


def test_the_accepted_proof_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """An accepted proof costs a signature for each of its signers and of its head, once."""
    with counting(monkeypatch) as counted:
        assert check(WHOLE).verdict in GOOD
    signers = RECORDS + 1 + 4  # each record one, each enrolment of seller and buyer two
    assert counted.signatures == signers + 2


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_proof_costs_no_more_than_an_accepted_one_of_its_size(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the byte, a refused proof costs at most as many signatures and hashes as an accepted one, and no more time."""
    refused, whole = write_proof(REFUSED[name]), write_proof(WHOLE)
    with counting(monkeypatch) as most:
        assert check(whole).verdict in GOOD
    with counting(monkeypatch) as seen:
        report = check(refused)
    assert report.verdict in (Verdict.TAMPERED, Verdict.UNKNOWN_ISSUER), report
    size = max(1.0, len(refused) / len(whole))
    assert seen.signatures <= most.signatures
    assert seen.hashes <= most.hashes * size + 64
    assert seconds(refused) <= 3 * size * seconds(whole) + 0.05


def seconds(data: bytes) -> float:
    """Measure a check: the least of three, since other processes run too."""
    spans = []
    for _ in range(3):
        begun = time.perf_counter()
        check(data)
        spans.append(time.perf_counter() - begun)
    return min(spans)


@pytest.mark.parametrize(
    "name",
    [
        "records repeated",
        "records in another order",
        "objects repeated",
        "keys repeated",
        "a history repeated",
        "records as changes of the members, repeated",
        "a path is another's",
        "a long path",
    ],
)
def test_what_order_and_hashes_refuse_costs_no_signature(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands twice, out of order or not in the log is refused before any signature is verified."""
    with counting(monkeypatch) as counted:
        assert check(REFUSED[name]).verdict is Verdict.TAMPERED
    assert counted.signatures == 0


@pytest.mark.parametrize("name", ["keys not settled", "an object of another value", "a record is missing"])
def test_what_the_state_refuses_costs_the_heads_signatures_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not under the roots, missing or left over is refused before a record's signature is verified."""
    with counting(monkeypatch) as counted:
        assert check(REFUSED[name]).verdict is Verdict.TAMPERED
    assert counted.signatures <= 2
