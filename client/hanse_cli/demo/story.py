"""The trade that `hanse demo` runs: who takes part, and what each of them does and signs.

Everything that is told comes from receipts, records and states that the SDK has verified; only verbs stand here.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

from msgspec import Struct

from hanse_cli.folders.corridor import Plan, PlannedMember
from hanse_client.base.errors import NodeFailed
from hanse_client.base.objects import DeclarationView
from hanse_client.base.views import Receipt
from hanse_client.client import Client
from hanse_client.home.identity import Identity
from hanse_documents import read_document
from hanse_documents.checks import Finding, compare
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, PaymentDocument
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import Currency, MinorDigits, ObjectId
from hanse_ledger.wire.membership import MemberRole

Tell = Callable[[str], None]

PLAN = Plan(
    name="Hangzhou to Antwerp, a demonstration",
    operator="market",
    members=(
        PlannedMember(id="market", name="Silk and Delft Market", roles=(MemberRole.MARKETPLACE,)),
        PlannedMember(id="chamber", name="Qiantang Chamber of International Trade", roles=(MemberRole.ORIGIN_ISSUER,)),
        PlannedMember(id="customs-cn", name="Export customs", roles=(MemberRole.CUSTOMS,)),
        PlannedMember(id="customs-be", name="Import customs", roles=(MemberRole.CUSTOMS,)),
        PlannedMember(id="bank-buyer", name="Bank of the buyer", roles=(MemberRole.BANK,)),
        PlannedMember(id="bank-seller", name="Bank of the seller", roles=(MemberRole.BANK,)),
    ),
)
"""The corridor: a marketplace whose node is the one cosigner, a chamber, two customs authorities and two banks."""

CARRIED = {"customs-cn": "customs-be", "bank-buyer": "bank-seller", "seller": "market", "buyer": "market"}
"""Whose node serves those who run none, where there are several nodes."""

NODES = ("market", "chamber", "customs-be", "bank-seller")
STOPPED = "chamber"
"""Whose node is stopped in the middle: when it has certified, the others go on without it."""

TIMEOUT_MS = 60_000
SETTLE_SECONDS = 30.0
LOOK_SECONDS = 0.05

SELLER, BUYER = "seller", "buyer"
PARTIES: Mapping[str, PartyRole] = {SELLER: PartyRole.SELLER, BUYER: PartyRole.BUYER}

DISCLOSED = ("BT-1", "BT-2", "BT-113", "BT-115")
"""Number, date, payable amount, and that nothing was paid in advance: what the seller shows of its invoice."""

_DID = {
    "party.enrol": "enrolled the party",
    "invoice.issue": "issued the invoice",
    "invoice.accept": "accepted it as a debt",
    "certificate.issue": "certified the origin",
    "declaration.lodge": "declared the goods to customs",
    "declaration.release": "released the goods",
    "payment.instruct": "instructed the payment",
    "payment.confirm": "confirmed the credit",
}


class Papers(Struct, frozen=True, kw_only=True):
    """The documents of the trade: where each lies, and what it says."""

    folder: Path
    invoice: InvoiceDocument
    certificate: CertificateDocument
    payments: tuple[PaymentDocument, ...]


class ToldAct(Struct, frozen=True, kw_only=True):
    """One act, as its verified record and the verified state after it show it."""

    kind: str
    signers: tuple[str, ...]
    object: str
    regime: str
    object_id: ObjectId
    state: str
    position: int
    time_ms: int


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
    payable_minor: int
    written_off_micro: int
    certified_micro: int
    units: tuple[str, ...]


def read_papers(folder: Path) -> Papers:
    """Read the four documents in a folder."""

    def read(name: str) -> object:
        return read_document((folder / name).read_bytes(), name)

    invoice, certificate = read("invoice.xml"), read("certificate.json")
    assert isinstance(invoice, InvoiceDocument)
    assert isinstance(certificate, CertificateDocument)
    payments: list[PaymentDocument] = []
    for name in ("pacs008.xml", "camt054.xml"):
        messages = read(name)
        assert isinstance(messages, tuple)
        payments.extend(messages)
    return Papers(folder=folder, invoice=invoice, certificate=certificate, payments=tuple(payments))


def compare_papers(papers: Papers) -> tuple[Finding, ...]:
    """Run the cross-document checks over the trade's papers."""
    return compare(papers.invoice, papers.certificate, papers.payments)


class Stage:
    """Everybody's client, and the telling of what each did. A context manager that closes the clients."""

    def __init__(
        self,
        urls: Mapping[str, str],
        trust: TrustFile,
        identities: Mapping[str, Identity],
        homes: Path,
        papers: Papers,
        tell: Tell,
    ) -> None:
        """Open everybody's client: of one node, or each of its own or its carrier's.

        Args:
            urls: the nodes by member.
            trust: the ledger's trust file.
            identities: everybody's.
            homes: where each finds its home.
            papers: the trade's documents.
            tell: told what happens.
        """
        self._names = {identities[member.id].public_key: member.name for member in PLAN.members}
        for role, party in ((SELLER, papers.invoice.seller), (BUYER, papers.invoice.buyer)):
            self._names[identities[role].public_key] = f"{party.name or role} ({role})"
        self._stack = ExitStack()
        # Each has a home of its own: nobody sees another's openings or remembered heads.
        self.clients = {
            name: self._stack.enter_context(
                Client(
                    urls.get(CARRIED.get(name, name), urls[PLAN.operator]),
                    identity=identity,
                    trust=trust,
                    home=homes / name,
                    timeout_ms=TIMEOUT_MS,
                )
            )
            for name, identity in identities.items()
        }
        self._others = {name: self.clients[name] for name in urls}
        self.papers, self._tell = papers, tell
        self.acts: list[ToldAct] = []

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def act(self, who: str, receipt: Receipt) -> ObjectId:
        """Look at what somebody did, prove it again from the log, and tell it."""
        client = self.clients[who]
        self._settle(receipt.size)
        record, after = client.record(receipt.record_id), client.show(receipt.object_id)
        told = ToldAct(
            kind=record.kind,
            signers=tuple(self._names[key] for key in record.signers),
            object=after.kind,
            regime=after.status.regime.value if isinstance(after, DeclarationView) else "",
            object_id=after.id,
            state=after.state,
            position=record.position,
            time_ms=record.time_ms,
        )
        self.acts.append(told)
        self._tell(f"{len(self.acts):>3}. {' and '.join(told.signers)} {_DID[told.kind]}")
        self._tell(
            f"     {f'{told.regime} {told.object}'.strip()} {told.object_id.hex()[:16]}… is {told.state}; "
            f"entry {told.position}, {moment_words(told.time_ms)}"
        )
        return after.id

    def without(self, who: str) -> None:
        """Go on without a node."""
        del self._others[who]

    def _settle(self, size: int) -> None:
        """Wait until what was just acknowledged by one node is seen on every other: the next to act may read there."""
        until = monotonic() + SETTLE_SECONDS
        while len(self._others) > 1 and any(client.head().size < size for client in self._others.values()):
            if monotonic() > until:
                raise NodeFailed("The nodes do not come to the same head.", "Look into their logs.")
            sleep(LOOK_SECONDS)


def play(stage: Stage, midway: Callable[[], None] = lambda: None) -> Trade:
    """Let everybody act in turn; `midway` is called when the certificate is issued."""
    seller, buyer = (_enrol(stage, name) for name in (SELLER, BUYER))
    clients, papers = stage.clients, stage.papers
    invoice = stage.act(SELLER, clients[SELLER].invoices.issue(papers.folder / "invoice.xml", buyer=buyer))
    certificate = _certify(stage, seller, buyer)
    midway()
    stage.act(BUYER, clients[BUYER].invoices.accept(invoice))
    _clear(stage, SELLER, "customs-cn", Regime.EXPORT, invoice, certificate)
    _clear(stage, BUYER, "customs-be", Regime.IMPORT, invoice, certificate)
    payment = _pay(stage, invoice)

    amounts = clients[SELLER].invoices.show(invoice).amounts
    lines = clients[SELLER].certificates.show(certificate).balances
    return Trade(
        seller=seller,
        buyer=buyer,
        invoice=invoice,
        certificate=certificate,
        payment=payment,
        acts=tuple(stage.acts),
        currency=amounts.currency,
        minor_digits=amounts.minor_digits,
        settled_minor=amounts.settled_minor,
        payable_minor=amounts.payable_minor,
        written_off_micro=sum(line.written_off_micro for line in lines),
        certified_micro=sum(line.quantity_micro for line in lines),
        units=tuple(sorted({line.unit for line in lines})),
    )


def _enrol(stage: Stage, name: str) -> ObjectId:
    """The party prepares its enrolment with its own key; the marketplace countersigns and sends it."""
    document = stage.papers.invoice.seller if name == SELLER else stage.papers.invoice.buyer
    named = {"name": document.name, "register": document.legal_id, "vat": document.vat_id}
    terms = {key: value for key, value in named.items() if value}
    request = stage.clients[name].parties.prepare(member=PLAN.operator, roles=[PARTIES[name]], terms=terms)
    return stage.act(PLAN.operator, stage.clients[PLAN.operator].submit_draft(request))


def _certify(stage: Stage, seller: ObjectId, buyer: ObjectId) -> ObjectId:
    """The chamber issues the certificate, for the dates in the file."""
    file = stage.papers.folder / "certificate.json"
    return stage.act("chamber", stage.clients["chamber"].certificates.issue(file, exporter=seller, consignee=buyer))


def _clear(stage: Stage, who: str, customs: str, regime: Regime, invoice: ObjectId, certificate: ObjectId) -> None:
    """Somebody declares all that the certificate covers, and the authority releases it."""
    lodged = stage.clients[who].declarations.lodge(
        customs=customs, regime=regime, invoices=[invoice], certificate=certificate
    )
    declaration = stage.act(who, lodged)
    stage.act(customs, stage.clients[customs].declarations.release(declaration))


def _pay(stage: Stage, invoice: ObjectId) -> ObjectId:
    """The buyer pays what is outstanding, as its bank's message says; the seller's bank confirms the credit."""
    buyer, papers = stage.clients[BUYER], stage.papers
    amounts = buyer.invoices.show(invoice).amounts
    instructed = buyer.payments.instruct(
        papers.folder / "pacs008.xml",
        payer_bank="bank-buyer",
        payee_bank="bank-seller",
        allocations={invoice: amounts.outstanding_minor},
    )
    payment = stage.act(BUYER, instructed)
    confirmed = stage.clients["bank-seller"].payments.confirm(payment, papers.folder / "camt054.xml")
    return stage.act("bank-seller", confirmed)


def make_identities() -> dict[str, Identity]:
    """Make the keys of the two parties; the members' are made with the corridor."""
    return {name: Identity.generate(name) for name in PARTIES}
