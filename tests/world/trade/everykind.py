"""A whole trade in which an object of each kind stands, and a party that has to do with none of them."""

from hanse_ledger.kinds.office.bodies import AppointOfficer
from hanse_ledger.kinds.order.bodies import AttestOrder
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.power import Power
from tests.world.corridor import Corridor, traders
from tests.world.corridor_genesis import DAY, T0, public
from tests.world.trade.pledging import pledge


def whole_trade() -> Corridor:
    """Have an object of each kind stand, and a party that has to do with none of them."""
    corridor = traders()
    corridor.open_office()
    corridor.submit(
        AppointOfficer(
            key=public("officer"),
            office=corridor.id["office"],
            powers=(Power.READ,),
            valid_from=T0 - DAY,
            valid_until=T0 + 300 * DAY,
        ),
        "customs-be",
        "officer",
    )
    corridor.grant_mandate()
    corridor.enrol("outsider", PartyRole.BUYER, PartyRole.SELLER)
    corridor.open_consignment()
    corridor.issue_invoice()
    corridor.issue_certificate()
    corridor.accept_invoice()
    corridor.lodge_export()
    corridor.release_export()
    corridor.lodge_import()
    corridor.release_import()
    corridor.dispatch_shipment()
    corridor.issue_title()
    corridor.seal_invoice()
    corridor.issue_invoice(2, name="second")
    corridor.accept_invoice("second")
    pledge(corridor, invoice="second", number=2)
    corridor.instruct_payment()
    corridor.confirm_payment()
    corridor.submit(corridor.make.sample(AttestOrder), "market", name="order")
    return corridor
