"""Later epochs: a trust file follows the members, and proofs made under other members than it knows are checked."""

import pytest
from msgspec.structs import replace

from hanse_ledger.blocks.replay import replay
from hanse_ledger.proofs.heads import verify_head
from hanse_ledger.proofs.knownheads import KnownHeads
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import ProofFile, write_proof
from hanse_ledger.proofs.trustfile import TrustFile, leading_changes, read_trust, write_trust
from hanse_ledger.records.entry import RECORD, RecordEntry, decode_entry
from hanse_ledger.records.envelope import Signed, verify_envelope
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.values.errors import Malformed, ProofInvalid, Untrusted
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.part import Body
from tests.tables.proofs import ProofMaker
from tests.world.corridor import Corridor, story
from tests.world.corridor_bodies import a_cosigner, a_member, change
from tests.world.corridor_genesis import DAY, GENESIS

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
    assert (GENESIS_TRUST.position, PRESENT.position) == (0, positions[-1])
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
        (changes[:-1], "has not taken effect"),
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


def test_what_came_to_nothing_is_nowhere() -> None:
    """Open, refused and withdrawn proposals are in no proof and no trust file, and nor are refusals and open votes."""
    corridor = moved()
    for take in (None, "market"):
        corridor.submit(corridor.make.proposal(change(members=[a_member("new")]), epoch=1), "market", name="proposal")
        if take:
            corridor.submit(corridor.make.takeback(), take)
            continue
        for name in ("bank-be", "chamber"):
            corridor.submit(corridor.make.vote(name, approve=False), name)
    corridor.submit(corridor.make.proposal(change(removed=["customs-cn"]), "bank-cn", epoch=1), "bank-cn")
    corridor.submit(corridor.make.proposal(change(members=[a_member("new")]), epoch=1), "market", name="proposal")
    corridor.submit(corridor.make.vote("chamber", approve=False), "chamber")
    then = ProofMaker(corridor, corridor.sign_checkpoint(cosigners=QUORUM)).proof(corridor.id["later"])
    assert read_trust(corridor.trust).changes == PRESENT.changes
    for name in ("bank-be", "bank-cn", "customs-be", "customs-cn"):
        corridor.submit(corridor.make.vote(name), name)
    now = ProofMaker(corridor, corridor.sign_checkpoint(cosigners=QUORUM)).proof(corridor.id["later"])
    present = read_trust(corridor.trust)
    assert (present.membership.epoch, len(present.changes)) == (2, len(PRESENT.changes) + 5)
    for trust in (GENESIS_TRUST, PRESENT, present):
        assert verdict(then, trust) is Verdict.VALID
        assert verdict(now, trust) is Verdict.VALID
        assert trust.extended(present.changes).membership == present.membership
    # Whose node is behind shows an older file: of what has taken effect nothing is lost.
    assert present.following(GENESIS_TRUST) is present
    assert present.following(PRESENT) is present
    assert PRESENT.following(present).membership == present.membership
    # Who walks the whole log meets all of them, and takes what has led to an epoch.
    every = [data for data in corridor.entries if b"member." in data]
    with pytest.raises(ProofInvalid, match="leads to no epoch"):
        GENESIS_TRUST.extended(every)
    led = leading_changes(GENESIS_TRUST.ledger, GENESIS.membership, every)
    assert tuple(led) == present.changes


def extra(corridor: Corridor, body: Body, signer: str) -> bytes:
    """An entry of a record that stands nowhere, at the end of the log."""
    signed = corridor.sign(body, signer)
    head = corridor.head
    return encode(RecordEntry(RECORD, head.size, head.last_entry, head.height + 1, head.time, signed.envelope))


def test_a_file_is_made_longer_by_nobody() -> None:
    """What leads to no epoch is refused, whoever has signed it, before a signature is looked at."""
    corridor = moved()
    corridor.submit(corridor.make.proposal(change(members=[a_member("new")]), epoch=1), "market", name="proposal")
    opened = corridor.entries[-2]
    for more, words in (
        ([opened], "has not taken effect"),
        ([opened, extra(corridor, corridor.make.vote("chamber", approve=False), "chamber")], "votes against"),
        ([opened, extra(corridor, corridor.make.takeback(), "market")], "it withdraws"),
        (
            [
                opened,
                extra(corridor, corridor.make.proposal(change(removed=["bank-cn"]), "chamber", epoch=1), "chamber"),
            ],
            "second",
        ),
        ([extra(corridor, corridor.make.vote("chamber"), "chamber")], "proposal-unknown"),
    ):
        with pytest.raises(ProofInvalid, match=words):
            PRESENT.extended([*PRESENT.changes, *more])


def test_what_is_refused_costs_one_epoch_at_most() -> None:
    """Thousands of well-formed proposals with votes that nobody has signed: at the first the reader stops."""
    corridor = Corridor()
    entries, head = list[bytes](), corridor.head
    for number in range(200):
        what = change(members=[a_member("new", key=f"new {number}")])
        proposal = corridor.sign(corridor.make.proposal(what, epoch=number), "market")
        corridor.id["proposal"] = proposal.id
        votes = [corridor.make.vote(name) for name in ("bank-be", "bank-cn", "chamber", "customs-be")]
        forged = [corridor.sign(body, body.member) for body in votes]
        records = [
            proposal.envelope,
            *(replace(each.envelope, signatures=proposal.envelope.signatures) for each in forged),
        ]
        for envelope in records:
            place = len(entries) + 1
            entries.append(encode(RecordEntry(RECORD, place, head.last_entry, 1, head.time, envelope)))
    count = 0

    def counted(signed: Signed) -> None:
        nonlocal count
        count += 1
        verify_envelope(signed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hanse_ledger.proofs.trustfile.verify_envelope", counted)
        with pytest.raises(ProofInvalid, match="signature-invalid"):
            GENESIS_TRUST.extended(entries)
    assert count == 2  # the proposal, and the first vote


def test_an_epoch_that_nobody_knew_is_a_fork() -> None:
    """Who knows the members up to a size takes no other change before it, though enough members have signed it."""
    corridor = story()
    corridor.change_members(change(members=[a_member("new")]))
    other = read_trust(corridor.trust)
    with pytest.raises(ProofInvalid, match="is not the trusted one"):
        PRESENT.extended(other.changes, other.position + 1)
    assert other.position < PRESENT.position
    with pytest.raises(ProofInvalid, match="is not the trusted one"):
        PRESENT.following(other)


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
