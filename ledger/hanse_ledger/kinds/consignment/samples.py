"""A sample of each record of consignments."""

from hanse_ledger.kinds.consignment.bodies import AddToConsignment, OpenConsignment
from hanse_ledger.kinds.standins import stand_in


def open_folder() -> OpenConsignment:
    """The seller opens the folder of what it sends, for both customs authorities to write into."""
    return OpenConsignment(
        members=("customs-be", "customs-cn"),
        opener=stand_in("seller"),
        parties=(),
        ucr="6CN91330106MA2-TR4471",
    )


def add() -> AddToConsignment:
    """The seller puts its invoice in, and lets the buyer write too."""
    return AddToConsignment(
        consignment=stand_in("consignment"),
        item=stand_in("invoice"),
        new_members=(),
        new_parties=(stand_in("buyer"),),
        writer_member=None,
        writer_party=stand_in("seller"),
    )
