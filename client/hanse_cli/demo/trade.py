"""What each does in the trade of `hanse demo`, a step a function: it acts, it is told, and what it made is given."""

from collections.abc import Mapping
from uuid import uuid4

from hanse_cli.demo.cast import (
    BROKER,
    BUYER,
    BUYERS_BANK,
    CARRIER,
    CHAMBER,
    EXPORT_CUSTOMS,
    IMPORT_CUSTOMS,
    MARKET,
    PARTIES,
    SELLER,
    SELLERS_BANK,
    identity_terms,
)
from hanse_cli.demo.papers import BILL, BILL_TERMS, CERTIFICATE, CREDIT_NOTE, CREDITED, INVOICE, TRANSFER
from hanse_cli.demo.stage import Stage
from hanse_client.client import Client
from hanse_ledger.kinds.declaration.bodies import CustomsLane, DeclarationLine, LineSource, Regime
from hanse_ledger.kinds.shipment.bodies import Packages
from hanse_ledger.values.types import ObjectId

ORDER = "TR-4471"
CARTONS = 26
UCR = "6CN-TR-4471"
"""The seller's reference of this movement of goods."""

PORCELAIN = "691110"
STONEWARE = 3
"""The certificate's line, and the import's, of the serving bowls."""

LENT_PERCENT = 80
"""How much of an invoice the seller's bank lends on it."""

BROKEN_MICRO, BROKEN_MINOR = 2_000_000, 6_400
"""How many bowls arrived broken, in millionths, and what they had cost; the credit note says so too."""

_QUESTION = b"Which glaze is on the serving bowls? Please send the test report for lead and cadmium.\n"
_ANSWER = b"Celadon, free of lead. Report QT-26-1188 of the testing house in Hangzhou is attached.\n"


def enrol(stage: Stage, name: str) -> ObjectId:
    """A party prepares its enrolment with its own key; the marketplace countersigns and sends it."""
    terms = identity_terms(stage.papers.invoice)[name]
    request = stage.clients[name].parties.prepare(member=MARKET, roles=[PARTIES[name]], terms=terms)
    return stage.enrolled(name, stage.act(MARKET, stage.clients[MARKET].submit_draft(request)))


def attest_order(stage: Stage, seller: ObjectId, buyer: ObjectId) -> ObjectId:
    """The marketplace says what was ordered there, and for how much."""
    invoice = stage.papers.invoice
    attested = stage.clients[MARKET].orders.attest(
        ORDER,
        seller=seller,
        buyer=buyer,
        amount_minor=invoice.payable_minor,
        currency=invoice.currency,
        placed="2026-09-14",
    )
    return stage.act(MARKET, attested)


def engage_broker(stage: Stage, broker: ObjectId) -> Client:
    """The seller lets a customs broker declare in its place, and nothing else; give the broker's client for it."""
    granted = stage.clients[SELLER].mandates.grant(["declaration.lodge"], party=broker)
    return stage.under(BROKER, stage.act(SELLER, granted))


def invoice_goods(stage: Stage, buyer: ObjectId, name: str = INVOICE) -> ObjectId:
    """The seller issues an invoice, with the tag that the marketplace makes for it."""
    file = stage.papers.folder / name
    tags = stage.tags(MARKET, file)
    return stage.act(SELLER, stage.clients[SELLER].invoices.issue(file, buyer=buyer, tags=tags))


def certify(stage: Stage, buyer: ObjectId) -> ObjectId:
    """The seller applies with its draft, and the chamber issues the certificate, for the dates in the file."""
    file = stage.papers.folder / CERTIFICATE
    applied = stage.clients[SELLER].certificates.apply(file, issuer=CHAMBER, consignee=buyer)
    application = stage.act(SELLER, applied)
    return stage.act(CHAMBER, stage.clients[CHAMBER].certificates.issue(file, application=application))


def accept(stage: Stage, invoice: ObjectId) -> None:
    """The buyer accepts an invoice as its own debt."""
    stage.act(BUYER, stage.clients[BUYER].invoices.accept(invoice))


def pledge(stage: Stage, invoice: ObjectId, name: str) -> ObjectId:
    """The seller's bank makes the tag itself from the invoice's file, and signs the pledge; the seller signs too."""
    tags = stage.tags(SELLERS_BANK, stage.papers.folder / name)
    draft = stage.clients[SELLERS_BANK].pledges.prepare(invoice, tags=tags)
    return stage.act(SELLER, stage.clients[SELLER].submit_draft(draft))


def finance(stage: Stage, invoice: ObjectId) -> ObjectId:
    """The pledge, and what the bank pays out on it, in one record: the seller signs first, the bank as it pays."""
    bank = stage.clients[SELLERS_BANK].pledges
    pledged = bank.prepare(invoice, tags=stage.tags(SELLERS_BANK, stage.papers.folder / INVOICE))
    lent = stage.papers.invoice.payable_minor * LENT_PERCENT // 100
    paid_out = bank.prepare_payout(pledged, uetr=str(uuid4()), rail="swift", amount_minor=lent)
    both = stage.clients[SELLER].bundles.prepare([pledged, paid_out])
    return stage.act(SELLERS_BANK, stage.clients[SELLERS_BANK].submit_draft(both))


def free(stage: Stage, standing: ObjectId) -> None:
    """The bank has its money, and gives the invoice free."""
    stage.act(SELLERS_BANK, stage.clients[SELLERS_BANK].pledges.release(standing))


def declare(
    stage: Stage,
    who: str,
    customs: str,
    regime: Regime,
    goods: tuple[ObjectId, ObjectId],
    client: Client | None = None,
) -> ObjectId:
    """Somebody declares all that the certificate covers of an invoice; `goods` are the two. Give the declaration."""
    invoice, certificate = goods
    lodged = (client or stage.clients[who]).declarations.lodge(
        customs=customs, regime=regime, invoices=[invoice], certificate=certificate
    )
    return stage.act(who, lodged)


def release(stage: Stage, customs: str, declaration: ObjectId, lines: Mapping[int, int] | None = None) -> None:
    """The authority lets goods go: all that are left, or so much of which lines, in millionths of their units."""
    stage.act(customs, stage.clients[customs].declarations.release(declaration, lines))


def load(stage: Stage, parties: tuple[ObjectId, ObjectId], invoice: ObjectId) -> ObjectId:
    """The carrier takes the cartons over, from the seller to the buyer, the two in `parties`; give the shipment."""
    consignor, consignee = parties
    dispatched = stage.clients[CARRIER].shipments.dispatch(
        stage.papers.folder / BILL,
        consignor=consignor,
        consignee=consignee,
        packages=[Packages(count=CARTONS, invoice=invoice, unit="CT")],
        terms=BILL_TERMS,
    )
    return stage.act(CARRIER, dispatched)


def open_folder(stage: Stage, invoice: ObjectId) -> ObjectId:
    """The seller opens the folder of the movement to both customs authorities, and puts its invoice in."""
    opened = stage.clients[SELLER].consignments.open(UCR, members=[EXPORT_CUSTOMS, IMPORT_CUSTOMS])
    folder = stage.act(SELLER, opened)
    put_in(stage, SELLER, folder, invoice)
    return folder


def put_in(stage: Stage, who: str, folder: ObjectId, item: ObjectId) -> None:
    """Somebody puts into the folder what it has a part in."""
    stage.act(who, stage.clients[who].consignments.add(folder, item))


def issue_title(stage: Stage, shipment: ObjectId, holder: ObjectId) -> ObjectId:
    """The carrier issues the title on the goods: whoever holds it may ask for them."""
    issued = stage.clients[CARRIER].titles.issue(shipment, stage.papers.folder / BILL, holder=holder, terms=BILL_TERMS)
    return stage.act(CARRIER, issued)


def pass_on(stage: Stage, title: ObjectId, new_holder: ObjectId) -> None:
    """The seller makes another the holder, who has it from then on, alone."""
    stage.act(SELLER, stage.clients[SELLER].titles.transfer(title, new_holder))


def surrender(stage: Stage, title: ObjectId) -> None:
    """The buyer gives the title up for the goods, and the carrier takes it in: both sign."""
    draft = stage.clients[BUYER].titles.prepare_surrender(title)
    stage.act(CARRIER, stage.clients[CARRIER].submit_draft(draft))


def unload(stage: Stage, shipment: ObjectId) -> None:
    """The goods arrive, and nothing is missing."""
    stage.act(CARRIER, stage.clients[CARRIER].shipments.arrive(shipment))


def examine(stage: Stage, declaration: ObjectId) -> None:
    """Customs looks at the papers, asks about the stoneware, lets the porcelain go meanwhile, and is answered."""
    customs = stage.clients[IMPORT_CUSTOMS].declarations
    stage.act(IMPORT_CUSTOMS, customs.assess(declaration, CustomsLane.YELLOW, ["FOOD-CONTACT"]))
    stage.act(IMPORT_CUSTOMS, customs.query(declaration, ["GLAZE"], file=_QUESTION))
    lines = enumerate(customs.show(declaration).lines, start=1)
    porcelain = {number: line.open_micro for number, line in lines if line.hs_code == PORCELAIN}
    release(stage, IMPORT_CUSTOMS, declaration, porcelain)
    stage.act(BUYER, stage.clients[BUYER].declarations.answer(declaration, file=_ANSWER))
    release(stage, IMPORT_CUSTOMS, declaration)


def pay(stage: Stage, invoice: ObjectId) -> ObjectId:
    """The buyer pays what is outstanding, as its bank's message says; its bank accepts, the seller's confirms."""
    buyer, folder = stage.clients[BUYER], stage.papers.folder
    instructed = buyer.payments.instruct(
        folder / TRANSFER,
        payer_bank=BUYERS_BANK,
        payee_bank=SELLERS_BANK,
        allocations={invoice: buyer.invoices.show(invoice).amounts.outstanding_minor},
    )
    payment = stage.act(BUYER, instructed)
    stage.act(BUYERS_BANK, stage.clients[BUYERS_BANK].payments.accept(payment))
    return stage.act(SELLERS_BANK, stage.clients[SELLERS_BANK].payments.confirm(payment, folder / CREDITED))


def back_from(stage: Stage, imported: ObjectId, quantity_micro: int) -> DeclarationLine:
    """Write the line by which so much of the stoneware is taken out of the country again, as it was brought in."""
    held = stage.clients[BUYER].declarations.show(imported).lines[STONEWARE - 1]
    return DeclarationLine(
        certificate=None,
        hs_code=held.hs_code,
        origin=held.origin,
        quantity_micro=quantity_micro,
        source=LineSource(declaration=imported, line=STONEWARE),
        unit=held.unit,
    )


def send_back(stage: Stage, invoice: ObjectId, imported: ObjectId) -> None:
    """The buyer declares that two bowls go back, to the authority that had let them in, which lets them go."""
    lodged = stage.clients[BUYER].declarations.lodge(
        customs=IMPORT_CUSTOMS,
        regime=Regime.RETURN,
        invoices=[invoice],
        lines=[back_from(stage, imported, BROKEN_MICRO)],
    )
    release(stage, IMPORT_CUSTOMS, stage.act(BUYER, lodged))


def give_back(stage: Stage, invoice: ObjectId, payment: ObjectId) -> None:
    """The seller's bank sends back what two broken bowls had cost, and the seller credits them."""
    returned = stage.clients[SELLERS_BANK].payments.return_(payment, "FOCR", BROKEN_MINOR)
    stage.act(SELLERS_BANK, returned)
    stage.act(SELLER, stage.clients[SELLER].invoices.credit(invoice, stage.papers.folder / CREDIT_NOTE))
