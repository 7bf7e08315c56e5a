"""An operator that lies, with all the keys of its node and none of anybody else's."""

from msgspec.structs import replace

from hanse_ledger.blocks.block import BlockBuilder, Created
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.state import Invoice, InvoiceState, InvoiceStatus
from hanse_ledger.kinds.object import Object, created_id, step_seed
from hanse_ledger.kinds.objects import object_value
from hanse_ledger.records.entry import RecordEntry, StateEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded
from hanse_ledger.trees.merkle import Frontier
from hanse_ledger.trees.object_tree import object_leaf
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.membership import MemberKey
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import check
from tests.world.corridor import Corridor, sign, story, traders
from tests.world.corridor_genesis import GENESIS, T0, YEAR, public


def _append_against_the_rules(corridor: Corridor, signed: Signed) -> None:
    """Append a record of the chamber's that the seller has signed, as an operator can in its own database."""
    builder = BlockBuilder(corridor.ledger.ledger, corridor.head, corridor.ledger, corridor.next_time())
    span = MemberKey(key=public("seller"), valid_from=T0, valid_until=T0 + YEAR)
    builder._membership = replace(
        GENESIS.membership,
        members=tuple(
            replace(member, keys=(span, member.keys[1])) if member.id == "chamber" else member
            for member in GENESIS.membership.members
        ),
    )
    assert isinstance(builder.add(signed), Created)
    builder._membership = GENESIS.membership
    block = corridor.ledger.finish(builder)
    assert block is not None
    corridor.ledger.commit(block)
    corridor.blocks.append(block)


def _overwrite(corridor: Corridor, value: Object) -> None:
    """Put another value into the state, as an operator can, and let the next block's state entry cover it."""
    corridor.ledger.objects[value.id] = value
    leaf = object_leaf(value.id, object_value(value))
    corridor.ledger.tree.apply(corridor.ledger.tree.stage({corridor.ledger.number(value.id): leaf}))
    corridor.issue_invoice(8, name="eighth")


def _sign_as_it_is(corridor: Corridor) -> None:
    """Make the head that a lying operator would sign over the entries as they are."""
    log = Frontier()
    for data in corridor.entries:
        log.append(hash_leaf(data))
    corridor.ledger.head = replace(corridor.ledger.head, log=log)


def test_changed_members_cannot_be_checked() -> None:
    """A state entry under other members than the trusted ones is neither valid nor tampered: it cannot be checked."""
    corridor = story()
    last = corridor.blocks[-1]
    entry = decode_entry(last.entries[-1].data)
    assert isinstance(entry, StateEntry)
    other = replace(entry, payload=replace(entry.payload, members=bytes(32)))
    row = replace(last.entries[-1], data=encode(other))
    corridor.blocks[-1] = replace(last, entries=(*last.entries[:-1], row))
    _sign_as_it_is(corridor)
    report = check(ProofMaker(corridor).proof(corridor.id["invoice"]))
    assert (report.verdict, report.steps[-1].number) == (Verdict.CANNOT_CHECK, 6)


def test_an_operator_cannot_forge_a_certificate() -> None:
    """An entry that the operator appends against the rules is signed by nobody who may sign it, and is refused."""
    corridor = story()
    forged = sign(corridor.make.certificate(), "seller", at=corridor.next_time(), nonce="forged")
    _append_against_the_rules(corridor, forged)
    report = check(ProofMaker(corridor).proof(created_id(forged.id)))
    assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 11)


def test_an_operator_cannot_forge_a_state() -> None:
    """A state that says "accepted" without the buyer's record is refused, though the operator signed it."""
    corridor = story()
    name = corridor.issue_invoice(7, name="seventh")
    invoice = corridor.ledger.objects[name]
    _overwrite(corridor, replace(invoice, status=InvoiceStatus(state=InvoiceState.ACCEPTED)))
    report = check(ProofMaker(corridor).proof(name))
    assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 12)
    assert "is not what its signed records lead to" in report.detail


def _force(corridor: Corridor, signed: Signed, *changes: Object, at: int | None = None) -> None:
    """Log a record and change objects without asking the rules, as an operator can in its own database."""
    at = corridor.next_time() if at is None else at
    block = BlockBuilder(corridor.ledger.ledger, corridor.head, corridor.ledger, at)
    position = corridor.head.size
    entry = RecordEntry(0, position, corridor.head.last_entry, corridor.head.height + 1, at, signed.envelope)
    touched = tuple(value.id for value in changes)
    block._append(encode(entry), signed.id, signed.record.kind, touched)
    for value in changes:
        block._numbers[value.id] = block._number(value.id)
        block._objects[value.id] = replace(value, history=value.history.after(signed.id))
    closed = corridor.ledger.finish(block)
    assert closed is not None
    corridor.ledger.commit(closed)
    corridor.blocks.append(closed)


def paid(invoice: Object, minor: int) -> Object:
    """Make an invoice that says that so much is settled."""
    assert isinstance(invoice, Invoice)
    return replace(invoice, amounts=replace(invoice.amounts, settled_minor=minor, under_way_minor=0))


def test_a_record_counts_once() -> None:
    """An operator that logs a real confirmation twice does not settle an invoice twice."""
    corridor = traders()
    name = corridor.issue_invoice()
    payment = corridor.instruct_payment(50_000)
    corridor.confirm_payment()
    again = open_decoded(_entry_of(corridor, "payment.confirm").payload)
    _force(corridor, again, corridor.ledger.objects[payment], paid(corridor.ledger.objects[name], 100_000))
    report = check(ProofMaker(corridor).proof(name))
    assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 3)
    assert "twice" in report.detail


def _entry_of(corridor: Corridor, kind: str) -> RecordEntry:
    data = next(row.data for block in corridor.blocks for row in block.entries if row.kind == kind)
    entry = decode_entry(data)
    assert isinstance(entry, RecordEntry)
    return entry


def test_a_strangers_payment_settles_nothing() -> None:
    """A payment by others than the invoice's traders, or through a member that is no bank, proves nothing."""
    corridor = traders()
    name = corridor.issue_invoice()
    corridor.enrol("sybil")
    whole = corridor.make.instruction(100_000, invoice="invoice", number=1)
    for body in (
        replace(whole, payer=corridor.id["sybil"], payee=corridor.id["sybil"]),
        replace(whole, payer=corridor.id["sybil"], payee_bank="market"),
    ):
        signed = sign(body, "sybil", at=corridor.next_time(), nonce=repr(body))
        _force(corridor, signed, paid(corridor.ledger.objects[name], 100_000))
        report = check(ProofMaker(corridor).proof(name))
        assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 11)


def test_only_an_origin_issuer_certifies() -> None:
    """A certificate that the operator's own member issues, which is no origin issuer, is refused."""
    corridor = traders()
    corridor.issue_certificate()
    body = replace(corridor.make.certificate(), issuer="market")
    signed = sign(body, "market", at=corridor.next_time(), nonce="forged")
    certificate = corridor.ledger.objects[corridor.id["certificate"]]
    forged = replace(certificate, id=created_id(signed.id), seed=step_seed(signed.record.nonce), history=NO_HISTORY)
    _force(corridor, signed, forged)
    report = check(ProofMaker(corridor).proof(forged.id))
    assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 11)
    assert "member-lacks-role" in report.detail


def test_what_was_hoarded_comes_too_late() -> None:
    """An acceptance that the operator kept back and logs after its expiry is refused."""
    corridor = traders()
    name = corridor.issue_invoice()
    signed = corridor.sign(corridor.make.acceptance(), "buyer")
    invoice = corridor.ledger.objects[name]
    late = corridor.next_time() + 30 * 24 * 3_600_000
    _force(corridor, signed, replace(invoice, status=InvoiceStatus(state=InvoiceState.ACCEPTED)), at=late)
    report = check(ProofMaker(corridor).proof(name), at=late + 1)
    assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 11)
    assert "G-1" in report.detail
