"""The trade that `hanse demo` runs, scene by scene, until it is paid; and what goes back afterwards."""

from collections.abc import Callable

from msgspec import Struct

from hanse_cli.demo.cast import BROKER, BUYER, CARRIER, EXPORT_CUSTOMS, IMPORT_CUSTOMS, SELLER
from hanse_cli.demo.stage import Stage, ToldAct
from hanse_cli.demo.trade import (
    accept,
    attest_order,
    certify,
    declare,
    engage_broker,
    enrol,
    examine,
    finance,
    free,
    give_back,
    invoice_goods,
    issue_title,
    load,
    open_folder,
    pass_on,
    pay,
    put_in,
    release,
    send_back,
    surrender,
    unload,
)
from hanse_client.client import Client
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.values.types import Currency, MinorDigits, ObjectId

DISCLOSED = ("BT-1", "BT-2", "BT-113", "BT-115")
"""Number, date, payable amount, and that nothing was paid in advance: what the seller shows of its invoice."""


class Traded(Struct, frozen=True, kw_only=True):
    """What there is when the trade is paid: the ids, and the broker's client under its mandate."""

    seller: ObjectId
    buyer: ObjectId
    invoice: ObjectId
    certificate: ObjectId
    payment: ObjectId
    imported: ObjectId
    agent: ObjectId
    broker: Client


class Trade(Struct, frozen=True, kw_only=True):
    """How it went: the ids to prove, every act, and what is left to say of the goods and the money."""

    seller: ObjectId
    buyer: ObjectId
    invoice: ObjectId
    certificate: ObjectId
    payment: ObjectId
    acts: tuple[ToldAct, ...]
    currency: Currency
    minor_digits: MinorDigits
    settled_minor: int
    credited_minor: int
    payable_minor: int
    written_off_micro: int
    certified_micro: int
    units: tuple[str, ...]


def play(stage: Stage, midway: Callable[[], None] = lambda: None) -> Traded:
    """Let everybody act in turn until the seller is paid; `midway` is called when the certificate is issued."""
    seller, buyer, _, broker = (enrol(stage, name) for name in (SELLER, BUYER, CARRIER, BROKER))
    stage.tell("\n     What is sold, and where it comes from\n")
    attest_order(stage, seller, buyer)
    acting_broker = engage_broker(stage, broker)
    invoice = invoice_goods(stage, buyer)
    certificate = certify(stage, buyer)
    midway()
    accept(stage, invoice)
    standing = finance(stage, invoice)

    stage.tell("\n     From Hangzhou to Antwerp\n")
    goods = (invoice, certificate)
    folder = open_folder(stage, invoice)
    exported = declare(stage, BROKER, EXPORT_CUSTOMS, Regime.EXPORT, goods, acting_broker)
    release(stage, EXPORT_CUSTOMS, exported)
    put_in(stage, EXPORT_CUSTOMS, folder, exported)
    shipment = load(stage, (seller, buyer), invoice)
    title = issue_title(stage, shipment, seller)
    pass_on(stage, title, buyer)
    unload(stage, shipment)
    surrender(stage, title)
    imported = declare(stage, BUYER, IMPORT_CUSTOMS, Regime.IMPORT, goods)
    examine(stage, imported)
    put_in(stage, IMPORT_CUSTOMS, folder, imported)

    stage.tell("\n     The money\n")
    payment = pay(stage, invoice)
    free(stage, standing)
    return Traded(
        seller=seller,
        buyer=buyer,
        invoice=invoice,
        certificate=certificate,
        payment=payment,
        imported=imported,
        agent=broker,
        broker=acting_broker,
    )


def settle(stage: Stage, traded: Traded) -> Trade:
    """Give back what arrived broken, and say how it all ended."""
    stage.tell("\n     Two bowls arrived broken\n")
    send_back(stage, traded.invoice, traded.imported)
    give_back(stage, traded.invoice, traded.payment)

    seller = stage.clients[SELLER]
    amounts = seller.invoices.show(traded.invoice).amounts
    lines = seller.certificates.show(traded.certificate).balances
    return Trade(
        seller=traded.seller,
        buyer=traded.buyer,
        invoice=traded.invoice,
        certificate=traded.certificate,
        payment=traded.payment,
        acts=tuple(stage.acts),
        currency=amounts.currency,
        minor_digits=amounts.minor_digits,
        settled_minor=amounts.settled_minor,
        credited_minor=amounts.credited_minor,
        payable_minor=amounts.payable_minor,
        written_off_micro=sum(line.written_off_micro for line in lines),
        certified_micro=sum(line.quantity_micro for line in lines),
        units=tuple(sorted({line.unit for line in lines})),
    )
