"""Whatever banks write: what is confirmed of a payment adds up to what was instructed, or nothing is confirmed."""

from hypothesis import given
from hypothesis import strategies as st

from hanse_client.arrivals import arrival_of, find_transaction
from hanse_client.errors import DocumentError
from hanse_ledger.documents import Charge, Direction, MessageKind, Money, PaymentDocument
from hanse_ledger.state import PaymentAmounts
from tests.messages import OTHER_UETR, UETR

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
    amounts = PaymentAmounts(
        allocations=(), amount_minor=instructed, charged_minor=0, credited_minor=0, currency="EUR", minor_digits=2
    )
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
    # Nothing takes it back: none that bears its UETR and, where nobody has said that it stands, its end-to-end id.
    back = [each for each in messages if each.reversal or (each.returned and each.direction is Direction.DEBIT)]
    assert not [each for each in back if each.uetr is not None and each.uetr == found.uetr]
    if transaction is None:
        assert not [each for each in back if each.end_to_end is not None and each.end_to_end == found.end_to_end]
