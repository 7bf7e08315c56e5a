"""A sample of each record of mandates."""

from hanse_ledger.kinds.mandate.bodies import GrantMandate, MandateLimit, RevokeMandate
from hanse_ledger.kinds.standins import T0, YEAR, stand_in


def grant() -> GrantMandate:
    """The buyer lets the agent declare its imports, and instruct payments of 5,000.00 EUR each, 20,000.00 in sum."""
    return GrantMandate(
        kinds=("declaration.lodge", "payment.instruct"),
        limit=MandateLimit(currency="EUR", each_minor=500_000, minor_digits=2, total_minor=2_000_000),
        member=None,
        party=stand_in("agent"),
        principal=stand_in("buyer"),
        valid_from=T0,
        valid_until=T0 + YEAR,
    )


def revoke() -> RevokeMandate:
    """The buyer ends the mandate."""
    return RevokeMandate(mandate=stand_in("mandate"))
