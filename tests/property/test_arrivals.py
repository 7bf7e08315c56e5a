"""Whatever banks write: what is confirmed of a payment adds up to what was instructed, or nothing is confirmed."""

from hypothesis import given
from hypothesis import strategies as st

from hanse_client.base.errors import DocumentError
from hanse_client.resources.arriving.arrivals import arrival_of, find_transaction
from hanse_documents.model.documents import Charge, Direction, MessageKind, Money, PaymentDocument
from hanse_ledger.kinds.payment.state import PaymentAmounts
from tests.world.messages import OTHER_UETR, UETR, amounts_under_way

MINOR = st.integers(-3, 12)
CHARGES = st.builds(
    Charge,
    agent=st.sampled_from([None, "HNSABEB0XXX", "A bank by its name"]),
    amount_minor=MINOR,
    bearer=st.sampled_from([None, "SHAR", "DEBT", "CRED", "OUR"]),
    currency=st.sampled_from(["EUR", "EUR", "EUR", "USD"]),
    exponent=st.just(2),
    included=st.sampled_from([None, True, False]),
)
MESSAGES = st.builds(
    PaymentDocument,
    amount_minor=MINOR,
    charges=st.lists(CHARGES, max_size=3).map(tuple),
    currency=st.sampled_from(["EUR", "EUR", "EUR", "USD"]),
    direction=st.sampled_from([Direction.CREDIT, Direction.CREDIT, Direction.DEBIT]),
    end_to_end=st.sampled_from([None, "E-1", "E-2"]),
    exponent=st.just(2),
    instructed=st.none() | st.builds(Money, amount_minor=MINOR, currency=st.just("EUR"), exponent=st.just(2)),
    kind=st.sampled_from(MessageKind),
    message=st.just("M-1"),
    returned=st.booleans(),
    reversal=st.sampled_from([False, False, True]),
    status=st.sampled_from([None, "BOOK", "BOOK", "PDNG"]),
    uetr=st.sampled_from([None, UETR, OTHER_UETR]),
)


@given(
    st.lists(MESSAGES, min_size=1, max_size=4),
    st.integers(1, 12),
    st.sampled_from([None, UETR]),
    st.sampled_from([None, 1, "#2", "E-1"]),
)
def test_what_is_confirmed_adds_up(
    messages: list[PaymentDocument], instructed: int, uetr: str | None, transaction: str | int | None
) -> None:
    """A booked credit that stands, of this payment alone, all of it accounted for; else a refusal in words."""
    amounts = amounts_under_way(instructed)
    told: tuple[str, str] | None = None
    try:
        found = find_transaction(messages, amounts, uetr, transaction)
        credited, charges = arrival_of(found, amounts, uetr)
    except DocumentError as refused:
        told = (refused.field, refused.action)
    if told is not None:
        assert all(told)
        return
    assert credited + sum(charge.amount_minor for charge in charges) == instructed
    assert credited >= 1
    assert all(charge.amount_minor >= 1 for charge in charges)
    assert (found.direction, found.reversal, found.returned, found.currency) == (Direction.CREDIT, False, False, "EUR")
    assert found.status in (None, "BOOK")
    assert uetr is None or found.uetr in (None, uetr)


IDS = ("uetr", "end_to_end", "bank_reference")


def entries(
    amount: st.SearchStrategy[int], direction: Direction, *, reversal: bool
) -> st.SearchStrategy[PaymentDocument]:
    """Draw a booked entry with any ids, or none."""
    return st.builds(
        PaymentDocument,
        amount_minor=amount,
        bank_reference=st.sampled_from([None, "B-1", "B-2"]),
        currency=st.just("EUR"),
        direction=st.just(direction),
        end_to_end=st.sampled_from([None, "E-1", "E-2"]),
        exponent=st.just(2),
        kind=st.just(MessageKind.NOTIFICATION),
        message=st.just("M-1"),
        reversal=st.just(reversal),
        status=st.just("BOOK"),
        uetr=st.sampled_from([None, UETR, OTHER_UETR]),
    )


def refusal_of(messages: list[PaymentDocument], amounts: PaymentAmounts, transaction: int | None = None) -> str | None:
    """Try to find the payment; give the field of the refusal, or nil."""
    try:
        find_transaction(messages, amounts, None, transaction)
    except DocumentError as refused:
        return refused.field
    return None


@given(
    entries(st.just(10), Direction.CREDIT, reversal=False),
    entries(st.integers(1, 10), Direction.DEBIT, reversal=True),
    st.booleans(),
)
def test_what_is_taken_back_is_not_confirmed(credit: PaymentDocument, back: PaymentDocument, first: bool) -> None:
    """Where any id of both is the same, or none of the payment's own can be compared, nobody confirms unasked."""
    amounts = amounts_under_way(10)
    pairs = {name: (getattr(credit, name), getattr(back, name)) for name in IDS}
    same = {name: one == other for name, (one, other) in pairs.items() if one and other}
    unclear = not same.keys() & {"uetr", "end_to_end"} and back.amount_minor == 10
    messages = [back, credit] if first else [credit, back]
    assert refusal_of(messages, amounts) == ("RvslInd" if any(same.values()) or unclear else None)
    # By its UETR it is taken back though somebody says that it stands.
    if same.get("uetr"):
        assert refusal_of(messages, amounts, messages.index(credit) + 1) == "RvslInd"
