"""The moves of random histories that are about pledges, and what payments say of them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from hanse_ledger.kinds.claims import tag_claim
from hanse_ledger.kinds.invoice.bodies import RetagInvoice, Tag
from hanse_ledger.kinds.invoice.state import Invoice, InvoiceState
from hanse_ledger.kinds.pledge.bodies import AssignPledge, CreatePledge, PayOutPledge, ReleasePledge
from hanse_ledger.kinds.pledge.state import Pledge
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.part import Body
from tests.property.banks.objects import NOBODY
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import seed_of, uetr_of
from tests.world.trade.pledging import pledging

if TYPE_CHECKING:
    from tests.property.histories import Move, Player

BANKS = ("bank-be", "bank-cn")
VALUES = (
    *(seed_of(f"tag {number}") for number in range(16)),
    *(seed_of(f"tag {number} of epoch {epoch}") for number in (1, 2, 3, 4, 5) for epoch in (1, 2)),
)
"""Every value that tags have in random histories."""

Picks = tuple[int, int, int, int]


def with_pledge(corridor: Corridor, seller: str, buyer: str) -> None:
    """Have the buyer accept three invoices of 1.00, the last without a day, and the seller pledge the first."""
    for number, name in ((3, "pledged"), (4, "accepted")):
        corridor.submit(corridor.make.invoice(number, payable_minor=100), seller, name=name)
        corridor.submit(corridor.make.acceptance(name, amount_minor=100), buyer)
    dateless = replace(corridor.make.invoice(5, payable_minor=100), due=None)
    corridor.submit(dateless, seller, name="dateless")
    corridor.submit(replace(corridor.make.acceptance("dateless", amount_minor=100), due=None), buyer)
    corridor.submit(pledging(corridor, 100, invoice="pledged", number=3), "bank-cn", seller, name="pledge")


def _pledgee(picks: Picks) -> str:
    """Name the bank that takes a pledge: mostly the one to which payments go."""
    return BANKS[picks[1] % 8 > 0]


def pledge_move(player: "Player", kind: type[Body], move: "Move") -> tuple[Body, tuple[str, ...]]:
    """Make the body of a move about a pledge, and say who should sign it."""
    if kind is PayOutPledge:
        return _payout(player, player.pick(Pledge, move.picks[0]), move.picks)
    if kind is not CreatePledge:
        return _end(player.pick(Pledge, move.picks[0]), kind, move.picks)
    invoice = player.pick(Invoice, move.picks[0])
    if move.picks[3] == 11:
        invoice = next(_dateless(player.corridor), invoice)
    seller = player.party_of(invoice.links.seller if invoice else NOBODY)
    return _creation(player.corridor, invoice, move.picks), (_pledgee(move.picks), player.key(seller))


def _dateless(corridor: Corridor) -> Iterator[Invoice]:
    """Find accepted invoices that neither say when they are due nor were given a day by their buyer."""
    values = (value for value in corridor.ledger.objects.values() if isinstance(value, Invoice))
    accepted = (value for value in values if value.status.state is InvoiceState.ACCEPTED)
    return (value for value in accepted if value.acceptance and value.acceptance.accepted_due is None)


def tags_of(corridor: Corridor, invoice: Invoice) -> tuple[Tag, ...]:
    """Give the tags that an invoice bears of the epochs in use."""
    return tuple(
        Tag(epoch=epoch, value=value)
        for epoch in corridor.ledger.membership.parameters.tag_epochs
        for value in VALUES
        if tag_claim(epoch, value) in invoice.links.tags
    )


def _creation(corridor: Corridor, invoice: Invoice | None, picks: Picks) -> CreatePledge:
    """Pledge what is outstanding of an invoice, with its tags; now and then something else."""
    body = replace(corridor.make.sample(CreatePledge), bank=_pledgee(picks), invoice=NOBODY)
    if invoice is None:
        return body
    borne = tags_of(corridor, invoice)
    amount = max(invoice.amounts.outstanding_minor - (picks[2] == 13), 1)
    tags = body.tags if picks[3] == 13 or not borne else borne
    return replace(body, amount_minor=amount, invoice=invoice.id, tags=tags)


def _end(pledge: Pledge | None, kind: type[Body], picks: Picks) -> tuple[Body, tuple[str, ...]]:
    """Release a pledge, or assign it to the other bank."""
    name, bank = (pledge.id, pledge.links.bank) if pledge else (NOBODY, "bank-cn")
    if kind is ReleasePledge:
        return ReleasePledge(pledge=name), (bank,)
    other = next(each for each in BANKS if each != bank) if picks[2] < 14 else bank
    return AssignPledge(bank=other, pledge=name), tuple(dict.fromkeys((bank, other)))


def _payout(player: "Player", pledge: Pledge | None, picks: Picks) -> tuple[PayOutPledge, tuple[str, ...]]:
    """Pay a seller a quarter of a pledge or so, sometimes what is left of it, now and then more, by one of 16 UETRs."""
    body = replace(player.corridor.make.sample(PayOutPledge), pledge=NOBODY)
    if pledge is None:
        return body, (body.bank,)
    amounts = pledge.amounts
    left = amounts.amount_minor - amounts.paid_out_minor + (picks[1] == 13)
    amount = left if picks[1] > 11 else min(left, amounts.amount_minor // 4 + 1)
    bank = pledge.links.bank if picks[2] < 14 else next(each for each in BANKS if each != pledge.links.bank)
    body = replace(
        body,
        amount_minor=max(amount, 1),
        bank=bank,
        currency=amounts.currency if picks[2] != 13 else "USD",
        minor_digits=amounts.minor_digits,
        pledge=pledge.id,
        uetr=uetr_of(picks[3]),
    )
    return body, (bank,)


def with_bank(
    corridor: Corridor, body: RetagInvoice, invoice: Invoice | None, pick: int, seller: str
) -> tuple[RetagInvoice, tuple[str, ...]]:
    """Have the bank sign other tags of what it has in pledge, mostly; give the body and who signs."""
    pledge = corridor.ledger.objects.get(standing_on(invoice, pick) or NOBODY)
    if not isinstance(pledge, Pledge):
        return body, (seller,)
    return replace(body, pledge=pledge.id), (pledge.links.bank, seller)


def standing_on(invoice: Invoice | None, pick: int) -> ObjectId | None:
    """Name the pledge that stands on an invoice; now and then none."""
    return None if invoice is None or pick == 14 else invoice.pledge.pledged_by
