"""Random histories: blocks of records of every kind, mostly as somebody would make them, signed by whoever.

A move says which kind is tried and gives numbers to choose by; what they choose among is the state at that moment, so
that a shrunk example stays meaningful.
"""

from random import Random
from typing import NamedTuple, TypeVar

from hypothesis import strategies as st
from msgspec.structs import replace

from hanse_ledger.kinds import KIND_NAMED
from hanse_ledger.kinds.bundle.bodies import TakeSteps
from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.evidence.bodies import ReportEvidence
from hanse_ledger.kinds.invoice.bodies import (
    AcceptInvoice,
    CancelInvoice,
    CreditInvoice,
    IssueInvoice,
    RefuseInvoice,
    RetagInvoice,
    Tag,
)
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.mandate.bodies import GrantMandate, RevokeMandate
from hanse_ledger.kinds.member.bodies import ProposeChange, ReportReady, VoteOnChange, WithdrawChange
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.kinds.order.bodies import AttestOrder
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.membership import Parameters
from hanse_ledger.wire.part import Body
from tests.property.banks.bundles import bundle_move
from tests.property.banks.objects import NOBODY, id_of
from tests.property.banks.payments import payment_move
from tests.property.banks.pledges import pledge_move, tags_of, with_bank, with_pledge
from tests.property.carriage import CARRIAGE, CARRIED, carriage_move, put_in_at_once, with_title
from tests.property.certificates import APPLIED_FOR, certificate_move, waiting_one
from tests.property.declarations import declaration_move
from tests.property.mandates import mandate_move, under_mandates
from tests.property.offices import by_officers, office_move, order_move, with_office
from tests.property.parties import KEYS, MENDED, PARTY_BODIES, party_move
from tests.property.sealing.documents import DOCUMENTED, document_move, payload_of, sealed
from tests.property.trying.spoiling import spoiled
from tests.world.corridor import Corridor, sign, traders
from tests.world.corridor_bodies import a_cosigner, a_member, change
from tests.world.corridor_genesis import DAY, MEMBERS, SECOND, YEAR, public, seed_of, uetr_of
from tests.world.goods import part

Kind = TypeVar("Kind", bound=Object)

NAMES = (*KEYS, *sorted(MEMBERS))
LATE = 60
"""Of so many spoiled records one is for another ledger, one is too old, and one expires too late."""

SIGNED_OTHERWISE = 8
"""Of so many spoiled records one lacks its last signer."""

OWNERS = {public(name): name for name in (*KEYS, *MENDED, "seller", "buyer", "agent")}


class Move(NamedTuple):
    """A record to be tried: its kind, four numbers to choose by, an amount, and signers, if not the right ones.

    `spoil` says what of it is spoiled (see `spoiling`); nothing where it is 0.
    """

    kind: str
    picks: tuple[int, int, int, int]
    amount: int
    signers: tuple[str, ...] | None
    spoil: int = 0


class Turn(NamedTuple):
    """A group to be tried, and how far block time has moved on."""

    step_ms: int
    moves: tuple[Move, ...]


# Trade is tried more often than what ends it: a revoked key or a cancelled invoice leaves little to happen after it.
OFTEN = ("declaration.lodge", "declaration.release", "payment.instruct", "payment.confirm") * 3
SOMETIMES = (
    *("invoice.issue", "certificate.issue", "declaration.refuse"),
    *("declaration.withdraw", "payment.return", "payment.return", "payment.reject"),
    *(
        "declaration.lapse",
        "declaration.correct",
        "declaration.answer",
        "declaration.query",
        "payment.withdraw",
        "party.reinstate",
        "payment.accept",
        "payment.correct",
        "payment.correct",
    ),
    *("certificate.apply", "certificate.apply", "certificate.grant", "certificate.query", "certificate.answer"),
    *("key.repair", "key.take", "mandate.grant", "mandate.revoke", "certificate.withdraw", "certificate.refuse"),
    *("certificate.apply", "certificate.replace"),
    *("office.open", "office.appoint", "office.appoint", "office.dismiss", *CARRIED),
    *("pledge.create", "pledge.assign", "pledge.payout", "bundle", "bundle", "bundle"),
    *DOCUMENTED,
) * 2
MEMBERS_OWN = ("member.propose", *["member.vote"] * 6, "member.ready")
TRIED = (*KIND_NAMED, *MEMBERS_OWN, *SOMETIMES, *OFTEN)

_picks = st.tuples(*[st.integers(0, 15)] * 4)
_wrong = st.lists(st.sampled_from((*NAMES, "seller", "buyer")), min_size=1, max_size=3, unique=True).map(tuple)
_signers = st.one_of(*[st.none()] * 9, _wrong)
_spoils = st.one_of(*[st.just(0)] * 9, st.integers(1, 2**16))
_moves = st.builds(Move, st.sampled_from(TRIED), _picks, st.integers(1, 120), _signers, _spoils)
_steps = st.sampled_from((*[SECOND] * 12, 0, DAY, *[100 * DAY] * 2, YEAR))
_turn = st.builds(Turn, _steps, st.lists(_moves, min_size=1, max_size=4).map(tuple))
turns = st.one_of(st.lists(_turn, max_size=25), st.lists(_turn, min_size=12, max_size=25))


RIGHT = 0.85
"""So many of the records of histories that are drawn are signed by whom they ask for."""


def drawn(number: int) -> list[Turn]:
    """Draw a history from the same moves as the others', without Hypothesis, which tries short and strange ones first.

    In every second one little time passes, so that what was begun can be carried through.
    """
    chance = Random(number)  # noqa: S311 (it draws tests, no secrets)
    steps = (SECOND,) if number % 2 else (*[SECOND] * 12, DAY, 100 * DAY, *([YEAR] if number % 8 == 0 else []))

    def move() -> Move:
        picks = (chance.randrange(16), chance.randrange(16), chance.randrange(16), chance.randrange(16))
        signers = None if chance.random() < RIGHT else (chance.choice(NAMES),)
        return Move(chance.choice(TRIED), picks, chance.randint(1, 120), signers)

    return [Turn(chance.choice(steps), tuple(move() for _ in range(3))) for _ in range(25)]


class Player:
    """Makes the records of moves on a corridor with traders, goods, what is open, and a change that lacks a vote."""

    def __init__(self) -> None:
        self.corridor: Corridor = with_office(traders())
        for party in ("first", "second"):
            key = KEYS[0] if party == "first" else KEYS[1]
            body = replace(self.corridor.make.enrolment(party), key=public(key))
            self.corridor.submit(body, "market", key, name=party)
        self.corridor.id["seller"], self.corridor.id["buyer"] = self.corridor.id["first"], self.corridor.id["second"]
        for number in (1, 2):
            shared = payload_of(self.corridor, (number, 0, 0, 0))
            invoice = replace(self.corridor.make.invoice(number, payable_minor=150), payload=shared)
            self.corridor.submit(invoice, KEYS[0], name="invoice")
        # A week later whoever tries may take the place of the agent's lost key.
        self.corridor.submit(self.corridor.make.repair("agent", MENDED[15]), "market", "chamber")
        with_pledge(self.corridor, KEYS[0], KEYS[1])
        brings = change(cosigners=[a_cosigner("market")], removed=["operator"])
        self.corridor.submit(self.corridor.make.proposal(brings), "market", name="proposal")
        for name in ("bank-be", "bank-cn", "chamber"):
            self.corridor.submit(self.corridor.make.vote(name), name)
        line = replace(self.corridor.make.certificate().lines[0], quantity_micro=200)
        certified = replace(self.corridor.make.certificate(), consignee=None, lines=(line,))
        self.corridor.submit(certified, "chamber", name="certificate")
        # What has been open from the beginning is old enough to be ended by whoever waited.
        lodging = replace(
            self.corridor.make.declaration(Regime.EXPORT, 1), declarant=self.corridor.id["buyer"], regime=Regime.IMPORT
        )
        self.corridor.submit(lodging, KEYS[1])
        self.corridor.submit(self.corridor.make.declaration(Regime.EXPORT, 40), KEYS[0], name="export")
        self.corridor.submit(part(self.corridor, (1, 20), declaration="export"), "customs-cn")
        # What was imported may come back.
        goods = tuple(replace(line, quantity_micro=40) for line in lodging.lines)
        self.corridor.submit(replace(lodging, lines=goods), KEYS[1], name="import")
        self.corridor.submit(part(self.corridor, (1, 20), declaration="import"), lodging.customs)
        self.corridor.submit(replace(self.corridor.make.instruction(1), uetr=uetr_of(1 << 16)), KEYS[1])
        with_title(self.corridor, KEYS[1])

    def sign(self, move: Move, at: int) -> Signed:
        """Make and sign the record of a move on the present state."""
        body, right = self.body(move)
        if move.spoil:
            body = spoiled(self.corridor, body, move.spoil)
        right, mandates = under_mandates(self.corridor, body, by_officers(self.corridor, body, right, move.picks[3]))
        signers = tuple(dict.fromkeys(move.signers or right))
        if move.spoil % SIGNED_OTHERWISE == 1:
            signers = signers[:-1] or (NAMES[move.picks[1] % len(NAMES)],)
        if move.spoil % LATE == 1:
            return sign(body, *signers, at=at, nonce=("elsewhere", move), ledger=NOBODY, mandates=mandates)
        at += {2: -2 * DAY, 3: 8 * DAY}.get(move.spoil % LATE, 0)
        return self.corridor.sign(body, *signers, at=at, mandates=mandates)

    def body(self, move: Move) -> tuple[Body, tuple[str, ...]]:
        """Make the body of a move, and say who should sign it; now and then what it creates is put into a folder."""
        body, signers = self._body(move)
        return sealed(self.corridor, put_in_at_once(self.corridor, body, move.picks), move.picks), signers

    def _body(self, move: Move) -> tuple[Body, tuple[str, ...]]:
        kind = KIND_NAMED[move.kind].body
        if kind in (ProposeChange, VoteOnChange, ReportReady, WithdrawChange, ReportEvidence):
            return self._members(kind, move)
        if move.kind.partition(".")[0] in ("office", "order", "mandate", "bundle", "document"):
            return self._beside(kind, move)
        if kind in PARTY_BODIES:
            return party_move(self.corridor, self.pick(Party, move.picks[0]), kind, move.picks, self.key)
        if kind in (IssueInvoice, AcceptInvoice, RefuseInvoice, CancelInvoice, CreditInvoice, RetagInvoice):
            return self._invoice(kind, move)
        if kind.__name__.endswith(("Payment", "Pledge")):
            return (
                payment_move(self, kind, move) if kind.__name__.endswith("Payment") else pledge_move(self, kind, move)
            )
        declares = kind.__name__.endswith("Declaration")
        return declaration_move(self, kind, move.picks, move.amount) if declares else self._goods(kind, move)

    def _members(self, kind: type[Body], move: Move) -> tuple[Body, tuple[str, ...]]:
        first, second, third, fourth = move.picks
        membership, present = self.corridor.ledger.membership, sorted(MEMBERS)
        name = present[first % len(present)]
        standing = self.corridor.ledger.proposals.whole
        proposal = standing[fourth % len(standing)] if standing else None
        self.corridor.id["proposal"] = proposal.id if proposal else NOBODY
        if kind is ReportEvidence:
            return self.corridor.make.evidence(number=first), ("market",)
        if kind is VoteOnChange:
            # Mostly somebody who has not voted, and mostly in favour: else nothing would ever be accepted.
            voted = {*proposal.approvals, *proposal.refusals} if proposal else set()
            name = next((each for each in present if each not in voted), name) if third else name
            return self.corridor.make.vote(name, approve=second > 1), (name,)
        if kind is ReportReady:
            return self.corridor.make.readiness("market"), ("market cosigner",)
        if kind is WithdrawChange:
            proposer = proposal.proposer if proposal and second > 1 else name
            return self.corridor.make.takeback(proposer), (proposer,)
        other, new = present[second % len(present)], f"member-{third % 4}"
        operators = ["operator"] if membership.cosigner("operator") else []
        newcomer = a_member(new, key=f"{new} {fourth}")
        if second % 4 == 0:
            # Every member has two that count.
            over = replace(newcomer.keys[0], valid_from=0, valid_until=self.corridor.head.time)
            newcomer = replace(newcomer, keys=(over, *newcomer.keys[1:]))
        changes = (
            change(members=[newcomer]),
            change(parameters=Parameters(quorum=len(membership.cosigners), tag_epochs=(1, 2)[third % 2 :])),
            change(cosigners=[a_cosigner("market")], removed=operators),
            change(removed=[new]),
            change(members=[a_member(other, MEMBERS[other], suspended=third > 12)]),
        )
        body = self.corridor.make.proposal(changes[fourth % len(changes)], name, epoch=membership.epoch)
        return replace(body, closes=self.corridor.head.time + 3 * DAY), (name,)

    def _beside(self, kind: type[Body], move: Move) -> tuple[Body, tuple[str, ...]]:
        if kind is TakeSteps:
            return bundle_move(self, move)
        if move.kind.startswith("document."):
            return document_move(self.corridor, kind, move.picks, OWNERS)
        if kind is AttestOrder:
            return order_move(self.corridor, id_of(self.pick(Party, move.picks[1])), move.picks)
        if kind in (GrantMandate, RevokeMandate):
            return mandate_move(self.corridor, kind, move.picks)
        return office_move(self.corridor, self.pick(Office, move.picks[0]), kind, move.picks)

    def _invoice(self, kind: type[Body], move: Move) -> tuple[Body, tuple[str, ...]]:
        first, second, third, fourth = move.picks
        if kind is IssueInvoice:
            seller, buyer = self.pick(Party, first), self.pick(Party, second)
            # Mostly none or both; now and then one, which is refused.
            borne = (1, 2)[: 2 if third % 3 else fourth % 2]
            tags = tuple(Tag(epoch=epoch, value=seed_of(f"tag {third}")) for epoch in borne)
            body = self.corridor.make.invoice(payable_minor=move.amount)
            return replace(body, seller=id_of(seller), buyer=id_of(buyer), tags=tags), (self.key(seller),)
        invoice = self.pick(Invoice, first)
        by_buyer = self.key(self.party_of(invoice.links.buyer if invoice else NOBODY))
        by_seller = self.key(self.party_of(invoice.links.seller if invoice else NOBODY))
        if kind is CancelInvoice:
            return CancelInvoice(invoice=id_of(invoice)), (by_seller,)
        if kind is RetagInvoice:
            # Mostly one for each epoch in use, of which a change of the members may leave one.
            epochs = self.corridor.ledger.membership.parameters.tag_epochs if third else (1,)
            tags = tuple(Tag(epoch=epoch, value=seed_of(f"tag {second}")) for epoch in epochs)
            retagged = RetagInvoice(invoice=id_of(invoice), pledge=None, tags=tags)
            if 0 < third < 5 and invoice is not None:
                # The same again.
                retagged = replace(retagged, tags=tags_of(self.corridor, invoice) or tags)
            return with_bank(self.corridor, retagged, invoice, fourth, by_seller)
        if kind is CreditInvoice:
            credit = replace(self.corridor.make.sample(CreditInvoice), amount_minor=move.amount, invoice=id_of(invoice))
            return credit, (by_seller,)
        if kind is AcceptInvoice:
            return self._acceptance(invoice, second), (by_buyer,)
        return RefuseInvoice(invoice=id_of(invoice), reasons=("A", "B")), (by_buyer,)

    def _acceptance(self, invoice: Invoice | None, pick: int) -> AcceptInvoice:
        """Accept what is payable; now and then something else, which is refused."""
        accepted = self.corridor.make.sample(AcceptInvoice)
        if invoice is None:
            return replace(accepted, invoice=NOBODY)
        due, owed = "2026-10-22" if pick == 14 else invoice.dates.due, invoice.amounts.owed_minor + (pick == 13)
        return replace(accepted, amount_minor=owed, due=due, invoice=invoice.id)

    def _goods(self, kind: type[Body], move: Move) -> tuple[Body, tuple[str, ...]]:
        if kind in CARRIAGE:
            return carriage_move(self.corridor, kind, move.picks, OWNERS)
        first, second, third, _ = move.picks
        certificate = self.pick(Certificate, first)
        if third % 4 and kind in APPLIED_FOR:
            certificate = waiting_one(self.corridor, certificate)
        parties = (self.pick(Party, first), self.pick(Party, second))
        holder = self.party_of(certificate.links.exporter if certificate else NOBODY)
        keys = (self.key(parties[0]), self.key(holder))
        return certificate_move(self.corridor, certificate, kind, (*move.picks, move.amount), parties, keys)

    def pick(self, kind: type[Kind], pick: int) -> Kind | None:
        """Choose an object of a kind, the newest ones first; now and then none."""
        every = [value for value in reversed(self.corridor.ledger.objects.values()) if isinstance(value, kind)]
        return every[pick % len(every)] if every and pick < 15 else None

    def party_of(self, object_id: ObjectId) -> Party | None:
        """Find a party."""
        found = self.corridor.ledger.object(object_id)
        return found if isinstance(found, Party) else None

    def key(self, party: Party | None) -> str:
        """Name the key with which a party signs now; somebody else's if it has none."""
        return OWNERS[party.key.key] if party and party.key.key else KEYS[7]
