"""Rule A-6: a record that names a payload creates the document of it, beside whatever else it does."""

from typing import Any, NamedTuple

import pytest
from msgspec.msgpack import Decoder
from msgspec.structs import replace

from hanse_ledger.blocks.invariants import breaches
from hanse_ledger.kinds import KINDS
from hanse_ledger.kinds.certificate.bodies import ApplyForCertificate, GrantCertificate, ReplaceCertificate
from hanse_ledger.kinds.claims import payload_claim
from hanse_ledger.kinds.document import refusals as why
from hanse_ledger.kinds.document.bodies import GrantDocument
from hanse_ledger.kinds.document.enclosing import OWNERS
from hanse_ledger.kinds.document.payload import Payload, commit_reader
from hanse_ledger.kinds.document.state import Document, DocumentLinks, DocumentState
from hanse_ledger.kinds.invoice.refusals import NOT_SELLER
from hanse_ledger.kinds.object import created_id, document_id
from hanse_ledger.kinds.payment.bodies import CorrectPayment
from hanse_ledger.kinds.reasons import refused_kind, rule_of
from hanse_ledger.kinds.shipment.bodies import DispatchShipment
from hanse_ledger.kinds.standins import payload, salt_for
from hanse_ledger.kinds.title.bodies import AmendTitle, ConvertTitle, IssueTitle
from hanse_ledger.transition import transition
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.wire.codec import decode_canonical, encode
from hanse_ledger.wire.part import Body
from tests.tables.refusals import Refused, names_of, try_row
from tests.unit.ledger.kinds.bundles.test_rules_bundles import bundle
from tests.world.corridor import Corridor, traders
from tests.world.entries import bodies_of


class Committing(NamedTuple):
    """A record that commits to a file: its body, who signs it, whose the document is, and what it belongs to."""

    body: Body
    signers: tuple[str, ...]
    owner: str
    belongs_to: str | None


def trading() -> Corridor:
    """Somebody has sealed an invoice; another one is accepted and paid, goods are certified, shipped and titled."""
    corridor = traders()
    corridor.submit(replace(corridor.make.invoice(8), payload=payload("taken", "buyer")), "seller", name="sealed")
    corridor.issue_invoice()
    corridor.accept_invoice()
    corridor.issue_certificate()
    corridor.apply_for_certificate()
    corridor.instruct_payment()
    corridor.confirm_payment()
    corridor.instruct_payment(10_000, invoice="sealed", number=2, name="under way")
    corridor.dispatch_shipment()
    corridor.issue_title()
    corridor.dispatch_shipment("second shipment")
    return corridor


CORRIDOR = trading()
MAKE, ID = CORRIDOR.make, CORRIDOR.id
SEALED = payload("file", "buyer", "office", "bank")
TAKEN = payload("taken", "buyer")
EVERY = (
    Committing(MAKE.invoice(2), ("seller",), "seller", None),
    Committing(MAKE.credit(invoice="sealed"), ("seller",), "seller", "sealed"),
    Committing(MAKE.certificate(), ("chamber",), "chamber", None),
    Committing(MAKE.sample(ApplyForCertificate), ("seller",), "seller", None),
    Committing(MAKE.sample(GrantCertificate), ("chamber",), "chamber", "application"),
    Committing(MAKE.sample(ReplaceCertificate), ("chamber",), "chamber", None),
    Committing(MAKE.confirmation("under way", credited_minor=10_000), ("bank-cn",), "bank-cn", "under way"),
    Committing(replace(MAKE.sample(CorrectPayment), payment=ID["payment"]), ("bank-cn",), "bank-cn", "payment"),
    Committing(MAKE.sample(DispatchShipment), ("carrier",), "carrier", None),
    Committing(replace(MAKE.sample(IssueTitle), shipment=ID["second shipment"]), ("carrier",), "carrier", None),
    Committing(MAKE.sample(AmendTitle), ("seller", "carrier"), "carrier", "title"),
    Committing(replace(MAKE.sample(ConvertTitle), holder=ID["seller"]), ("seller", "carrier"), "carrier", "title"),
)
INVOICE = EVERY[0].body


def with_payload(body: Body, sealed: Payload) -> Body:
    """Have a body name a payload."""
    changed: Body = replace(body, payload=sealed)
    return changed


def disordered(*readers: bytes) -> Payload:
    """The payload, but for its readers' commitments."""
    return replace(SEALED, readers=readers)


FIRST, SECOND = SEALED.readers[:2]
REFUSALS = [
    Refused(CORRIDOR, with_payload(INVOICE, disordered(SECOND, FIRST)), ("buyer",), NOT_SELLER, "/signers"),
    *(
        Refused(
            CORRIDOR,
            with_payload(INVOICE, replace(disordered(*readers), hash=TAKEN.hash)),
            ("seller",),
            why.READERS_NOT_SORTED,
            "/body/payload/readers",
        )
        for readers in ((SECOND, FIRST), (FIRST, FIRST))
    ),
    *(
        Refused(CORRIDOR, with_payload(each.body, TAKEN), each.signers, why.PAYLOAD_TAKEN, "/body/payload/hash")
        for each in EVERY
    ),
]
"""The rule of the record's kind comes first: its row is that kind's."""


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken requirement is named with its field, and the earliest one wins."""
    try_row(row)


@pytest.mark.parametrize("row", REFUSALS[1:], ids=names_of(REFUSALS[1:]))
def test_a_refusal_says_this_rule(row: Refused) -> None:
    """What is wrong with the payload breaks A-6, and not the rule of the kind."""
    assert rule_of(refused_kind(row.body, row.pointer), row.reason, row.pointer) == "A-6"


@pytest.mark.parametrize("each", EVERY, ids=lambda each: type(each.body).__name__)
def test_a_payload_makes_a_document(each: Committing) -> None:
    """It is its maker's, belongs to what the record is about, and stands last; the claim names it."""
    signed = CORRIDOR.sign(with_payload(each.body, SEALED), *each.signers)
    delta = transition(CORRIDOR.ledger, signed, CORRIDOR.ledger.ledger, CORRIDOR.next_time())
    (document,) = (value for value in delta.objects if isinstance(value, Document))
    owner: Any = ID.get(each.owner, each.owner)
    assert document.id == document_id(signed.id)
    assert document.links == DocumentLinks(
        belongs_to=created_id(signed.id) if each.belongs_to is None else ID[each.belongs_to],
        owner_member=owner if isinstance(owner, str) else None,
        owner_party=owner if isinstance(owner, bytes) else None,
    )
    assert (document.seal.hash, document.seal.readers, document.seal.size) == (
        SEALED.hash,
        SEALED.readers,
        SEALED.size,
    )
    assert (document.grants, document.holds, document.receipts) == ((), (), ())
    assert document.status.state is DocumentState.SEALED
    assert document.history.count == 1
    assert delta.claims[payload_claim(SEALED.hash)] == document.id


@pytest.mark.parametrize("each", EVERY, ids=lambda each: type(each.body).__name__)
def test_without_a_payload_there_is_no_document(each: Committing) -> None:
    """Then the record does what it did: the rest of what it changes is the same."""
    bare = CORRIDOR.sign(with_payload(each.body, SEALED), *each.signers)
    delta = transition(CORRIDOR.ledger, bare, CORRIDOR.ledger.ledger, CORRIDOR.next_time())
    without = CORRIDOR.sign(replace(each.body, payload=None), *each.signers)
    less = transition(CORRIDOR.ledger, without, CORRIDOR.ledger.ledger, CORRIDOR.next_time())
    assert not any(isinstance(value, Document) for value in less.objects)
    assert [type(value) for value in delta.objects if not isinstance(value, Document)] == [
        type(value) for value in less.objects
    ]
    assert delta.claims.keys() - less.claims.keys() == {payload_claim(SEALED.hash)}


def test_every_kind_that_commits_to_a_file_may_name_a_payload() -> None:
    """The rule's own table, which a verifier has, is what the rows say; no other kind has it."""
    bodies = {kind.body: kind for kind in KINDS}
    committing = {kind.body for kind in KINDS if kind.commits is not None and "document" in kind.body.__struct_fields__}
    assert committing == OWNERS.keys() == {type(each.body) for each in EVERY}
    having = {body for body, kind in bodies.items() if "payload" in body.__struct_fields__ and kind.object is not None}
    assert having == committing | {GrantDocument}


def test_the_claim_is_read_beforehand() -> None:
    """Of each kind the row names the claim for which the rule asks."""
    for each in EVERY:
        (kind,) = (kind for kind in KINDS if kind.body is type(each.body))
        assert payload_claim(SEALED.hash) in set(kind.claims(with_payload(each.body, SEALED)))
        assert payload_claim(SEALED.hash) not in set(kind.claims(each.body))


def test_steps_of_a_bundle_have_documents_of_their_own() -> None:
    """Two invoices in one record: two documents, each of its step; and the invariants agree."""
    corridor = trading()
    steps = [with_payload(corridor.make.invoice(number), payload(f"file {number}", "buyer")) for number in (2, 3)]
    signed = corridor.sign(bundle(*steps), "seller")
    corridor.apply(signed)
    documents = [corridor.ledger.objects[document_id(signed.id, step)] for step in (0, 1)]
    for step, value in enumerate(documents):
        assert isinstance(value, Document)
        assert value.links.belongs_to == created_id(signed.id, step)
    assert documents[0].seed != documents[1].seed
    assert breaches(corridor.ledger, bodies_of(corridor.entries)) == []


def test_two_steps_cannot_share_a_file() -> None:
    """The second is refused: the first has it already."""
    steps = [with_payload(MAKE.invoice(number), SEALED) for number in (2, 3)]
    error = CORRIDOR.refusal(bundle(*steps), "seller")
    assert error is not None
    assert (error.reason, error.pointer) == (why.PAYLOAD_TAKEN, "/body/steps/1/body/payload/hash")
    body = bundle(*steps)
    assert rule_of(refused_kind(body, error.pointer), error.reason, error.pointer) == "A-6"


@pytest.mark.parametrize(
    "changed",
    [
        {"readers": ()},
        {"readers": tuple(sorted(bytes([number]) * 32 for number in range(limits.PAYLOAD_READERS + 1)))},
        {"size": 0},
        {"size": limits.PAYLOAD_BYTES + 1},
        {"hash": bytes(31)},
    ],
)
def test_a_payload_is_bounded(changed: dict[str, Any]) -> None:
    """More than a store takes, or nobody who could open it, is no record at all."""
    with pytest.raises(Malformed):
        decode_canonical(encode(replace(SEALED, **changed)), Decoder(Payload), "payload")


def test_a_reader_is_known_by_its_salt() -> None:
    """Who has the salt shows who is meant; without it the id alone leads nowhere."""
    salt = salt_for("file", "buyer")
    assert commit_reader(ID["buyer"], salt) != commit_reader(ID["seller"], salt)
    assert commit_reader(ID["buyer"], salt) != commit_reader(ID["buyer"], bytes(16))
