"""Why a record about a shipment is refused."""

from hanse_ledger.values.reasons import Reason

SHIPMENT_UNKNOWN = Reason("shipment-unknown", "No shipment has this id.", "Check the shipment's id.")

NOT_CARRIER = Reason(
    "not-carrier", "The shipment's carrier has not signed.", "Have the carrier that has taken the goods over sign."
)

PACKAGES_NOT_SORTED = Reason(
    "packages-not-sorted",
    "The packages are repeated or out of order.",
    "List the packages by invoice and then by kind of package, each once.",
)

INVOICE_OF_ANOTHER_CONSIGNOR = Reason(
    "invoice-of-another-consignor",
    "The invoice whose goods are in the packages is not the consignor's.",
    "Name the invoice's seller as consignor, or another invoice.",
)

SHIPMENT_ARRIVED = Reason(
    "shipment-arrived",
    "The shipment has arrived already.",
    "Look at the shipment's status; it cannot be done any more.",
)

MISSING_NOT_DISPATCHED = Reason(
    "missing-not-dispatched",
    "More packages are missing than were dispatched of that kind with that invoice.",
    "Name at most what the shipment's packages say.",
)
