"""A sample of a bundle."""

from hanse_ledger.kinds.bundle.bodies import TakeSteps
from hanse_ledger.kinds.bundle.steps import step_of
from hanse_ledger.kinds.payment import samples as payment
from hanse_ledger.kinds.title import samples as title


def bundle() -> TakeSteps:
    """Delivery against payment: the title passes to the buyer as the seller's bank confirms the credit."""
    return TakeSteps(steps=(step_of(title.transfer()), step_of(payment.confirm())))
