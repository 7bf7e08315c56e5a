"""Later epochs: a trust file follows the members, and proofs made under other members than it knows are checked."""

import pytest
from msgspec.structs import replace

from hanse_ledger.codec import encode
from hanse_ledger.entry import RecordEntry, decode_entry
from hanse_ledger.errors import Malformed, ProofInvalid, Untrusted
from hanse_ledger.evidence import ProofFile, write_proof
from hanse_ledger.heads import verify_head
from hanse_ledger.knownheads import KnownHeads
from hanse_ledger.notes import parse_note
from hanse_ledger.proof import check_proof
from hanse_ledger.replay import replay
from hanse_ledger.report import Verdict
from hanse_ledger.trustfile import TrustFile, read_trust, write_trust
from tests.corridor import Corridor, story
from tests.corridor_bodies import a_cosigner, a_member, change
from tests.corridor_genesis import DAY, GENESIS
from tests.proofs import ProofMaker

NAMES = ("bank-be", "chamber", "customs-be", "market")
QUORUM = ("chamber", "customs-be", "market")


def moved() -> Corridor:
    """A trade under one operator, which four nodes then replace; the chamber leaves, and a second trade begins."""
    corridor = story()
    corridor.change_members(change(cosigners=[a_cosigner(name) for name in NAMES], removed=["operator"]))
    for name in NAMES:
        corridor.report_ready(name)
    corridor.issue_invoice(5, name="later")
    corridor.accept_invoice("later")
    return corridor


MOVED = moved()
AT = MOVED.head.time + DAY
GENESIS_TRUST, PRESENT = TrustFile(GENESIS), read_trust(MOVED.trust)
PROOF = ProofMaker(MOVED, MOVED.sign_checkpoint(cosigners=QUORUM)).proof(MOVED.id["certificate"], MOVED.id["later"])


def verdict(proof: ProofFile, trust: TrustFile) -> Verdict:
    """Check a proof."""
    return check_proof(write_proof(proof), trust, AT).verdict


def test_a_proof_leads_from_the_genesis_to_those_who_vouch() -> None:
    """Who knows only the genesis checks a proof of a later epoch; so does who knows the present members."""
    for trust in (GENESIS_TRUST, PRESENT):
        report = check_proof(write_proof(PROOF), trust, AT)
        assert report.verdict is Verdict.VALID, report
        assert report.vouchers == "3 of 4 organisations vouch for this: chamber, customs-be, market"
    assert "epoch 1" in report.steps[4].detail


def test_heads_known_under_a_trust_file_serve_later_epochs_too() -> None:
    """Many proofs of one head cost the signatures of head and members once, and are judged the same."""
    known = KnownHeads(GENESIS_TRUST)
    for _ in range(2):
        assert check_proof(write_proof(PROOF), GENESIS_TRUST, AT, known).verdict is Verdict.VALID


def test_an_old_proof_stays_good() -> None:
    """What was proven before the members changed is judged by those who were in force then."""
    corridor = story()
    old = ProofMaker(corridor).proof(corridor.id["certificate"])
    for trust in (GENESIS_TRUST, PRESENT):
        assert verdict(old, trust) is Verdict.VALID


def test_former_members_vouch_for_nothing_later() -> None:
    """The operator's signature counts no more once the four have taken its place, whatever the file leaves out."""
    alone = ProofMaker(MOVED).proof(MOVED.id["later"])
    assert verdict(alone, GENESIS_TRUST) is Verdict.UNKNOWN_ISSUER
    hidden = replace(alone, changes=())
    assert verdict(hidden, PRESENT) is Verdict.UNKNOWN_ISSUER
    assert verdict(hidden, GENESIS_TRUST) is Verdict.CANNOT_CHECK


def test_who_knows_the_members_needs_no_records_of_them() -> None:
    """With the present trust file a proof may leave the changes out."""
    assert verdict(replace(PROOF, changes=()), PRESENT) is Verdict.VALID
    assert verdict(replace(PROOF, changes=PROOF.changes[:3]), PRESENT) is Verdict.VALID


@pytest.mark.parametrize("place", range(len(PROOF.changes)))
def test_no_change_of_the_members_can_be_left_out(place: int) -> None:
    """Without one of their records the members are others: nobody vouches, or nobody can tell."""
    cut = replace(PROOF, changes=(*PROOF.changes[:place], *PROOF.changes[place + 1 :]))
    assert verdict(cut, GENESIS_TRUST) in {Verdict.TAMPERED, Verdict.UNKNOWN_ISSUER, Verdict.CANNOT_CHECK}


def test_changes_are_checked_byte_by_byte() -> None:
    """A record of the members that was changed, or put elsewhere, is noticed under either trust file."""
    first, second, *rest = PROOF.changes
    for trust in (GENESIS_TRUST, PRESENT):
        swapped = replace(PROOF, changes=(second, first, *rest))
        assert verdict(swapped, trust) is Verdict.TAMPERED
        for at in range(0, len(first.entry), 7):
            data = bytearray(first.entry)
            data[at] ^= 1
            changed = replace(PROOF, changes=(replace(first, entry=bytes(data)), second, *rest))
            assert verdict(changed, trust) is not Verdict.VALID
    elsewhere = replace(PROOF, changes=(replace(first, path=second.path), second, *rest))
    assert verdict(elsewhere, GENESIS_TRUST) is Verdict.TAMPERED


def test_members_are_known_at_every_size() -> None:
    """Heads of any size are judged by the members in force under them."""
    positions = MOVED.head.changes
    assert PRESENT.at(positions[-1]).epoch == 0
    assert PRESENT.at(positions[-1] + 1).epoch == 1
    assert PRESENT.at(1) == GENESIS.membership == PRESENT.at(0)
    early = GENESIS_TRUST.extended(PRESENT.changes[:2], positions[1] + 1)
    assert early.membership == PRESENT.at(positions[1] + 1)
    assert (early.settled(), PRESENT.settled()) == (0, positions[-1])
    note = parse_note(MOVED.sign_checkpoint(cosigners=QUORUM).encode())
    assert verify_head(note, PRESENT).vouchers == QUORUM
    with pytest.raises(Untrusted):
        verify_head(note, GENESIS_TRUST)


def test_a_trust_file_that_is_not_followed_is_refused() -> None:
    """A file with a change that the members before it have not made is malformed."""
    changes = PRESENT.changes
    assert read_trust(PRESENT.to_bytes()).membership == PRESENT.membership
    for wrong, words in (
        (changes[1:], "refused: proposal-unknown"),
        ((*changes[:-1], changes[-2]), "order of their positions"),
        ((MOVED.entries[1],), "does not change the members"),
        ((MOVED.entries[2],), "a state entry"),
        ((b"\x90",), "not well-formed"),
    ):
        with pytest.raises(Malformed, match=words):
            read_trust(write_trust(GENESIS, wrong))


def test_known_changes_must_be_the_known_ones() -> None:
    """Another record in the place of a trusted one is a fork, and said so."""
    other = story()
    other.change_members(change(members=[a_member("new")]))
    with pytest.raises(ProofInvalid, match="is not the trusted one"):
        PRESENT.extended(read_trust(other.trust).changes)
    assert PRESENT.extended(PRESENT.changes[2:4]) is PRESENT


def undecided() -> Corridor:
    """After the move a proposal was refused, and another is open."""
    corridor = moved()
    refused = corridor.make.proposal(change(members=[a_member("new")]), epoch=1)
    corridor.submit(refused, "market", name="proposal")
    return corridor


def test_what_came_to_nothing_need_not_be_followed() -> None:
    """A proposal that was open when somebody looked, and was refused, is in no later proof; each checks both."""
    corridor = undecided()
    looked = read_trust(corridor.trust)
    assert looked.membership.proposal is not None
    then = ProofMaker(corridor, corridor.sign_checkpoint(cosigners=QUORUM)).proof(corridor.id["later"])
    for name in ("bank-be", "chamber"):
        corridor.submit(corridor.make.vote(name, approve=False), name)
    assert corridor.head.pending == ()
    again = corridor.make.proposal(change(members=[a_member("other")]), epoch=1)
    corridor.submit(again, "market", name="proposal")
    now = ProofMaker(corridor, corridor.sign_checkpoint(cosigners=QUORUM)).proof(corridor.id["later"])
    present = read_trust(corridor.trust)
    assert len(present.changes) == len(PRESENT.changes) + 1
    for trust in (GENESIS_TRUST, PRESENT, looked, present):
        assert verdict(then, trust) is Verdict.VALID
        assert verdict(now, trust) is Verdict.VALID
        assert trust.extended(present.changes).membership == present.membership
    # Whose node is behind shows an older file: of what has taken effect nothing is lost.
    assert present.following(GENESIS_TRUST) is present
    assert present.following(looked).settled() == present.settled()
    assert looked.following(present).membership == present.membership
    assert GENESIS_TRUST.following(looked).membership == looked.membership
    assert looked.following(PRESENT).membership == PRESENT.membership
    # Who walks the whole log meets all of them.
    every = [data for data in corridor.entries if b"member." in data]
    assert GENESIS_TRUST.extended(every).membership == corridor.ledger.membership == present.membership


def test_an_epoch_that_nobody_knew_is_a_fork() -> None:
    """Who knows the members up to a size takes no other change before it, though enough members have signed it."""
    corridor = story()
    corridor.change_members(change(members=[a_member("new")]))
    other = read_trust(corridor.trust)
    with pytest.raises(ProofInvalid, match="is not the trusted one"):
        PRESENT.extended(other.changes, other.settled() + 1)
    assert other.settled() < PRESENT.settled()


def test_time_runs_forwards_among_the_members() -> None:
    """A change that bears an earlier time than the one before it is refused."""
    first, second = (decode_entry(data) for data in PRESENT.changes[:2])
    assert isinstance(second, RecordEntry)
    early = encode(replace(second, time=first.time - 1))
    with pytest.raises(ProofInvalid, match="lies before"):
        GENESIS_TRUST.extended([PRESENT.changes[0], early])


def test_replay_follows_the_members() -> None:
    """Walking the ledger from its first byte comes to the same members."""
    ledger = replay(GENESIS, MOVED.entries)
    assert ledger.membership == MOVED.ledger.membership == PRESENT.membership
    assert ledger.head.changes == MOVED.head.changes
