"""The moves of random histories that are bundles: of steps as they are drawn alone, and of those that go together."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from hanse_ledger.kinds.bundle.bodies import TakeSteps
from hanse_ledger.kinds.bundle.steps import BUNDLED_NAMED, created_by_step, step_of
from hanse_ledger.kinds.consignment.bodies import OpenConsignment
from hanse_ledger.kinds.invoice.bodies import AcceptInvoice, IssueInvoice
from hanse_ledger.kinds.pledge.bodies import CreatePledge, PayOutPledge
from hanse_ledger.wire.part import Body

if TYPE_CHECKING:
    from tests.property.histories import Move, Player

TOGETHER = (
    ("title.transfer", "payment.confirm"),
    ("title.transfer", "invoice.accept"),
    ("pledge.create", "pledge.payout"),
    ("pledge.create", "pledge.release"),
    ("invoice.issue", "invoice.accept", "consignment.open"),
    ("consignment.open", "invoice.issue", "invoice.issue"),
    ("payment.instruct", "payment.accept", "payment.confirm"),
    ("declaration.release", "payment.confirm"),
    ("payment.return", "pledge.create"),
    ("certificate.issue", "shipment.dispatch"),
)
"""Kinds that somebody would put into one record."""

Picks = tuple[int, int, int, int]

NAMES = tuple(sorted(BUNDLED_NAMED))


def bundle_move(player: "Player", move: "Move") -> tuple[TakeSteps, tuple[str, ...]]:
    """Make a bundle of two or three steps, and say who should sign it."""
    first, second, third, fourth = move.picks
    drawn = (NAMES[(first * 16 + second) % len(NAMES)], NAMES[(third * 16 + fourth) % len(NAMES)])
    kinds = drawn if fourth > 12 else TOGETHER[third % len(TOGETHER)]
    made = [player.body(move._replace(kind=kind, picks=_turned(move.picks, place))) for place, kind in enumerate(kinds)]
    signers = [name for _, right in made for name in right]
    bodies = [body for body, _ in made]
    if isinstance(bodies[0], IssueInvoice) and isinstance(bodies[1], AcceptInvoice):
        buyer = player.party_of(bodies[0].buyer)
        bodies[1] = replace(bodies[1], amount_minor=bodies[0].payable_minor, due=bodies[0].due)
        signers = [*made[0][1], player.key(buyer), *made[2][1]]
    if isinstance(bodies[0], CreatePledge) and isinstance(bodies[1], PayOutPledge):
        lent = min(bodies[0].amount_minor, bodies[1].amount_minor)
        bodies[1] = replace(bodies[1], amount_minor=lent, bank=bodies[0].bank)
        signers = [*made[0][1]]
    if isinstance(bodies[0], OpenConsignment) and isinstance(bodies[1], IssueInvoice):
        # Whoever sells opens the folder, and the same record fills it; what the steps name is joined below.
        bodies[0] = replace(bodies[0], opener=bodies[1].seller)
        bodies = bodies[: 2 + second % 2]
        signers = [name for _, right in made[1 : len(bodies)] for name in right]
    steps = _joined(bodies, kinds[0].partition(".")[0], second) if BUNDLED_NAMED[kinds[0]].creates else bodies
    return TakeSteps(steps=tuple(map(step_of, steps))), tuple(dict.fromkeys(signers))


def _turned(picks: Picks, place: int) -> Picks:
    """Let steps choose among different objects now and then."""
    first, second, third, fourth = picks
    return (second, first, third, fourth) if place and fourth % 3 == 0 else picks


def _joined(bodies: list[Body], noun: str, pick: int) -> list[Body]:
    """Let steps name what the first one creates; now and then what it does not."""
    named = {noun: created_by_step(0 if pick < 14 else pick - 13)}
    return [bodies[0], *(replace(body, **named) if noun in body.__struct_fields__ else body for body in bodies[1:])]
