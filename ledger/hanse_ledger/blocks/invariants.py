"""What every reachable state satisfies, whatever was recorded in whatever order.

Each amount, balance, count and claim that stands in the state is derived here a second time, from the payments,
declarations and records that it sums up. A breach is a bug of the rules, never of whoever signed.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol, TypeVar

from hanse_ledger.kinds import Body
from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.claims import COUNT_BYTES, ClaimKind, claim_key, ended_claim, reports_claim
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.declaration.state import Declaration, DeclarationState
from hanse_ledger.kinds.evidence.bodies import ReportEvidence
from hanse_ledger.kinds.invoice.state import Invoice, InvoiceState
from hanse_ledger.kinds.member.proposals import OpenProposals, carried, voters
from hanse_ledger.kinds.objects import Object
from hanse_ledger.kinds.party.bodies import EnrolParty, RevokeKey, RotateKey
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.payment.state import Payment, PaymentState
from hanse_ledger.records.record import object_id
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, Moment, ObjectId, PublicKey, RecordId, same_hs_code
from hanse_ledger.wire.endings import Endings, ended_by
from hanse_ledger.wire.membership import Membership, awaited, check_membership

Kind = TypeVar("Kind", Party, Invoice, Certificate, Declaration, Payment)

COUNTED = (DeclarationState.LODGED, DeclarationState.RELEASED)

CAME_TO_NOTHING = (PaymentState.REJECTED, PaymentState.WITHDRAWN)

OPEN = (InvoiceState.ISSUED, InvoiceState.ACCEPTED)


class ReachedState(Protocol):
    """A whole state: its objects with their numbers, and its claims."""

    @property
    def membership(self) -> Membership:
        """The members in force."""
        ...

    @property
    def proposals(self) -> OpenProposals:
        """The open proposals."""
        ...

    @property
    def objects(self) -> Mapping[ObjectId, Object]:
        """The objects by id."""
        ...

    @property
    def numbers(self) -> Mapping[ObjectId, int]:
        """The number of each object, in order of creation."""
        ...

    @property
    def claims(self) -> Mapping[Digest, bytes]:
        """The claims by name."""
        ...


def breaches(state: ReachedState, records: Iterable[tuple[RecordId, Body, Moment]]) -> list[str]:
    """Say in words what of a state cannot be; nothing is found in any state that the rules reach.

    Args:
        state: the whole state.
        records: every record that led to it, with its id and its block time, in the order of the log.
    """
    return [
        *_members(state.membership),
        *_proposals(state.membership, state.proposals),
        *_numbering(state),
        *_parties(state),
        *_invoices(state),
        *_certificates(state),
        *_declarations(state),
        *_payments(state),
        *_claims(state, records),
    ]


def _members(membership: Membership) -> Iterator[str]:
    try:
        check_membership(membership)
    except Malformed as error:
        yield error.detail
    if 3 * membership.parameters.quorum <= 2 * len(membership.cosigners):
        yield "the quorum is not more than two thirds of the cosigners"


def _proposals(membership: Membership, proposals: OpenProposals) -> Iterator[str]:
    able = {*voters(membership)}
    for proposal in proposals.whole:
        if set(proposal.approvals) & set(proposal.refusals):
            yield "a member has voted twice"
        if not {proposal.proposer, *proposal.approvals, *proposal.refusals} <= able:
            yield "one who is no voting member has voted"
        if proposal.accepted != carried(membership, proposal.change, proposal.approvals):
            yield "a proposal is not accepted by those who carry it"
        if proposal.accepted and {*awaited(membership, proposal.change)} <= {*proposal.ready}:
            yield "a proposal that waits for nobody has not taken effect"


def _numbering(state: ReachedState) -> Iterator[str]:
    if (
        sorted(state.numbers.values()) != list(range(len(state.objects)))
        or state.numbers.keys() != state.objects.keys()
    ):
        yield "the objects are not numbered from 0 without a gap"
    for name, value in state.objects.items():
        if value.id != name:
            yield f"{_words(value)} stands under another id"
        if value.history.count < 1:
            yield f"{_words(value)} has no history"


def _parties(state: ReachedState) -> Iterator[str]:
    for party in _all(state, Party):
        key = party.key.key
        if key is not None and state.claims.get(claim_key(ClaimKind.KEY, key)) != party.id:
            yield f"the key of {_words(party)} is not claimed for it"
        if key is not None and claim_key(ClaimKind.REVOKED_KEY, key) in state.claims:
            yield f"the present key of {_words(party)} is revoked"
        if party.status.valid_from >= party.status.valid_until or not party.status.roles:
            yield f"{_words(party)} may never do anything"


def _invoices(state: ReachedState) -> Iterator[str]:
    settled, under_way = _allocated(state, PaymentState.CONFIRMED), _allocated(state, PaymentState.INSTRUCTED)
    declared = Counter(
        name
        for declaration in _all(state, Declaration)
        if declaration.status.state in COUNTED
        for name in declaration.links.invoices
    )
    for invoice in _all(state, Invoice):
        amounts, links = invoice.amounts, invoice.links
        if min(amounts.settled_minor, amounts.under_way_minor, amounts.outstanding_minor) < 0:
            yield f"{_words(invoice)} is overpaid, or less than nothing of it is paid"
        if (amounts.settled_minor, amounts.under_way_minor) != (settled[invoice.id], under_way[invoice.id]):
            yield f"the amounts of {_words(invoice)} are not those of its payments"
        if links.declarations != declared[invoice.id]:
            yield f"{_words(invoice)} miscounts its declarations"
        used = amounts.settled_minor or amounts.under_way_minor or links.declarations or invoice.pledge
        if invoice.status.state not in OPEN and used:
            yield f"{_words(invoice)} is closed, and paid, declared or pledged"
        if links.seller == links.buyer or not _are(state, Party, links.seller, links.buyer):
            yield f"{_words(invoice)} is not between two parties"


def _certificates(state: ReachedState) -> Iterator[str]:
    reserved, written_off = _drawn(state, DeclarationState.LODGED), _drawn(state, DeclarationState.RELEASED)
    for certificate in _all(state, Certificate):
        for line, balance in enumerate(certificate.balances, start=1):
            if min(balance.reserved_micro, balance.written_off_micro, balance.available_micro) < 0:
                yield f"line {line} of {_words(certificate)} is overdrawn, or less than nothing of it is used"
            due = (reserved[certificate.id, line], written_off[certificate.id, line])
            if (balance.reserved_micro, balance.written_off_micro) != due:
                yield f"line {line} of {_words(certificate)} is not what its declarations leave"
        links = certificate.links
        if not _are(state, Party, links.exporter, *([links.consignee] if links.consignee else [])):
            yield f"{_words(certificate)} is not for parties"


def _declarations(state: ReachedState) -> Iterator[str]:
    for declaration in _all(state, Declaration):
        links = declaration.links
        if not _are(state, Invoice, *links.invoices) or len(set(links.invoices)) != len(links.invoices):
            yield f"{_words(declaration)} does not name each of its invoices once"
        if not _are(state, Party, links.declarant, *([links.principal] if links.principal else [])):
            yield f"{_words(declaration)} is not lodged by parties"
        for line in declaration.lines:
            if line.certificate is None:
                continue
            certificate = state.objects.get(line.certificate.certificate)
            if not isinstance(certificate, Certificate) or line.certificate.line > len(certificate.balances):
                yield f"{_words(declaration)} draws on a line that no certificate has"
                continue
            balance = certificate.balances[line.certificate.line - 1]
            same_goods = same_hs_code(line.hs_code, balance.hs_code)
            if not same_goods or (line.origin, line.unit) != (balance.origin, balance.unit):
                yield f"{_words(declaration)} declares other goods than are certified"


def _payments(state: ReachedState) -> Iterator[str]:
    for payment in _all(state, Payment):
        amounts, links = payment.amounts, payment.links
        named = [part.invoice for part in amounts.allocations]
        if sum(part.amount_minor for part in amounts.allocations) != amounts.amount_minor:
            yield f"{_words(payment)} is not the sum of its allocations"
        arrived = payment.status.state in (PaymentState.CONFIRMED, PaymentState.RETURNED)
        if amounts.credited_minor + amounts.charged_minor != (amounts.amount_minor if arrived else 0):
            yield f"what was credited and charged of {_words(payment)} is not what was instructed"
        if amounts.charged_minor < 0 or (arrived and amounts.credited_minor < 1):
            yield f"less than nothing of {_words(payment)} was charged, or nothing was credited"
        if len(set(named)) != len(named):
            yield f"{_words(payment)} pays an invoice twice"
        for name in named:
            invoice = state.objects.get(name)
            if not isinstance(invoice, Invoice):
                yield f"{_words(payment)} pays what is no invoice"
            elif (invoice.links.buyer, invoice.links.seller) != (links.payer, links.payee) or (
                invoice.amounts.currency,
                invoice.amounts.minor_digits,
            ) != (amounts.currency, amounts.minor_digits):
                yield f"{_words(payment)} pays an invoice between others, or in another currency"


def _claims(state: ReachedState, records: Iterable[tuple[RecordId, Body, Moment]]) -> Iterator[str]:
    """Derive every claim: keys and revocations from the records, tags and UETRs from the objects."""
    due: dict[Digest, bytes] = {}
    known = list(records)
    derived = [*_claimed_by_records(known), *_claimed_by_objects(state), *_counted(known)]
    for key, value in derived:
        if key in due:
            yield f"two bear the claim {key.hex()}: {due[key].hex()} and {value.hex()}"
        due[key] = value
    for key in sorted(due.keys() | state.claims.keys()):
        if due.get(key) != state.claims.get(key):
            yield f"the claim {key.hex()} is not what objects and records lead to"


def _claimed_by_records(records: Iterable[tuple[RecordId, Body, Moment]]) -> Iterator[tuple[Digest, bytes]]:
    present: dict[ObjectId, PublicKey] = {}
    ended: dict[PublicKey, Endings] = {}
    for record, body, _ in records:
        match body:
            case EnrolParty():
                yield claim_key(ClaimKind.KEY, body.key), object_id(record)
                present[object_id(record)] = body.key
            case RotateKey():
                yield claim_key(ClaimKind.KEY, body.new_key), body.party
                ended[present[body.party]] = Endings(record, None)
                present[body.party] = body.new_key
            case ReportEvidence():
                yield claim_key(ClaimKind.EVIDENCE, hash_bytes(body.evidence)), record
            case RevokeKey():
                ended[body.key] = Endings(ended[body.key].rotation if body.key in ended else None, record)
            case _:
                pass
    for key, by in ended.items():
        yield claim_key(ClaimKind.REVOKED_KEY, key), ended_by(rotation=by.rotation, revocation=by.revocation)


def _counted(records: Collection[tuple[RecordId, Body, Moment]]) -> Iterator[tuple[Digest, bytes]]:
    """Count what each member has reported on each day, in all and against each, and each party's replaced keys."""
    counts = Counter(
        counted
        for _, body, at in records
        if isinstance(body, ReportEvidence)
        for counted in (reports_claim(body.member, accused, at) for accused in (None, *body.accused))
    )
    for claim, count in counts.items():
        yield claim, count.to_bytes(COUNT_BYTES, "big")
    rotations = Counter(ended_claim(body.party, body.party) for _, body, _ in records if isinstance(body, RotateKey))
    for claim, count in rotations.items():
        yield claim, count.to_bytes(4, "big")


def _claimed_by_objects(state: ReachedState) -> Iterator[tuple[Digest, bytes]]:
    for invoice in _all(state, Invoice):
        if invoice.status.state in OPEN:
            for tag in invoice.links.tags:
                yield tag, invoice.id
    for payment in _all(state, Payment):
        links = payment.links
        if links.uetr is not None:
            yield claim_key(ClaimKind.UETR, links.payer_bank.encode(), links.uetr.encode()), payment.id
    for key, count in _ended(state).items():
        yield key, count.to_bytes(4, "big")


def _ended(state: ReachedState) -> Counter[Digest]:
    """Count what has come to nothing for each trader on each object that is not its own."""
    counts: Counter[Digest] = Counter()
    for payment in _all(state, Payment):
        if payment.status.state in CAME_TO_NOTHING:
            counts.update(ended_claim(part.invoice, payment.links.payer) for part in payment.amounts.allocations)
    for declaration in _all(state, Declaration):
        if declaration.status.state in COUNTED:
            continue
        trader = declaration.links.principal or declaration.links.declarant
        named = {line.certificate.certificate for line in declaration.lines if line.certificate}
        for name in (*declaration.links.invoices, *named):
            match state.objects.get(name):
                case Invoice(links=links) if links.seller != trader:
                    counts[ended_claim(name, trader)] += 1
                case Certificate(links=links) if links.exporter != trader:
                    counts[ended_claim(name, trader)] += 1
                case _:
                    pass
    return counts


def _allocated(state: ReachedState, wanted: PaymentState) -> Counter[ObjectId]:
    """Sum what payments in a state allocate to each invoice."""
    sums: Counter[ObjectId] = Counter()
    for payment in _all(state, Payment):
        if payment.status.state is wanted:
            for part in payment.amounts.allocations:
                sums[part.invoice] += part.amount_minor
    return sums


def _drawn(state: ReachedState, wanted: DeclarationState) -> Counter[tuple[ObjectId, int]]:
    """Sum what import declarations in a state draw from each line of each certificate."""
    sums: Counter[tuple[ObjectId, int]] = Counter()
    for declaration in _all(state, Declaration):
        status = declaration.status
        if status.state is wanted and status.regime is Regime.IMPORT:
            for line in declaration.lines:
                if line.certificate is not None:
                    sums[line.certificate.certificate, line.certificate.line] += line.quantity_micro
    return sums


def _all(state: ReachedState, kind: type[Kind]) -> Iterator[Kind]:
    return (value for value in state.objects.values() if isinstance(value, kind))


def _are(state: ReachedState, kind: type[Kind], *names: ObjectId) -> bool:
    return all(isinstance(state.objects.get(name), kind) for name in names)


def _words(value: Object) -> str:
    return f"{type(value).__name__.lower()} {value.id.hex()}"
