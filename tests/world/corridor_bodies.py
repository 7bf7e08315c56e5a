"""The bodies of the records of one trade, each as the rules accept it where the story has come that far.

They are the samples of their kinds' rows, with what the corridor has in the place of stand-ins. Tests change them with
`msgspec.structs.replace`.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeVar

from msgspec.structs import replace

from hanse_ledger.kinds import KINDS
from hanse_ledger.kinds.certificate.bodies import (
    CertificateRevocation,
    IssueCertificate,
    RevokeCertificate,
)
from hanse_ledger.kinds.declaration.bodies import (
    LapseDeclaration,
    LodgeDeclaration,
    RefuseDeclaration,
    Regime,
    ReleaseDeclaration,
    WithdrawDeclaration,
)
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
from hanse_ledger.kinds.member.bodies import ProposeChange, ReportReady, VoteOnChange, WithdrawChange
from hanse_ledger.kinds.office.bodies import AppointOfficer, DismissOfficer, SetOffice
from hanse_ledger.kinds.party.bodies import (
    ContestRepair,
    EnrolParty,
    KeyRevocation,
    MoveParty,
    PartyRole,
    ReinstateParty,
    RepairKey,
    RevokeKey,
    RotateKey,
    SuspendParty,
    TakeKey,
)
from hanse_ledger.kinds.payment.bodies import (
    AcceptPayment,
    Allocation,
    ConfirmPayment,
    CorrectPayment,
    Debit,
    InstructPayment,
    PaymentCharge,
    RejectPayment,
    ReturnPayment,
    WithdrawPayment,
)
from hanse_ledger.kinds.power import Power
from hanse_ledger.kinds.standins import stand_in
from hanse_ledger.values.types import ChargeBearer, Digest, ObjectId
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import commit_terms
from hanse_ledger.wire.membership import Change, Cosigner, Member, MemberRole, Parameters
from hanse_ledger.wire.part import Body, Commitment
from tests.tables.commitments import commit_document
from tests.tables.placed import placed, readers_in, with_readers
from tests.world.corridor_genesis import DAY, T0, key_of, keys_of, public, seed_of, uetr_of

B = TypeVar("B", bound=Body)

SAMPLE_OF: Mapping[type[Body], Callable[[], Any]] = {kind.body: kind.sample for kind in KINDS}

INVOICE_FILE, INVOICE_SEED = b"<Invoice/>", sha256(b"invoice terms").digest()
INVOICE_TERMS = {
    "BT-1": "INV-2026-001",
    "BT-2": "2026-09-21",
    "BT-3": "380",
    "BT-5": "EUR",
    "BT-9": "2026-10-21",
    "BT-115": "1000.00",
    "BG-25/1/BT-126": "1",
    "BG-25/1/BT-131": "600.00",
    "BG-25/1/BT-158/1/BT-158": "610910",
    "BG-25/2/BT-126": "2",
    "BG-25/2/BT-131": "400.00",
    "BG-25/3/BT-126": "3",
    "BG-25/3/BT-131": "0.00",
}
CERTIFICATE_FILE, CERTIFICATE_SEED = b"<Certificate/>", sha256(b"certificate terms").digest()
CERTIFICATE_TERMS = {
    "number": "CO-2026-77",
    "exporter/identifiers/1": "91330106",
    "lines/1/hs_code": "610910",
    "lines/1/origin": "CN",
    "lines/1/quantity_micro": "500000000",
    "lines/1/unit": "C62",
    "lines/2/hs_code": "090210",
    "lines/2/origin": "CN",
    "lines/2/quantity_micro": "20000000",
    "lines/2/unit": "KGM",
}
TRANSPORT_FILE, TRANSPORT_SEED = b"<BillOfLading/>", sha256(b"transport terms").digest()
TRANSPORT_TERMS = {"document_type": "705", "number": "BL-88213", "vessel": "Canton Breeze", "voyage": "042W"}
LOOKED = {"documents/1": "extract from the register", "examined": "2026-09-20", "examiner": "Desk 4", "terms/1": "name"}
MESSAGE_FILE, MESSAGE_SEED = b"<camt.054/>", sha256(b"message terms").digest()
MESSAGE_TERMS = {"amount_minor": "100000", "currency": "EUR", "exponent": "2", "uetr": uetr_of(1)}


def change(
    *,
    members: Sequence[Member] = (),
    cosigners: Sequence[Cosigner] = (),
    removed: Sequence[str] = (),
    parameters: Parameters | None = None,
) -> Change:
    """A change of the members; without anything, none."""
    return Change(cosigners=tuple(cosigners), members=tuple(members), parameters=parameters, removed=tuple(removed))


def a_member(name: str, *roles: MemberRole, key: str = "", suspended: bool = False) -> Member:
    """A member with keys of its own name, or another's, for three years; without roles, a bank."""
    return Member(
        id=name,
        keys=keys_of(key or name),
        name=f"Member {name}",
        roles=roles or (MemberRole.BANK,),
        suspended=suspended,
    )


def a_cosigner(name: str, *, generation: str = "") -> Cosigner:
    """A member's node with keys of its name; a later generation has others."""
    own = f"{name}{generation}"
    return Cosigner(
        cosigning_key=bytes(key_of(f"{own} cosigner").verify_key),
        id=name,
        log_key=bytes(key_of(f"{own} log").verify_key),
        ml_dsa_key=None,
        validator_key=bytes(key_of(f"{own} validator").verify_key),
    )


def committed() -> dict[Digest, Digest]:
    """Give the commitments to the trade's documents, by their stand-ins in samples."""
    documents = {
        "invoice": commit_document(
            CommittedKind.INVOICE, INVOICE_FILE, INVOICE_TERMS, INVOICE_SEED, discoverable=False
        ),
        "certificate": commit_document(
            CommittedKind.CERTIFICATE, CERTIFICATE_FILE, CERTIFICATE_TERMS, CERTIFICATE_SEED, discoverable=True
        ),
        "message": commit_document(
            CommittedKind.PAYMENT, MESSAGE_FILE, MESSAGE_TERMS, MESSAGE_SEED, discoverable=False
        ),
        "transport document": commit_document(
            CommittedKind.TRANSPORT, TRANSPORT_FILE, TRANSPORT_TERMS, TRANSPORT_SEED, discoverable=False
        ),
        **{f"{name} document": _in_place_of_it(name) for name in ("amended", "paper")},
    }
    found = {
        stand_in("new identity terms"): identity_of("new"),
        stand_in("attestation terms"): commit_terms(CommittedKind.ATTESTATION, LOOKED, seed_of("attestation")),
    }
    for name, document in documents.items():
        found |= {stand_in(f"{name} file"): document.file, stand_in(f"{name} terms"): document.terms}
        if document.discoverable is not None:
            found[stand_in(f"{name} bytes")] = document.discoverable
    return found


def _in_place_of_it(name: str) -> Commitment:
    terms, seed = TRANSPORT_TERMS | {"statement": "in place of BL-88213"}, sha256(name.encode()).digest()
    return commit_document(CommittedKind.TRANSPORT, name.encode(), terms, seed, discoverable=False)


def identity_of(name: str) -> Digest:
    """Commit to the legal identity of a party."""
    return commit_terms(CommittedKind.IDENTITY, {"country": "CN", "name": name}, seed_of(f"{name} identity"))


COMMITTED = committed()


def _charges(charged_minor: tuple[int, ...]) -> tuple[PaymentCharge, ...]:
    return tuple(
        PaymentCharge(agent="HNSABEB0XXX", amount_minor=minor, bearer=ChargeBearer.SHARED) for minor in charged_minor
    )


class Bodies:
    """Makes bodies that name objects by the corridor's names for them, and the newest proposal `proposal`."""

    def __init__(self, object_ids: Mapping[str, ObjectId]) -> None:
        self._id = object_ids

    def sample(self, kind: type[B]) -> B:
        """Give the sample of a kind, with the objects of the corridor for their stand-ins, as far as it has them."""
        places = {stand_in(name): value for name, value in self._id.items()}
        body: B = with_readers(placed(SAMPLE_OF[kind](), COMMITTED | places | readers_in(self._id)))
        return body

    def proposal(self, change: Change, member: str = "market", *, epoch: int = 0, days: int = 7) -> ProposeChange:
        """A proposed change that stays open for a week from the corridor's beginning."""
        return ProposeChange(change=change, closes=T0 + days * DAY, epoch=epoch, member=member)

    def vote(self, member: str, *, approve: bool = True) -> VoteOnChange:
        """A vote on the proposal."""
        return VoteOnChange(approve=approve, member=member, proposal=self._id["proposal"])

    def readiness(self, member: str) -> ReportReady:
        """A node's word that it is ready."""
        return ReportReady(member=member, proposal=self._id["proposal"])

    def takeback(self, member: str = "market") -> WithdrawChange:
        """The proposer's withdrawal of the proposal."""
        return WithdrawChange(member=member, proposal=self._id["proposal"])

    def evidence(self, accused: Sequence[str] = ("bank-be",), *, number: int = 1) -> ReportEvidence:
        """A report of the market's; rules do not look into the file."""
        return ReportEvidence(accused=tuple(accused), evidence=b"evidence %d" % number, member="market")

    def enrolment(self, name: str, *roles: PartyRole, member: str = "market") -> EnrolParty:
        """The enrolment of a party for two years; without roles, for all of them."""
        return replace(
            self.sample(EnrolParty),
            encryption_key=seed_of(f"{name} encryption"),
            identity=identity_of(name),
            key=public(name),
            member=member,
            repair="chamber" if member == "market" else None,
            roles=roles or tuple(PartyRole),
        )

    def appointment(self, officer: str, *powers: Power) -> AppointOfficer:
        """The appointment of an officer of the office for a year; without powers, to decide."""
        return replace(self.sample(AppointOfficer), key=public(officer), powers=powers or (Power.DECIDE,))

    def dismissal(self, officer: str) -> DismissOfficer:
        """The dismissal of an officer of the office."""
        return replace(self.sample(DismissOfficer), key=public(officer))

    def rules_of_office(self, *four_eyes: str) -> SetOffice:
        """Other settings of the office: which kinds are under four eyes."""
        return replace(self.sample(SetOffice), four_eyes=four_eyes)

    def rotation(self, party: str, new: str) -> RotateKey:
        """The rotation of a party's key to that of another name."""
        return RotateKey(encryption_key=None, new_key=public(new), party=self._id[party])

    def repair(self, party: str, new: str) -> RepairKey:
        """The repair of a party's lost key by that of another name."""
        return RepairKey(new_key=public(new), party=self._id[party])

    def taking(self, party: str, new: str) -> TakeKey:
        """That of another name takes the place of a party's lost key."""
        return TakeKey(encryption_key=None, new_key=public(new), party=self._id[party])

    def contest(self, party: str) -> ContestRepair:
        """A party's word that its key is not lost."""
        return ContestRepair(party=self._id[party])

    def revocation(self, party: str, key: str) -> RevokeKey:
        """The revocation of one of a party's keys."""
        return RevokeKey(compromised_since=T0, key=public(key), party=self._id[party], reason=KeyRevocation.COMPROMISE)

    def move(self, party: str, member: str, repair: str | None = None) -> MoveParty:
        """A party's move to another member, with another second one for a repair; without it, none."""
        return MoveParty(member=member, party=self._id[party], repair=repair)

    def suspension(self, party: str) -> SuspendParty:
        """A party's suspension by its member."""
        return SuspendParty(party=self._id[party], reasons=("FRAUD-CHECK", "NO-ANSWER"))

    def reinstatement(self, party: str) -> ReinstateParty:
        """The end of a party's suspension."""
        return ReinstateParty(party=self._id[party])

    def invoice(self, number: int = 1, *, payable_minor: int = 100_000) -> IssueInvoice:
        """An invoice of the seller to the buyer; each number makes another pair of tags."""
        tags = tuple(Tag(epoch=epoch, value=seed_of(f"tag {number} of epoch {epoch}")) for epoch in (1, 2))
        return replace(self.sample(IssueInvoice), payable_minor=payable_minor, payload=None, tags=tags)

    def acceptance(self, invoice: str = "invoice", *, amount_minor: int = 100_000) -> AcceptInvoice:
        """The buyer's acceptance of an invoice."""
        return replace(self.sample(AcceptInvoice), amount_minor=amount_minor, invoice=self._id[invoice])

    def invoice_refusal(self, invoice: str = "invoice") -> RefuseInvoice:
        """The buyer's refusal of an invoice."""
        return RefuseInvoice(invoice=self._id[invoice], reasons=("GOODS", "PRICE"))

    def cancellation(self, invoice: str = "invoice") -> CancelInvoice:
        """The seller's cancellation of an invoice."""
        return CancelInvoice(invoice=self._id[invoice])

    def credit(self, amount_minor: int = 5_000, invoice: str = "invoice") -> CreditInvoice:
        """The seller's credit note for an invoice, of 50.00 EUR unless told otherwise."""
        return replace(self.sample(CreditInvoice), amount_minor=amount_minor, invoice=self._id[invoice])

    def retagging(self, number: int = 9, invoice: str = "invoice", pledge: str | None = None) -> RetagInvoice:
        """Other tags for an invoice; each number makes another pair, as for invoices."""
        named = None if pledge is None else self._id[pledge]
        return RetagInvoice(invoice=self._id[invoice], pledge=named, tags=self.invoice(number).tags)

    def certificate(self) -> IssueCertificate:
        """A certificate for the seller's goods, for this buyer: 500 pieces and 20 kilograms."""
        return self.sample(IssueCertificate)

    def certificate_revocation(self, certificate: str = "certificate") -> RevokeCertificate:
        """The revocation of a certificate by its issuer."""
        return RevokeCertificate(certificate=self._id[certificate], reason=CertificateRevocation.ERROR)

    def of_certificate(self, kind: type[B], certificate: str = "application") -> B:
        """The sample of a record about an application, or about another certificate."""
        return replace(self.sample(kind), certificate=self._id[certificate])

    def declaration(self, regime: Regime, quantity_micro: int = 300_000_000) -> LodgeDeclaration:
        """The declaration of pieces under the invoice and the first line of the certificate.

        The seller declares its export; an agent declares the buyer's import, and both sign.
        """
        sample = self.sample(LodgeDeclaration)
        lodged = replace(sample, lines=tuple(replace(line, quantity_micro=quantity_micro) for line in sample.lines))
        if regime is Regime.IMPORT:
            return lodged
        return replace(lodged, customs="customs-cn", declarant=self._id["seller"], principal=None, regime=regime)

    def release(self, declaration: str = "import") -> ReleaseDeclaration:
        """The release of a declaration, all of it."""
        return ReleaseDeclaration(declaration=self._id[declaration], lines=None)

    def declaration_refusal(self, declaration: str = "import") -> RefuseDeclaration:
        """The refusal of a declaration."""
        return RefuseDeclaration(declaration=self._id[declaration], reasons=("DOCS",))

    def withdrawal(self, declaration: str = "import") -> WithdrawDeclaration:
        """The withdrawal of a declaration."""
        return WithdrawDeclaration(declaration=self._id[declaration])

    def lapse(self, declaration: str = "import") -> LapseDeclaration:
        """Somebody's word that customs has not decided a declaration."""
        return LapseDeclaration(declaration=self._id[declaration])

    def instruction(self, amount_minor: int = 100_000, *, invoice: str = "invoice", number: int = 1) -> InstructPayment:
        """The buyer's instruction to pay an invoice; each number makes another UETR."""
        return replace(
            self.sample(InstructPayment),
            allocations=(Allocation(amount_minor=amount_minor, invoice=self._id[invoice], pledge=None),),
            amount_minor=amount_minor,
            uetr=uetr_of(number),
        )

    def confirmation(
        self,
        payment: str = "payment",
        *,
        credited_minor: int = 100_000,
        charged_minor: tuple[int, ...] = (),
        partial: bool = False,
    ) -> ConfirmPayment:
        """The payee's bank's confirmation of a payment, or of a part, and what was charged on the way."""
        return replace(
            self.sample(ConfirmPayment),
            charges=_charges(charged_minor),
            credited_minor=credited_minor,
            partial=partial,
            payment=self._id[payment],
        )

    def correction(
        self, payment: str = "payment", *, credited_minor: int = 100_000, charged_minor: tuple[int, ...] = ()
    ) -> CorrectPayment:
        """The payee's bank's correction of its last confirmation."""
        return replace(
            self.sample(CorrectPayment),
            charges=_charges(charged_minor),
            credited_minor=credited_minor,
            payment=self._id[payment],
        )

    def payment_acceptance(self, payment: str = "payment", *, debit: Debit | None = None) -> AcceptPayment:
        """The payer's bank's acceptance of a payment."""
        return AcceptPayment(debit=debit, payment=self._id[payment])

    def payment_rejection(self, payment: str = "payment") -> RejectPayment:
        """The payer's bank's rejection of a payment."""
        return RejectPayment(payment=self._id[payment], reason="AM04")

    def payment_return(self, payment: str = "payment", *, amount_minor: int = 100_000) -> ReturnPayment:
        """The payee's bank's return of a payment, or of a part."""
        return ReturnPayment(amount_minor=amount_minor, payment=self._id[payment], reason="AC04")

    def payment_withdrawal(self, payment: str = "payment") -> WithdrawPayment:
        """The withdrawal of a payment that no bank carries out."""
        return WithdrawPayment(payment=self._id[payment])
