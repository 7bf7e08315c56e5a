"""Why a record about an order is refused."""

from hanse_ledger.values.reasons import Reason

ORDER_UNKNOWN = Reason("order-unknown", "No order has this id.", "Check the order's id.")

NOT_MARKETPLACE = Reason(
    "not-marketplace",
    "The marketplace that attests the order has not signed.",
    "Have that marketplace sign, and nobody else.",
)
