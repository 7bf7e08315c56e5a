"""Evidence of two heads that contradict each other: what it proves, and what it does not."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace
from nacl.signing import SigningKey

from hanse_ledger.misbehaviour.accusing import check_evidence
from hanse_ledger.misbehaviour.contradiction import MARK, Contradiction, contradict, write_contradiction
from hanse_ledger.proofs.heads import cosigning_key, log_key
from hanse_ledger.proofs.trustfile import TrustFile, read_trust, write_trust
from hanse_ledger.tlog.checkpoint import (
    Checkpoint,
    body_text,
    cosignature_line,
    cosignature_message,
    log_line,
    parse_checkpoint,
)
from hanse_ledger.tlog.notes import Note, format_note, parse_note
from hanse_ledger.trees.merkle import consistency_from_nodes, root_of
from hanse_ledger.trees.object_tree import ObjectTree
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.types import Digest
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.genesis import origin_of
from hanse_ledger.wire.membership import Cosigner
from tests.world.node_ledger import GENESIS, digest

NAMES = ("bank", "chamber", "customs", "market")


def seeds(name: str) -> tuple[SigningKey, SigningKey]:
    """Give the log key and the cosigning key of a member."""
    return SigningKey(digest("log", name)), SigningKey(digest("cosign", name))


COSIGNERS = tuple(
    Cosigner(
        id=name,
        log_key=seeds(name)[0].verify_key.encode(),
        cosigning_key=seeds(name)[1].verify_key.encode(),
        ml_dsa_key=None,
    )
    for name in NAMES
)
MEMBERSHIP = replace(
    GENESIS.membership, cosigners=COSIGNERS, parameters=replace(GENESIS.membership.parameters, quorum=3)
)
TRUST: TrustFile = read_trust(write_trust(replace(GENESIS, membership=MEMBERSHIP)))
LEDGER = TRUST.ledger

HONEST = [digest("leaf", number) for number in range(20)]
OTHER = [*HONEST[:5], *[digest("other", number) for number in range(15)]]


def signed(publisher: str, leaves: Sequence[Digest], *cosigners: str) -> str:
    """Sign the head of a log as its node, and cosign it as members."""
    body = body_text(Checkpoint(origin_of(LEDGER, publisher), len(leaves), root_of(leaves)))
    of = {each.id: each for each in COSIGNERS}
    lines = [log_line(log_key(LEDGER, of[publisher]), seeds(publisher)[0].sign(body.encode()).signature)]
    for name in cosigners:
        signature = seeds(name)[1].sign(cosignature_message(1_000, body)).signature
        lines.append(cosignature_line(cosigning_key(LEDGER, of[name]), 1_000, signature))
    return format_note(Note(body, tuple(lines))).decode()


def evidence_of(strange: str, known: str, leaves: Sequence[Digest] = HONEST) -> Contradiction:
    """Put two heads into evidence, as who can read the known one's log does."""
    size = min(parse_checkpoint(parse_note(strange.encode()).text).size, len(leaves))
    root, path = root_of(leaves[:size]), consistency_from_nodes(ObjectTree.from_leaves(leaves), size, len(leaves))
    return contradict(LEDGER, strange, known, root, path)


@pytest.mark.parametrize("size", [6, 7, 8, 16, 19, 20])
def test_who_signed_both_is_named(size: int) -> None:
    """A member that signed two histories, whichever sizes they have, of its own log or of others'."""
    strange = signed("bank", OTHER[:size], "bank", "chamber")
    known = signed("market", HONEST, "market", "customs", "chamber")
    evidence = evidence_of(strange, known)
    data = write_contradiction(evidence)
    assert data.startswith(MARK)
    report = check_evidence(data, TRUST)
    assert report.verdict is Verdict.VALID, report.detail
    assert report.detail.startswith("chamber signed two heads")


def test_who_stands_alone_is_named() -> None:
    """Where nobody signed both, a quorum on the one side speaks against whoever signed the other."""
    strange = signed("bank", OTHER[:9], "bank")
    known = signed("market", HONEST, "market", "customs", "chamber")
    report = check_evidence(write_contradiction(evidence_of(strange, known)), TRUST)
    assert report.verdict is Verdict.VALID
    assert report.detail.startswith("bank signed a head of 9 entries that contradicts")
    few = signed("market", HONEST, "market", "customs")
    report = check_evidence(write_contradiction(evidence_of(strange, few)), TRUST)
    assert report.verdict is Verdict.UNKNOWN_ISSUER


def test_an_honest_past_is_no_contradiction() -> None:
    """Heads that extend each other accuse nobody, whatever the path says."""
    old, new = signed("bank", HONEST[:7], "bank"), signed("bank", HONEST, "bank")
    with pytest.raises(ProofInvalid):
        evidence_of(old, new)
    with pytest.raises(ProofInvalid):
        evidence_of(new, old, HONEST[:7])
    made = evidence_of(signed("bank", OTHER[:7], "bank"), new)
    forged: list[Contradiction] = [
        replace(made, first=old),
        replace(made, first=old, root=digest("anything")),
        replace(made, root=root_of(OTHER[:7])),
        replace(made, path=()),
        replace(made, first=new, second=made.first),
    ]
    for each in forged:
        assert check_evidence(write_contradiction(each), TRUST).verdict is Verdict.TAMPERED


def test_any_changed_byte_is_noticed() -> None:
    """No change of the file leaves it valid."""
    strange, known = signed("bank", OTHER[:9], "bank"), signed("bank", HONEST, "bank")
    data = write_contradiction(evidence_of(strange, known))
    for place in range(0, len(data), 7):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        assert check_evidence(changed, TRUST).verdict is not Verdict.VALID, place


def test_another_ledger_s_evidence_is_not_judged() -> None:
    """Whom the trust file does not know, nobody here can accuse."""
    data = write_contradiction(evidence_of(signed("bank", OTHER[:9], "bank"), signed("bank", HONEST, "bank")))
    other = read_trust(write_trust(replace(GENESIS, name="another")))
    assert check_evidence(data, other).verdict is Verdict.UNKNOWN_ISSUER
