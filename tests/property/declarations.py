"""The moves of random histories that are about declarations."""

from collections.abc import Iterator
from typing import Protocol, TypeVar

from msgspec.structs import replace

from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.declaration.bodies import (
    AnswerDeclaration,
    AssessDeclaration,
    CertificateUse,
    CorrectDeclaration,
    CustomsLane,
    DeclarationLine,
    LapseDeclaration,
    LineQuantity,
    LineSource,
    LodgeDeclaration,
    LowValueGoods,
    QueryDeclaration,
    RefuseDeclaration,
    Regime,
    ReleaseDeclaration,
    WithdrawDeclaration,
)
from hanse_ledger.kinds.declaration.state import IMPORTS, Declaration
from hanse_ledger.kinds.invoice.state import OPEN, Invoice
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.part import Body
from tests.world.corridor import Corridor

Kind = TypeVar("Kind", bound=Object)
Picks = tuple[int, int, int, int]

NOBODY = bytes(32)
LANES = tuple(CustomsLane)


class Chooser(Protocol):
    """What a player chooses objects and signers by."""

    corridor: Corridor

    def pick(self, kind: type[Kind], pick: int) -> Kind | None:
        """Choose an object of a kind, or none."""

    def party_of(self, object_id: ObjectId) -> Party | None:
        """Find a party."""

    def key(self, party: Party | None) -> str:
        """Name the key with which a party signs now."""


def declaration_move(player: Chooser, kind: type[Body], picks: Picks, amount: int) -> tuple[Body, tuple[str, ...]]:
    """Make the body of a move about a declaration, and say who should sign it."""
    first, _, _, fourth = picks
    if kind is LodgeDeclaration:
        return _lodging(player, picks, amount)
    declaration = player.pick(Declaration, first)
    if kind is CorrectDeclaration and fourth:
        values = player.corridor.ledger.objects.values()
        released = (each for each in values if isinstance(each, Declaration) and each.lines[0].released_micro)
        declaration = next(released, declaration)
    elif fourth > 1 and kind is not LapseDeclaration:
        # Mostly one that is not decided.
        declaration = next(_undecided(player, newest=True), declaration)
    if kind is LapseDeclaration:
        # Mostly what has been open for longest: what is new is refused.
        declaration = next(_undecided(player, newest=False), declaration)
    if kind in (WithdrawDeclaration, AnswerDeclaration, LapseDeclaration):
        return _by_traders(player, kind, declaration, picks)
    return _by_customs(kind, declaration, picks)


def _undecided(player: Chooser, *, newest: bool) -> Iterator[Declaration]:
    values = player.corridor.ledger.objects.values()
    lodged = (value for value in (reversed(values) if newest else values) if isinstance(value, Declaration))
    return (value for value in lodged if value.undecided)


def _by_traders(
    player: Chooser, kind: type[Body], declaration: Declaration | None, picks: Picks
) -> tuple[Body, tuple[str, ...]]:
    declarant = player.party_of(declaration.links.declarant if declaration else NOBODY)
    if kind is WithdrawDeclaration:
        return WithdrawDeclaration(declaration=_id(declaration)), (player.key(declarant),)
    if kind is AnswerDeclaration:
        if picks[1]:
            values = player.corridor.ledger.objects.values()
            asked = (value for value in values if isinstance(value, Declaration) and value.query)
            declaration = next(asked, declaration)
        query = declaration.query.record if declaration and declaration.query else NOBODY
        declarant = player.party_of(declaration.links.declarant if declaration else NOBODY)
        body = AnswerDeclaration(declaration=_id(declaration), document=None, query=query)
        return body, (player.key(declarant),)
    named = player.corridor.ledger.object(declaration.links.invoices[0] if declaration else NOBODY)
    seller = player.party_of(named.links.seller if isinstance(named, Invoice) else NOBODY)
    return LapseDeclaration(declaration=_id(declaration)), (player.key(seller),)


def _by_customs(kind: type[Body], declaration: Declaration | None, picks: Picks) -> tuple[Body, tuple[str, ...]]:
    _, second, third, fourth = picks
    customs = declaration.links.customs if declaration else "customs-be"
    reasons = ("DOCS",)[: fourth + 1]
    if kind is ReleaseDeclaration:
        part = (LineQuantity(line=1 + second // 15, quantity_micro=1 + third * 4),)
        return ReleaseDeclaration(declaration=_id(declaration), lines=part if fourth % 2 else None), (customs,)
    if kind is CorrectDeclaration:
        line = declaration.lines[0] if declaration else None
        release = line.released_by if line and line.released_by else NOBODY
        less = (LineQuantity(line=1 + second // 15, quantity_micro=1 if third < 10 else third * 4),)
        return CorrectDeclaration(declaration=_id(declaration), lines=less, release=release), (customs,)
    if kind is AssessDeclaration:
        profile = NOBODY if third % 2 else None
        lane = LANES[second % len(LANES)]
        return AssessDeclaration(declaration=_id(declaration), lane=lane, profile=profile, reasons=reasons), (customs,)
    if kind is QueryDeclaration:
        return QueryDeclaration(declaration=_id(declaration), document=None, reasons=reasons), (customs,)
    return RefuseDeclaration(declaration=_id(declaration), reasons=reasons), (customs,)


def _lodging(player: Chooser, picks: Picks, amount: int) -> tuple[Body, tuple[str, ...]]:
    certificate = player.pick(Certificate, picks[0])
    _, second, third, fourth = picks
    invoices = dict.fromkeys(_id(player.pick(Invoice, pick)) for pick in (second, third)[: 1 + fourth % 2])
    first = player.corridor.ledger.object(next(iter(invoices)))
    trader = player.party_of(first.links.buyer if isinstance(first, Invoice) else NOBODY)
    agent = player.pick(Party, third) if fourth > 9 else None
    use = CertificateUse(certificate=_id(certificate), line=1 + third // 15)
    line = DeclarationLine(
        certificate=None if second == 14 else use,
        hs_code="610910",
        origin="CN",
        quantity_micro=amount,
        source=None,
        unit="C62",
    )
    regime = Regime.EXPORT if fourth % 4 == 0 else Regime.IMPORT
    low_value, customs = None, "customs-cn" if fourth % 3 == 0 else "customs-be"
    if fourth % 4 == 1:
        regime, line = _from_another(player, line, second)
        if line.source is not None and second in STRAYING:
            regime, line, trader, customs = _strayed(player, line, second, regime, trader)
            invoices = dict.fromkeys(_invoices_of(player, trader)[:1] or invoices)
    elif fourth % 8 == 6:
        regime, line = Regime.LOW_VALUE_IMPORT, replace(line, certificate=None)
        low_value = _low_value(second, amount, 1 + third % 2)
    body = LodgeDeclaration(
        consignment=None,
        customs=customs,
        declarant=_id(agent or trader),
        invoices=tuple(invoices),
        lines=(line, replace(line, quantity_micro=1 + second))[: 1 + third % 2],
        low_value=low_value,
        principal=_id(trader) if agent else None,
        regime=regime,
    )
    return body, (player.key(trader), *([player.key(agent)] if agent else []))


def _low_value(pick: int, amount: int, lines: int) -> LowValueGoods | None:
    """Say what little things are worth; now and then nothing, too much, another currency, or a product too many."""
    if pick == 9:
        return None
    return LowValueGoods(
        amount_minor=1_000_000 if pick == 12 else amount,
        currency="USD" if pick == 11 else "EUR",
        minor_digits=2,
        products=("4006381333931",) * (lines + (pick == 10)),
    )


def _from_another(player: Chooser, line: DeclarationLine, pick: int) -> tuple[Regime, DeclarationLine]:
    """Admit goods to a zone, take some out of it, or send back what was imported: whatever is there to draw on."""
    held = [each for each in player.corridor.ledger.objects.values() if isinstance(each, Declaration)]
    stock = [each for each in held if each.status.regime is Regime.BONDED_ADMISSION and each.lines[0].released_micro]
    taken = [each for each in held if each.status.regime in IMPORTS and each.lines[0].released_micro]
    if pick % 3 == 0 or not (stock or taken):
        return Regime.BONDED_ADMISSION, replace(line, certificate=None)
    zone = bool(stock) and pick % 2 == 0
    source = (stock if zone or not taken else taken)[-1]
    regime = Regime.ZONE_RELEASE if source in stock else Regime.RETURN
    use = LineSource(declaration=source.id, line=1)
    return regime, replace(line, certificate=None, quantity_micro=1 + pick // 4, source=use)


STRAYING = (4, 7, 10, 11, 13)
"""Picks by which goods come from where they cannot: of another kind, another trader, under another regime."""


def _strayed(
    player: Chooser, line: DeclarationLine, pick: int, regime: Regime, trader: Party | None
) -> tuple[Regime, DeclarationLine, Party | None, str]:
    """Declare at the office of the source, and mostly for its trader, what is refused all the same."""
    assert line.source is not None
    source = player.corridor.ledger.object(line.source.declaration)
    assert isinstance(source, Declaration)
    own = player.party_of(source.links.principal or source.links.declarant)
    if pick == 13:
        return Regime.RETURN if regime is Regime.ZONE_RELEASE else Regime.ZONE_RELEASE, line, own, source.links.customs
    if pick in (10, 11):
        values = player.corridor.ledger.objects.values()
        others = (each for each in values if isinstance(each, Party) and each != own and _invoices_of(player, each))
        return regime, line, next(others, trader), source.links.customs
    return regime, replace(line, hs_code="090210"), own, source.links.customs


def _invoices_of(player: Chooser, party: Party | None) -> list[ObjectId]:
    """List the open invoices of which a party is a trader."""
    values = player.corridor.ledger.objects.values()
    invoices = (each for each in values if isinstance(each, Invoice) and each.status.state in OPEN)
    return [each.id for each in invoices if party and party.id in (each.links.seller, each.links.buyer)]


def _id(value: Object | None) -> ObjectId:
    return value.id if value else NOBODY
