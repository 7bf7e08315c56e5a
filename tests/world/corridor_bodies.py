"""The bodies of the records of one trade, each as the rules accept it where the story has come that far.

Tests change them with `msgspec.structs.replace`.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from hanse_ledger.kinds.certificate.bodies import (
    CertificateLine,
    CertificateRevocation,
    IssueCertificate,
    RevokeCertificate,
)
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
from hanse_ledger.kinds.evidence.bodies import ReportEvidence
from hanse_ledger.kinds.invoice.bodies import AcceptInvoice, CancelInvoice, IssueInvoice, RefuseInvoice, Tag
from hanse_ledger.kinds.member.bodies import ProposeChange, ReportReady, VoteOnChange, WithdrawChange
from hanse_ledger.kinds.party.bodies import EnrolParty, KeyRevocation, MoveParty, PartyRole, RevokeKey, RotateKey
from hanse_ledger.kinds.payment.bodies import (
    Allocation,
    ConfirmPayment,
    InstructPayment,
    PaymentCharge,
    RejectPayment,
    ReturnPayment,
    WithdrawPayment,
)
from hanse_ledger.values.types import ChargeBearer, ObjectId
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import commit_document, commit_terms
from hanse_ledger.wire.membership import Change, Cosigner, Member, MemberRole, Parameters
from tests.world.corridor_genesis import DAY, T0, YEAR, key_of, keys_of, public, seed_of, uetr_of

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


class Bodies:
    """Makes bodies that name objects by the corridor's names for them, and the newest proposal `proposal`."""

    def __init__(self, names: Mapping[str, ObjectId]) -> None:
        self._id = names

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
        return EnrolParty(
            encryption_key=seed_of(f"{name} encryption"),
            identity=commit_terms(CommittedKind.IDENTITY, {"country": "CN", "name": name}, seed_of(f"{name} identity")),
            key=public(name),
            member=member,
            roles=roles or tuple(PartyRole),
            valid_from=T0,
            valid_until=T0 + 2 * YEAR,
        )

    def rotation(self, party: str, new: str) -> RotateKey:
        """The rotation of a party's key to that of another name."""
        return RotateKey(new_key=public(new), party=self._id[party])

    def revocation(self, party: str, key: str) -> RevokeKey:
        """The revocation of one of a party's keys."""
        return RevokeKey(compromised_since=T0, key=public(key), party=self._id[party], reason=KeyRevocation.COMPROMISE)

    def move(self, party: str, member: str) -> MoveParty:
        """A party's move to another member."""
        return MoveParty(member=member, party=self._id[party])

    def invoice(self, number: int = 1, *, payable_minor: int = 100_000) -> IssueInvoice:
        """An invoice of the seller to the buyer; each number makes another pair of tags."""
        return IssueInvoice(
            buyer=self._id["buyer"],
            currency="EUR",
            document=commit_document(
                CommittedKind.INVOICE, INVOICE_FILE, INVOICE_TERMS, INVOICE_SEED, discoverable=False
            ),
            due="2026-10-21",
            issued="2026-09-21",
            minor_digits=2,
            payable_minor=payable_minor,
            seller=self._id["seller"],
            tags=tuple(Tag(epoch=epoch, value=seed_of(f"tag {number} of epoch {epoch}")) for epoch in (1, 2)),
            type_code="380",
        )

    def acceptance(self, invoice: str = "invoice") -> AcceptInvoice:
        """The buyer's acceptance of an invoice."""
        return AcceptInvoice(invoice=self._id[invoice])

    def invoice_refusal(self, invoice: str = "invoice") -> RefuseInvoice:
        """The buyer's refusal of an invoice."""
        return RefuseInvoice(invoice=self._id[invoice], reasons=("GOODS", "PRICE"))

    def cancellation(self, invoice: str = "invoice") -> CancelInvoice:
        """The seller's cancellation of an invoice."""
        return CancelInvoice(invoice=self._id[invoice])

    def certificate(self) -> IssueCertificate:
        """A certificate for the seller's goods, for this buyer: 500 pieces and 20 kilograms."""
        return IssueCertificate(
            consignee=self._id["buyer"],
            document=commit_document(
                CommittedKind.CERTIFICATE, CERTIFICATE_FILE, CERTIFICATE_TERMS, CERTIFICATE_SEED, discoverable=True
            ),
            exporter=self._id["seller"],
            issuer="chamber",
            lines=(
                CertificateLine(hs_code="610910", origin="CN", quantity_micro=500_000_000, unit="C62"),
                CertificateLine(hs_code="090210", origin="CN", quantity_micro=20_000_000, unit="KGM"),
            ),
            valid_from=T0,
            valid_until=T0 + YEAR,
        )

    def certificate_revocation(self, certificate: str = "certificate") -> RevokeCertificate:
        """The revocation of a certificate by its issuer."""
        return RevokeCertificate(certificate=self._id[certificate], reason=CertificateRevocation.ERROR)

    def declaration(self, regime: Regime, quantity_micro: int = 300_000_000) -> LodgeDeclaration:
        """The declaration of pieces under the invoice and the first line of the certificate.

        The seller declares its export; an agent declares the buyer's import, and both sign.
        """
        line = DeclarationLine(
            certificate=CertificateUse(certificate=self._id["certificate"], line=1),
            hs_code="610910",
            origin="CN",
            quantity_micro=quantity_micro,
            unit="C62",
        )
        export = regime is Regime.EXPORT
        return LodgeDeclaration(
            customs="customs-cn" if export else "customs-be",
            declarant=self._id["seller" if export else "agent"],
            invoices=(self._id["invoice"],),
            lines=(line,),
            principal=None if export else self._id["buyer"],
            regime=regime,
        )

    def release(self, declaration: str = "import") -> ReleaseDeclaration:
        """The release of a declaration."""
        return ReleaseDeclaration(declaration=self._id[declaration])

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
        return InstructPayment(
            allocations=(Allocation(amount_minor=amount_minor, invoice=self._id[invoice]),),
            amount_minor=amount_minor,
            currency="EUR",
            minor_digits=2,
            payee=self._id["seller"],
            payee_bank="bank-cn",
            payer=self._id["buyer"],
            payer_bank="bank-be",
            uetr=uetr_of(number),
        )

    def confirmation(
        self, payment: str = "payment", *, credited_minor: int = 100_000, charged_minor: tuple[int, ...] = ()
    ) -> ConfirmPayment:
        """The payee's bank's confirmation of a payment, and what was charged on the way."""
        return ConfirmPayment(
            charges=tuple(
                PaymentCharge(agent="HNSABEB0XXX", amount_minor=minor, bearer=ChargeBearer.SHARED)
                for minor in charged_minor
            ),
            credited_minor=credited_minor,
            document=commit_document(
                CommittedKind.PAYMENT, MESSAGE_FILE, MESSAGE_TERMS, MESSAGE_SEED, discoverable=False
            ),
            payment=self._id[payment],
        )

    def payment_rejection(self, payment: str = "payment") -> RejectPayment:
        """The payer's bank's rejection of a payment."""
        return RejectPayment(payment=self._id[payment], reason="AM04")

    def payment_return(self, payment: str = "payment") -> ReturnPayment:
        """The payee's bank's return of a payment."""
        return ReturnPayment(payment=self._id[payment], reason="AC04")

    def payment_withdrawal(self, payment: str = "payment") -> WithdrawPayment:
        """The withdrawal of a payment that no bank carries out."""
        return WithdrawPayment(payment=self._id[payment])
