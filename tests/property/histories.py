"""Random histories: groups of records of every kind, mostly as somebody would make them, signed by whoever.

A move says which kind is tried and gives numbers to choose by; what they choose among is the state at that moment, so
that a shrunk example stays meaningful.
"""

from typing import NamedTuple, TypeVar

from hypothesis import strategies as st
from msgspec.structs import replace

from hanse_ledger.kinds import KIND_NAMED
from hanse_ledger.kinds.certificate.bodies import CertificateRevocation, IssueCertificate, RevokeCertificate
from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.declaration.bodies import (
    CertificateUse,
    DeclarationLine,
    LapseDeclaration,
    LodgeDeclaration,
    RefuseDeclaration,
    Regime,
    ReleaseDeclaration,
    WithdrawDeclaration,
)
from hanse_ledger.kinds.declaration.state import Declaration, DeclarationState
from hanse_ledger.kinds.evidence.bodies import ReportEvidence
from hanse_ledger.kinds.invoice.bodies import AcceptInvoice, CancelInvoice, IssueInvoice, RefuseInvoice, Tag
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.member.bodies import ProposeChange, ReportReady, VoteOnChange, WithdrawChange
from hanse_ledger.kinds.party.bodies import EnrolParty, KeyRevocation, MoveParty, PartyRole, RevokeKey, RotateKey
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.payment.bodies import (
    Allocation,
    ConfirmPayment,
    InstructPayment,
    RejectPayment,
    ReturnPayment,
    WithdrawPayment,
)
from hanse_ledger.kinds.payment.state import Payment, PaymentState
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.membership import Parameters
from hanse_ledger.wire.part import Body
from tests.world.corridor import Corridor, traders
from tests.world.corridor_bodies import a_cosigner, a_member, change
from tests.world.corridor_genesis import DAY, MEMBERS, SECOND, YEAR, public, seed_of, uetr_of

Kind = TypeVar("Kind", Party, Invoice, Certificate, Declaration, Payment)

KEYS = tuple(f"key {number}" for number in range(8))
NAMES = (*KEYS, *sorted(MEMBERS))
NOBODY = bytes(32)
OWNERS = {public(name): name for name in (*KEYS, "seller", "buyer", "agent")}


class Move(NamedTuple):
    """A record to be tried: its kind, four numbers to choose by, an amount, and signers, if not the right ones."""

    kind: str
    picks: tuple[int, int, int, int]
    amount: int
    signers: tuple[str, ...] | None


class Turn(NamedTuple):
    """A group to be tried, and how far block time has moved on."""

    step_ms: int
    moves: tuple[Move, ...]


# Trade is tried more often than what ends it: a revoked key or a cancelled invoice leaves little to happen after it.
OFTEN = ("declaration.lodge", "declaration.release", "payment.instruct", "payment.confirm") * 3
SOMETIMES = (
    *("invoice.issue", "certificate.issue", "declaration.refuse"),
    *("declaration.withdraw", "payment.return", "payment.reject"),
    *("declaration.lapse", "payment.withdraw"),
) * 2
MEMBERS_OWN = ("member.propose", *["member.vote"] * 6, "member.ready")
TRIED = (*KIND_NAMED, *MEMBERS_OWN, *SOMETIMES, *OFTEN)

_picks = st.tuples(*[st.integers(0, 15)] * 4)
_wrong = st.lists(st.sampled_from((*NAMES, "seller", "buyer")), min_size=1, max_size=3, unique=True).map(tuple)
_signers = st.one_of(*[st.none()] * 9, _wrong)
_moves = st.builds(Move, st.sampled_from(TRIED), _picks, st.integers(1, 120), _signers)
_steps = st.sampled_from((*[SECOND] * 12, 0, DAY, *[100 * DAY] * 2, YEAR))
_turn = st.builds(Turn, _steps, st.lists(_moves, min_size=1, max_size=4).map(tuple))
turns = st.one_of(st.lists(_turn, max_size=25), st.lists(_turn, min_size=12, max_size=25))


class Player:
    """Makes the records of moves on a corridor with traders, goods, what is open, and a change that lacks a vote."""

    def __init__(self) -> None:
        self.corridor: Corridor = traders()
        for party in ("first", "second"):
            key = KEYS[0] if party == "first" else KEYS[1]
            body = replace(self.corridor.make.enrolment(party), key=public(key))
            self.corridor.submit(body, "market", key, name=party)
        self.corridor.id["seller"], self.corridor.id["buyer"] = self.corridor.id["first"], self.corridor.id["second"]
        for number in (1, 2):
            self.corridor.submit(self.corridor.make.invoice(number, payable_minor=150), KEYS[0], name="invoice")
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
        self.corridor.submit(replace(self.corridor.make.instruction(1), uetr=uetr_of(1 << 16)), KEYS[1])

    def sign(self, move: Move, at: int) -> Signed:
        """Make and sign the record of a move on the present state."""
        body, right = self.body(move)
        return self.corridor.sign(body, *dict.fromkeys(move.signers or right), at=at)

    def body(self, move: Move) -> tuple[Body, tuple[str, ...]]:
        """Make the body of a move, and say who should sign it."""
        kind = KIND_NAMED[move.kind].body
        if kind in (ProposeChange, VoteOnChange, ReportReady, WithdrawChange, ReportEvidence):
            return self._members(kind, move)
        if kind in (EnrolParty, RotateKey, RevokeKey, MoveParty):
            return self._party(kind, move)
        if kind in (IssueInvoice, AcceptInvoice, RefuseInvoice, CancelInvoice):
            return self._invoice(kind, move)
        if kind in (InstructPayment, ConfirmPayment, ReturnPayment, RejectPayment, WithdrawPayment):
            return self._payment(kind, move)
        return self._goods(kind, move)

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
        changes = (
            change(members=[a_member(new, key=f"{new} {fourth}")]),
            change(parameters=Parameters(quorum=len(membership.cosigners), tag_epochs=(1, 2)[third % 2 :])),
            change(cosigners=[a_cosigner("market")], removed=operators),
            change(removed=[new]),
            change(members=[a_member(other, MEMBERS[other], suspended=third > 12)]),
        )
        body = self.corridor.make.proposal(changes[fourth % len(changes)], name, epoch=membership.epoch)
        return replace(body, closes=self.corridor.head.time + 3 * DAY), (name,)

    def _party(self, kind: type[Body], move: Move) -> tuple[Body, tuple[str, ...]]:
        first, second, third, _ = move.picks
        party, new = self._pick(Party, first), KEYS[second % 8]
        if kind is EnrolParty:
            roles = tuple(sorted(PartyRole))[: third % 4] or tuple(PartyRole)
            return replace(self.corridor.make.enrolment("new", *roles), key=public(new)), ("market", new)
        if kind is RotateKey:
            return RotateKey(new_key=public(new), party=_id(party)), (self._key(party), new)
        if kind is MoveParty:
            member = ("chamber", "market", "bank-cn")[third % 3]
            former = party.links.member if party else "market"
            return MoveParty(member=member, party=_id(party)), (member, self._key(party), former)
        key = party.key.key if party and party.key.key and third % 2 else public(new)
        body = RevokeKey(compromised_since=None, key=key, party=_id(party), reason=KeyRevocation.SUPERSEDED)
        return body, (self._key(party) if third < 8 or not party else party.links.member,)

    def _invoice(self, kind: type[Body], move: Move) -> tuple[Body, tuple[str, ...]]:
        first, second, third, fourth = move.picks
        if kind is IssueInvoice:
            seller, buyer = self._pick(Party, first), self._pick(Party, second)
            # Mostly none or both; now and then one, which is refused.
            borne = (1, 2)[: 2 if third % 3 else fourth % 2]
            tags = tuple(Tag(epoch=epoch, value=seed_of(f"tag {third}")) for epoch in borne)
            body = self.corridor.make.invoice(payable_minor=move.amount)
            return replace(body, seller=_id(seller), buyer=_id(buyer), tags=tags), (self._key(seller),)
        invoice = self._pick(Invoice, first)
        buyer = self._party_of(invoice.links.buyer if invoice else NOBODY)
        if kind is CancelInvoice:
            seller = self._party_of(invoice.links.seller if invoice else NOBODY)
            return CancelInvoice(invoice=_id(invoice)), (self._key(seller),)
        if kind is AcceptInvoice:
            return AcceptInvoice(invoice=_id(invoice)), (self._key(buyer),)
        return RefuseInvoice(invoice=_id(invoice), reasons=("A", "B")), (self._key(buyer),)

    def _payment(self, kind: type[Body], move: Move) -> tuple[Body, tuple[str, ...]]:
        first, second, third, fourth = move.picks
        if kind is InstructPayment:
            invoices = [self._pick(Invoice, first), self._pick(Invoice, second)][: 1 + third % 2]
            amounts = [move.amount, 1 + fourth][: len(invoices)]
            parts = zip(invoices, amounts, strict=True)
            payer = self._party_of(invoices[0].links.buyer if invoices[0] else NOBODY)
            body = InstructPayment(
                allocations=tuple(Allocation(amount_minor=amount, invoice=_id(one)) for one, amount in parts),
                amount_minor=sum(amounts),
                currency="EUR",
                minor_digits=2,
                payee=invoices[0].links.seller if invoices[0] else NOBODY,
                payee_bank="bank-cn",
                payer=_id(payer),
                payer_bank="bank-be",
                uetr=uetr_of(fourth * 256 + second * 16 + third) if fourth % 4 else None,
            )
            return body, (self._key(payer),)
        payment = self._pick(Payment, first)
        if kind is WithdrawPayment and fourth:
            paid = (value for value in self.corridor.ledger.objects.values() if isinstance(value, Payment))
            payment = next((value for value in paid if value.status.state is PaymentState.INSTRUCTED), payment)
        if kind is ConfirmPayment:
            self.corridor.id["payment"] = _id(payment)
            instructed = payment.amounts.amount_minor if payment else 1
            # Mostly all of it arrives; sometimes charges are taken, and sometimes they do not add up.
            charged = (1 + third,) * (fourth % 3) if instructed > 64 else ()
            credited = max(instructed - sum(charged) - (fourth == 7), 1)
            return self.corridor.make.confirmation(credited_minor=credited, charged_minor=charged), ("bank-cn",)
        if kind is WithdrawPayment:
            payer = self._party_of(payment.links.payer if payment else NOBODY)
            payee = self._party_of(payment.links.payee if payment else NOBODY)
            return WithdrawPayment(payment=_id(payment)), (self._key(payee if third > 11 else payer),)
        if kind is RejectPayment:
            return RejectPayment(payment=_id(payment), reason="AM04"), ("bank-be",)
        return ReturnPayment(payment=_id(payment), reason="AC04"), ("bank-cn",)

    def _goods(self, kind: type[Body], move: Move) -> tuple[Body, tuple[str, ...]]:
        first, second, third, fourth = move.picks
        certificate = self._pick(Certificate, first)
        if kind is IssueCertificate:
            exporter, consignee = self._pick(Party, first), self._pick(Party, second)
            lines = tuple(
                replace(line, quantity_micro=move.amount, hs_code=(line.hs_code + "001290")[: 4 + fourth % 9])
                for line in self.corridor.make.certificate().lines
            )
            body = replace(self.corridor.make.certificate(), exporter=_id(exporter), lines=lines)
            return replace(body, consignee=_id(consignee) if third % 2 else None), ("chamber",)
        if kind is RevokeCertificate:
            return RevokeCertificate(certificate=_id(certificate), reason=CertificateRevocation.ERROR), ("chamber",)
        if kind is LodgeDeclaration:
            return self._lodging(move, certificate)
        declaration = self._pick(Declaration, first)
        if kind is LapseDeclaration:
            # Mostly what has been open for longest: what is new is refused.
            lodged = (value for value in self.corridor.ledger.objects.values() if isinstance(value, Declaration))
            open_ones = (value for value in lodged if value.status.state is DeclarationState.LODGED)
            declaration = next(open_ones, declaration)
        return self._end_declaration(kind, declaration, fourth)

    def _end_declaration(
        self, kind: type[Body], declaration: Declaration | None, pick: int
    ) -> tuple[Body, tuple[str, ...]]:
        if kind is WithdrawDeclaration:
            declarant = self._party_of(declaration.links.declarant if declaration else NOBODY)
            return WithdrawDeclaration(declaration=_id(declaration)), (self._key(declarant),)
        if kind is LapseDeclaration:
            named = self.corridor.ledger.object(declaration.links.invoices[0] if declaration else NOBODY)
            seller = self._party_of(named.links.seller if isinstance(named, Invoice) else NOBODY)
            return LapseDeclaration(declaration=_id(declaration)), (self._key(seller),)
        customs = declaration.links.customs if declaration else "customs-be"
        if kind is ReleaseDeclaration:
            return ReleaseDeclaration(declaration=_id(declaration)), (customs,)
        return RefuseDeclaration(declaration=_id(declaration), reasons=("DOCS",)[: pick + 1]), (customs,)

    def _lodging(self, move: Move, certificate: Certificate | None) -> tuple[Body, tuple[str, ...]]:
        _, second, third, fourth = move.picks
        invoices = dict.fromkeys(_id(self._pick(Invoice, pick)) for pick in (second, third)[: 1 + fourth % 2])
        first = self.corridor.ledger.object(next(iter(invoices)))
        trader = self._party_of(first.links.buyer if isinstance(first, Invoice) else NOBODY)
        agent = self._pick(Party, third) if fourth > 9 else None
        use = CertificateUse(certificate=_id(certificate), line=1 + third // 15)
        line = DeclarationLine(
            certificate=None if second == 14 else use,
            hs_code="610910",
            origin="CN",
            quantity_micro=move.amount,
            unit="C62",
        )
        body = LodgeDeclaration(
            customs="customs-cn" if fourth % 3 == 0 else "customs-be",
            declarant=_id(agent or trader),
            invoices=tuple(invoices),
            lines=(line, replace(line, quantity_micro=1 + second))[: 1 + third % 2],
            principal=_id(trader) if agent else None,
            regime=Regime.EXPORT if fourth % 4 == 0 else Regime.IMPORT,
        )
        return body, (self._key(trader), *([self._key(agent)] if agent else []))

    def _pick(self, kind: type[Kind], pick: int) -> Kind | None:
        """Choose an object of a kind, the newest ones first; now and then none."""
        every = [value for value in reversed(self.corridor.ledger.objects.values()) if isinstance(value, kind)]
        return every[pick % len(every)] if every and pick < 15 else None

    def _party_of(self, name: ObjectId) -> Party | None:
        found = self.corridor.ledger.object(name)
        return found if isinstance(found, Party) else None

    def _key(self, party: Party | None) -> str:
        """Name the key with which a party signs now; somebody else's if it has none."""
        return OWNERS[party.key.key] if party and party.key.key else KEYS[7]


def _id(value: Party | Invoice | Certificate | Declaration | Payment | None) -> ObjectId:
    return value.id if value else NOBODY
