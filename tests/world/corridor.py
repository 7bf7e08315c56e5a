"""A small trade corridor that is the same in every run: six members, one operator, a seller, a buyer and an agent.

Every key is derived from its holder's name, every nonce from the record's number, every time from `T0`. Records are
signed for real and applied by the real rules; what stands in memory is what a node would store.

    corridor = story()                         # a whole trade: from enrolment to the confirmed payment
    corridor.id["invoice"]                     # the objects have names
    corridor.entries                           # every entry's bytes, from position 0 on
    corridor.sign_checkpoint()                 # the head as a signed and cosigned note
"""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from hanse_ledger.blocks.block import Block, Created, Outcome, Tip, genesis_block
from hanse_ledger.blocks.replay import MemoryLedger
from hanse_ledger.kinds import kind_of
from hanse_ledger.kinds.certificate.bodies import ApplyForCertificate
from hanse_ledger.kinds.consignment.bodies import OpenConsignment
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.invoice.bodies import IssueInvoice
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.mandate.bodies import GrantMandate
from hanse_ledger.kinds.member.proposals import Proposal, voters
from hanse_ledger.kinds.object import Object, created_id, document_id
from hanse_ledger.kinds.office.bodies import OpenOffice
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.payment.state import Payment
from hanse_ledger.kinds.shipment.bodies import DispatchShipment
from hanse_ledger.kinds.title.bodies import IssueTitle
from hanse_ledger.kinds.view import StateView
from hanse_ledger.proofs.trustfile import write_trust
from hanse_ledger.records.envelope import Signed, open_envelope, pre_authentication, seal, verify_envelope
from hanse_ledger.records.record import encode_record, make_record
from hanse_ledger.tlog.checkpoint import Checkpoint, body_text, cosignature_line, cosignature_message, log_line
from hanse_ledger.tlog.notes import ED25519_COSIGNATURE, Note, VerifierKey, format_note
from hanse_ledger.transition import transition
from hanse_ledger.values.errors import Rejected
from hanse_ledger.values.keys import ED25519
from hanse_ledger.values.types import Digest, Moment, ObjectId
from hanse_ledger.wire.genesis import Genesis, origin_of
from hanse_ledger.wire.membership import Change, Membership
from hanse_ledger.wire.part import Body
from tests.world.corridor_bodies import Bodies
from tests.world.corridor_genesis import DAY, GENESIS, LEDGER, SECOND, T0, key_of, public, seed_of


def sign(
    body: Body,
    *signers: str,
    at: Moment = T0,
    nonce: object = 0,
    expires: Moment | None = None,
    ledger: Digest = LEDGER,
    mandates: Sequence[ObjectId] = (),
) -> Signed:
    """Make a record of a body and sign it.

    Args:
        body: what is recorded.
        signers: the names whose keys sign, in order.
        at: when it is made; it expires a day later unless `expires` says otherwise.
        nonce: anything; another one makes another record.
        expires: when it expires, in milliseconds.
        ledger: the ledger for which it is made.
        mandates: under which it is signed.
    """
    record = make_record(
        body,
        ledger=ledger,
        signers=tuple(public(name) for name in signers),
        nonce=seed_of(f"nonce {nonce}")[:16],
        created=at,
        expires=at + DAY if expires is None else expires,
        mandates=tuple(sorted(mandates)),
    )
    payload = encode_record(record)
    message = pre_authentication(payload)
    return open_envelope(seal(payload, tuple(key_of(name).sign(message).signature for name in signers)))


class Altered:
    """A state with some objects other than they are, for requirements that no history of version 1 reaches."""

    def __init__(self, base: StateView, *objects: Object, membership: Membership | None = None) -> None:
        self._base, self._objects = base, {value.id: value for value in objects}
        self._membership = base.membership if membership is None else membership
        self.proposals = base.proposals

    @property
    def membership(self) -> Membership:
        """The members in force."""
        return self._membership

    def object(self, object_id: ObjectId) -> Object | None:
        """Find an object, the altered ones first."""
        return self._objects.get(object_id) or self._base.object(object_id)

    def claim(self, key: Digest) -> bytes | None:
        """Find a claim, which is as it was."""
        return self._base.claim(key)


class Corridor:
    """A ledger in memory, the entries and blocks that led to it, and names for its objects.

    `id` gives the ids of the objects by name, `make` makes bodies that name them.
    Block time moves on by a second a block unless a step says when.
    """

    def __init__(self, genesis: Genesis = GENESIS) -> None:
        self.genesis = genesis
        self.ledger = MemoryLedger(genesis)
        self.blocks: list[Block] = [genesis_block(genesis)]
        self.id: dict[str, ObjectId] = {}
        self.make = Bodies(self.id)
        self.signed: dict[str, Signed] = {}
        self._nonces = 0

    @property
    def head(self) -> Tip:
        """Where the ledger stands."""
        return self.ledger.head

    @property
    def entries(self) -> list[bytes]:
        """Every entry's canonical bytes, from position 0 on."""
        return [row.data for block in self.blocks for row in block.entries]

    @property
    def trust(self) -> bytes:
        """The trust file."""
        entries = self.entries
        return write_trust(self.genesis, [entries[position] for position in self.head.changes])

    def next_time(self) -> Moment:
        """Give the block time of the next block."""
        return self.head.time + SECOND

    def sign(
        self,
        body: Body,
        *signers: str,
        at: Moment | None = None,
        nonce: object = None,
        mandates: Sequence[ObjectId] = (),
    ) -> Signed:
        """Make and sign a record for the next block, under a nonce that no other record has unless one is given."""
        self._nonces += 1
        return sign(
            body,
            *signers,
            at=self.next_time() if at is None else at,
            nonce=self._nonces if nonce is None else nonce,
            ledger=self.ledger.ledger,
            mandates=mandates,
        )

    def apply(self, signed: Signed, at: Moment | None = None) -> Outcome:
        """Apply a record in a block of its own; a refused or known one leaves no block."""
        (outcome,) = self.apply_all([signed], at)
        return outcome

    def apply_all(self, records: Sequence[Signed], at: Moment | None = None) -> list[Outcome]:
        """Apply records in one block, each to the state left by the last."""
        builder = self.ledger.builder(self.next_time() if at is None else at)
        outcomes = []
        for signed in records:
            verify_envelope(signed)
            outcomes.append(builder.add(signed))
        block = self.ledger.finish(builder)
        if block is not None:
            self.ledger.commit(block)
            self.blocks.append(block)
        return outcomes

    def submit(
        self, body: Body, *signers: str, name: str = "", at: Moment | None = None, mandates: Sequence[ObjectId] = ()
    ) -> ObjectId:
        """Record a body that the rules must accept, and give the id of the object that it creates, if it creates one.

        Args:
            body: what is recorded.
            signers: the names whose keys sign, in order.
            name: the name of the created object, else of the record, in `id`; and of the record in `signed`.
            at: block time.
            mandates: under which it is signed.
        """
        signed = self.sign(body, *signers, at=at, mandates=mandates)
        outcome = self.apply(signed, at)
        assert isinstance(outcome, Created), outcome
        if name:
            self.id[name] = created_id(signed.id) if kind_of(body).creates else signed.id
            self.signed[name] = signed
        return created_id(signed.id)

    def refusal(
        self,
        body: Body,
        *signers: str,
        at: Moment | None = None,
        state: StateView | None = None,
        mandates: Sequence[ObjectId] = (),
    ) -> Rejected | None:
        """Try a record on the present state, or on another, without changing anything; give the refusal, if any."""
        moment = self.next_time() if at is None else at
        signed = sign(body, *signers, at=moment, nonce="tried", ledger=self.ledger.ledger, mandates=mandates)
        try:
            verify_envelope(signed)
            transition(self.ledger if state is None else state, signed, self.ledger.ledger, moment)
        except Rejected as error:
            return error
        return None

    # The steps of the story. Each is a block of its own; those that create an object give its id.

    def enrol(self, name: str, *roles: PartyRole, member: str = "market", at: Moment | None = None) -> ObjectId:
        """Enrol a party; without roles, for all of them."""
        return self.submit(self.make.enrolment(name, *roles, member=member), member, name, name=name, at=at)

    def enrol_traders(self) -> None:
        """Enrol `seller`, `buyer` and `agent`."""
        self.enrol("seller", PartyRole.SELLER)
        self.enrol("buyer", PartyRole.BUYER)
        self.enrol("agent", PartyRole.AGENT)

    def open_office(self) -> ObjectId:
        """Have customs-be open its office and appoint an officer who decides: `first officer`."""
        office = self.submit(self.make.sample(OpenOffice), "customs-be", name="office")
        self.submit(self.make.appointment("first officer"), "customs-be", "first officer")
        return office

    def grant_mandate(self, name: str = "mandate", **said: Any) -> ObjectId:
        """Have the buyer let the agent declare imports and instruct payments, unless told otherwise."""
        return self.submit(replace(self.make.sample(GrantMandate), **said), "buyer", name=name)

    def issue_invoice(self, number: int = 1, *, payable_minor: int = 100_000, name: str = "invoice") -> ObjectId:
        """Issue an invoice of 1,000.00 EUR unless told otherwise."""
        return self.submit(self.make.invoice(number, payable_minor=payable_minor), "seller", name=name)

    def seal_invoice(self, name: str = "document") -> ObjectId:
        """Issue an invoice whose file travels, sealed to the buyer and to customs-be's office; give its document."""
        body = replace(self.make.sample(IssueInvoice), tags=self.make.invoice(7).tags)
        self.submit(body, "seller", name=f"{name}'s invoice")
        self.id[name] = document_id(self.signed[f"{name}'s invoice"].id)
        return self.id[name]

    def accept_invoice(self, invoice: str = "invoice") -> None:
        """Have the buyer accept an invoice as it stands."""
        value = self.ledger.objects[self.id[invoice]]
        assert isinstance(value, Invoice)
        amounts = value.amounts
        body = replace(
            self.make.acceptance(invoice, amount_minor=amounts.owed_minor),
            currency=amounts.currency,
            due=value.dates.due,
            minor_digits=amounts.minor_digits,
        )
        self.submit(body, "buyer")

    def issue_certificate(self, name: str = "certificate") -> ObjectId:
        """Have the chamber certify the seller's goods."""
        return self.submit(self.make.certificate(), "chamber", name=name)

    def apply_for_certificate(self, name: str = "application") -> ObjectId:
        """The seller asks the chamber for a certificate of the same goods."""
        return self.submit(self.make.sample(ApplyForCertificate), "seller", name=name)

    def lodge_export(self, quantity_micro: int = 300_000_000, *, name: str = "export") -> ObjectId:
        """Have the seller declare an export to customs-cn."""
        return self.submit(self.make.declaration(Regime.EXPORT, quantity_micro), "seller", name=name)

    def lodge_import(self, quantity_micro: int = 300_000_000, *, name: str = "import") -> ObjectId:
        """Have the agent declare an import to customs-be in the buyer's name."""
        return self.submit(self.make.declaration(Regime.IMPORT, quantity_micro), "agent", "buyer", name=name)

    def release_export(self) -> None:
        """Have customs-cn release the export."""
        self.submit(self.make.release("export"), "customs-cn")

    def release_import(self, declaration: str = "import") -> None:
        """Have customs-be release an import."""
        self.submit(self.make.release(declaration), "customs-be")

    def instruct_payment(
        self, amount_minor: int = 100_000, *, invoice: str = "invoice", number: int = 1, name: str = "payment"
    ) -> ObjectId:
        """Have the buyer instruct a payment through bank-be to bank-cn."""
        return self.submit(self.make.instruction(amount_minor, invoice=invoice, number=number), "buyer", name=name)

    def change_members(self, change: Change, *refusing: str) -> None:
        """Have the market propose a change, and every other member vote for it while that is undecided."""
        epoch = self.ledger.membership.epoch
        self.submit(self.make.proposal(change, epoch=epoch), "market", name="proposal")
        for name in voters(self.ledger.membership):
            proposal = self.proposal
            if name != "market" and proposal is not None and not proposal.accepted:
                self.submit(self.make.vote(name, approve=name not in refusing), name)

    @property
    def proposal(self) -> Proposal | None:
        """The proposal that was made last, while it is open."""
        return self.ledger.proposals.named(self.id["proposal"])

    def report_ready(self, member: str) -> None:
        """Have the node report itself that a change brings for a member."""
        self.submit(self.make.readiness(member), f"{member} cosigner")

    def dispatch_shipment(self, name: str = "shipment") -> ObjectId:
        """Have a carrier take over the goods of the invoice; it is enrolled with the first."""
        if "carrier" not in self.id:
            self.enrol("carrier", PartyRole.CARRIER)
        return self.submit(self.make.sample(DispatchShipment), "carrier", name=name)

    def open_consignment(self, name: str = "consignment") -> ObjectId:
        """Have the seller open a consignment into which both customs authorities write."""
        return self.submit(self.make.sample(OpenConsignment), "seller", name=name)

    def issue_title(self, name: str = "title") -> ObjectId:
        """Have the carrier issue a title on the shipment to the seller."""
        return self.submit(self.make.sample(IssueTitle), "carrier", name=name)

    def confirm_payment(self, payment: str = "payment") -> None:
        """Have bank-cn confirm that all of a payment has arrived."""
        paid = self.ledger.objects[self.id[payment]]
        assert isinstance(paid, Payment)
        self.submit(self.make.confirmation(payment, credited_minor=paid.amounts.amount_minor), "bank-cn")

    def sign_checkpoint(
        self, head: Tip | None = None, *, seconds: int | None = None, cosigners: Sequence[str] = ("operator",)
    ) -> str:
        """Sign a head as the first cosigner's log and cosign it as each of them, as C2SP note text.

        Args:
            head: which head; the present one unless given.
            seconds: the cosigners' time, in seconds; that of the head's block unless given.
            cosigners: who signs; the operator alone unless given.
        """
        head = self.head if head is None else head
        seconds = head.time // 1_000 if seconds is None else seconds
        origin = origin_of(self.ledger.ledger, cosigners[0])
        body = body_text(Checkpoint(origin, head.size, head.root))
        log = key_of(f"{cosigners[0]} log")
        lines = [log_line(VerifierKey(origin, ED25519, bytes(log.verify_key)), log.sign(body.encode()).signature)]
        for name in cosigners:
            key, line = key_of(f"{name} cosigner"), origin_of(self.ledger.ledger, name)
            signed = key.sign(cosignature_message(seconds, body)).signature
            lines.append(
                cosignature_line(VerifierKey(line, ED25519_COSIGNATURE, bytes(key.verify_key)), seconds, signed)
            )
        return format_note(Note(body, tuple(lines))).decode()


def traders() -> Corridor:
    """A corridor in which the seller, the buyer and the agent are enrolled."""
    corridor = Corridor()
    corridor.enrol_traders()
    return corridor


def story() -> Corridor:
    """A whole trade: enrolment, invoice, certificate, acceptance, export, import, payment, each in its own block."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.issue_certificate()
    corridor.accept_invoice()
    corridor.lodge_export()
    corridor.release_export()
    corridor.lodge_import()
    corridor.release_import()
    corridor.instruct_payment()
    corridor.confirm_payment()
    return corridor
