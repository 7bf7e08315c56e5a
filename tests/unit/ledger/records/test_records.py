"""The kinds of records: each has a class, a rule, and the ids that it names."""

import pytest
from msgspec import structs
from msgspec.structs import replace

from hanse_ledger.kinds import KIND_NAMED, KINDS, kind_of, references
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.records.record import decode_record, encode_record
from hanse_ledger.wire.part import Body
from tests.world.corridor import sign, story
from tests.world.corridor_bodies import a_cosigner, a_member, change
from tests.world.corridor_genesis import seed_of

STORY = story()
STORY.id["proposal"] = bytes(32)
MAKE, ID = STORY.make, STORY.id

NAMED: list[tuple[Body, set[str]]] = [
    (MAKE.proposal(change(members=[a_member("new")], cosigners=[a_cosigner("new")])), set()),
    (MAKE.vote("market"), set()),
    (MAKE.readiness("new"), set()),
    (MAKE.takeback(), set()),
    (MAKE.enrolment("new"), set()),
    (MAKE.rotation("buyer", "new"), {"buyer"}),
    (MAKE.revocation("buyer", "buyer"), {"buyer"}),
    (MAKE.move("buyer", "chamber"), {"buyer"}),
    (MAKE.invoice(2), {"buyer", "seller"}),
    (MAKE.acceptance(), {"invoice"}),
    (MAKE.invoice_refusal(), {"invoice"}),
    (MAKE.cancellation(), {"invoice"}),
    (MAKE.certificate(), {"seller", "buyer"}),
    (MAKE.certificate_revocation(), {"certificate"}),
    (MAKE.declaration(Regime.IMPORT), {"agent", "buyer", "invoice", "certificate"}),
    (MAKE.release(), {"import"}),
    (MAKE.declaration_refusal(), {"import"}),
    (MAKE.withdrawal(), {"import"}),
    (MAKE.lapse(), {"import"}),
    (MAKE.instruction(), {"buyer", "seller", "invoice"}),
    (MAKE.confirmation(), {"payment"}),
    (MAKE.payment_return(), {"payment"}),
    (MAKE.payment_rejection(), {"payment"}),
    (MAKE.payment_withdrawal(), {"payment"}),
    (MAKE.evidence(), set()),
]
IDS = [type(body).__name__ for body, _ in NAMED]


def test_every_body_has_a_kind() -> None:
    """Every class of bodies has one row, whose name is one row's alone, and a sample of each stands here."""
    assert set(Body.__subclasses__()) == {kind.body for kind in KINDS}
    assert [type(body) for body, _ in NAMED] == [kind.body for kind in KINDS]
    assert len(KIND_NAMED) == len(KINDS)
    assert all(kind_of(body) is kind for kind, (body, _) in zip(KINDS, NAMED, strict=True))


@pytest.mark.parametrize(("body", "named"), NAMED, ids=IDS)
def test_references_are_the_ids_that_a_body_names(body: Body, named: set[str]) -> None:
    """Sorted, each once; who signs, and what is created, is not among them."""
    assert references(body) == tuple(sorted(ID[name] for name in named))


@pytest.mark.parametrize(("body", "named"), NAMED, ids=IDS)
def test_record_of_each_kind_comes_back(body: Body, named: set[str]) -> None:
    """The body's class follows from the kind that travels with it."""
    record = sign(body, "market").record
    decoded = decode_record(encode_record(record))
    assert decoded == record
    assert type(decoded.body) is type(body) is KIND_NAMED[record.kind].body
    assert len(record.refs) == len(named)


def test_references_leave_out_what_is_nil_and_name_each_id_once() -> None:
    """A certificate without a consignee names one party; a line without a certificate, or a second use of it, none."""
    assert references(replace(MAKE.certificate(), consignee=None)) == (ID["seller"],)
    body = MAKE.declaration(Regime.EXPORT)
    bare = replace(body.lines[0], certificate=None)
    assert references(replace(body, lines=(bare,))) == tuple(sorted((ID["seller"], ID["invoice"])))
    twice = replace(body, lines=body.lines * 2, principal=ID["seller"])
    assert references(twice) == references(body)


def test_every_id_in_a_body_is_among_the_references() -> None:
    """Whatever 32 bytes a body names as an object, `refs` list: hashes of documents, tags and keys are not objects."""
    others = {"document", "encryption_key", "identity", "tags", "key", "new_key", "proposal", "change", "evidence"}
    for body, _ in NAMED:
        found: set[bytes] = set()
        for field in structs.fields(body):
            if field.name not in others:
                collect(getattr(body, field.name), found)
        assert found == set(references(body)), type(body).__name__


def collect(value: object, found: set[bytes]) -> None:
    """Collect every 32 bytes in a value."""
    if isinstance(value, bytes) and len(value) == len(seed_of("")):
        found.add(value)
    elif isinstance(value, tuple):
        for item in value:
            collect(item, found)
    elif hasattr(value, "__struct_fields__"):
        for name in value.__struct_fields__:
            collect(getattr(value, name), found)
