"""Pledges on the test corridor: the steps that make one, and what a payment of a pledged invoice says."""

from msgspec.structs import replace

from hanse_ledger.blocks.block import Created
from hanse_ledger.kinds.claims import pledge_claim
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.payment.bodies import InstructPayment
from hanse_ledger.kinds.pledge.bodies import AssignPledge, CreatePledge, PayOutPledge, ReleasePledge
from hanse_ledger.kinds.pledge.state import Pledge
from hanse_ledger.values.types import Digest, ObjectId
from tests.world.corridor import Corridor


def pledging(
    corridor: Corridor, amount_minor: int = 100_000, *, invoice: str = "invoice", number: int = 1
) -> CreatePledge:
    """The pledge of an invoice to the seller's bank, bank-cn; `number` is the invoice's, of which its tags follow."""
    tags = corridor.make.invoice(number).tags
    body = corridor.make.sample(CreatePledge)
    return replace(body, amount_minor=amount_minor, invoice=corridor.id[invoice], tags=tags)


def pledge(
    corridor: Corridor, amount_minor: int = 100_000, *, invoice: str = "invoice", number: int = 1, name: str = "pledge"
) -> ObjectId:
    """Have the seller pledge its invoice."""
    body = pledging(corridor, amount_minor, invoice=invoice, number=number)
    return corridor.submit(body, "bank-cn", "seller", name=name)


def release(corridor: Corridor, name: str = "pledge", bank: str = "bank-cn") -> None:
    """Have the bank release a pledge."""
    corridor.submit(ReleasePledge(pledge=corridor.id[name]), bank)


def assign(corridor: Corridor, name: str = "pledge") -> None:
    """Have bank-cn hand a pledge on to bank-be."""
    corridor.submit(AssignPledge(bank="bank-be", pledge=corridor.id[name]), "bank-cn", "bank-be")


def paying_out(
    corridor: Corridor, amount_minor: int = 80_000, *, name: str = "pledge", bank: str = "bank-cn", transfer: int = 1
) -> PayOutPledge:
    """What a bank says that it has paid to the seller on a pledge, by which of its transfers."""
    body = corridor.make.sample(PayOutPledge)
    uetr = f"{body.uetr[:-2]}a{transfer}"
    return replace(body, amount_minor=amount_minor, bank=bank, pledge=corridor.id[name], uetr=uetr)


def pay_out(
    corridor: Corridor, amount_minor: int = 80_000, *, name: str = "pledge", bank: str = "bank-cn", transfer: int = 1
) -> None:
    """Have the bank say that it has paid a seller."""
    corridor.submit(paying_out(corridor, amount_minor, name=name, bank=bank, transfer=transfer), bank)


def paying(
    corridor: Corridor,
    amount_minor: int = 100_000,
    *,
    invoice: str = "invoice",
    number: int = 1,
    pledge: str | None = "pledge",
) -> InstructPayment:
    """The payment of a pledged invoice, which names its pledge."""
    body = corridor.make.instruction(amount_minor, invoice=invoice, number=number)
    (share,) = body.allocations
    named = None if pledge is None else corridor.id[pledge]
    return replace(body, allocations=(replace(share, pledge=named),))


def pay(
    corridor: Corridor, amount_minor: int = 100_000, *, invoice: str = "invoice", number: int = 1, name: str = "payment"
) -> ObjectId:
    """Have the buyer instruct the payment of a pledged invoice."""
    return corridor.submit(paying(corridor, amount_minor, invoice=invoice, number=number), "buyer", name=name)


def pledge_of(corridor: Corridor, name: str = "pledge") -> Pledge:
    """Give a pledge as it stands."""
    found = corridor.ledger.objects[corridor.id[name]]
    assert isinstance(found, Pledge)
    return found


def invoice_of(corridor: Corridor, name: str = "invoice") -> Invoice:
    """Give an invoice as it stands."""
    found = corridor.ledger.objects[corridor.id[name]]
    assert isinstance(found, Invoice)
    return found


def claim_pledge(corridor: Corridor, name: Digest, pledge: ObjectId) -> None:
    """Have the operator put a pledge's claim beside the next record, an invoice: no record of the rules leads there.

    Args:
        corridor: whose operator.
        name: what is said to be pledged: an invoice's id, or the key of the claim to a tag.
        pledge: the id of a pledge that there is not.
    """
    builder = corridor.ledger.builder(corridor.next_time())
    body = replace(corridor.make.invoice(2), tags=())
    assert isinstance(builder.add(corridor.sign(body, "seller")), Created)
    builder._claims[pledge_claim(name)] = pledge
    block = corridor.ledger.finish(builder)
    assert block is not None
    corridor.ledger.commit(block)
    corridor.blocks.append(block)
