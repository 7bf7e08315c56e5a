"""Heads that are remembered: what held, within a bound in bytes, and nothing before it was proven."""

import pytest
from msgspec.structs import replace

from hanse_ledger.proofs.knownheads import KnownHeads
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values import limits
from hanse_ledger.values.errors import LedgerError
from tests.tables.proofs import ProofMaker
from tests.unit.ledger.proofs.test_epochs import GENESIS_TRUST, PROOF
from tests.world.corridor import Corridor, story
from tests.world.corridor_genesis import GENESIS


def heads(corridor: Corridor, count: int) -> list[str]:
    """Sign one head at many times."""
    begin = corridor.head.time // 1_000
    return [corridor.sign_checkpoint(seconds=begin + second) for second in range(count)]


def test_what_is_kept_is_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many heads are verified, no more bytes and no more heads are kept than the bounds say."""
    monkeypatch.setattr(limits, "KNOWN_HEAD_BYTES", 4_000)
    known = KnownHeads(TrustFile(GENESIS))
    signed = heads(story(), 20)
    for text in signed:
        known.verify(text, ())
        assert 0 < known._bytes <= 4_000
    assert known.verify(signed[-1], ()) is known.verify(signed[-1], ())
    monkeypatch.setattr(limits, "KNOWN_HEADS", 2)
    for text in signed:
        known.verify(text, ())
    assert known._bytes <= sum(len(text.encode()) for text in signed[-2:])
    monkeypatch.setattr(limits, "KNOWN_HEAD_BYTES", 10)
    alone = KnownHeads(TrustFile(GENESIS))
    assert alone.verify(signed[0], ()).head.checkpoint.size
    assert alone._bytes == 0


def test_nothing_is_kept_that_did_not_hold() -> None:
    """Changes of the members under a head that nobody signed are forgotten with it, and so is a head of none."""
    known = KnownHeads(GENESIS_TRUST)
    changes = tuple(evidence.entry for evidence in PROOF.changes)
    unsigned = PROOF.checkpoint.rpartition("\n— ")[0].rpartition("\n— ")[0] + "\n"
    for text, led in ((unsigned, changes), (PROOF.checkpoint, changes[:-1]), (PROOF.checkpoint, ())):
        with pytest.raises(LedgerError):
            known.verify(text, led)
        assert known._bytes == 0
    assert known.verify(PROOF.checkpoint, changes).head.vouchers
    assert known._bytes > 0


def test_known_changes_are_those_bytes_alone() -> None:
    """The same head with other changes is verified anew: bytes that run into each other name nothing."""
    corridor = story()
    proof = ProofMaker(corridor).proof(corridor.id["invoice"])
    known = KnownHeads(TrustFile(GENESIS))
    known.verify(proof.checkpoint, ())
    with pytest.raises(LedgerError):
        known.verify(proof.checkpoint, (b"",))
    with pytest.raises(LedgerError):
        known.verify(replace(proof, checkpoint=proof.checkpoint + " ").checkpoint, ())
