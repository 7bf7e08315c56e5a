"""The codec: one canonical form, and a refusal of everything else that names the field."""

from collections.abc import Callable
from hashlib import sha256
from importlib import import_module
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from hanse_ledger.kinds import OBJECT_NAMED, history, references
from hanse_ledger.kinds.certificate.bodies import CertificateLine
from hanse_ledger.kinds.declaration.bodies import (
    CertificateUse,
    DeclarationLine,
    LodgeDeclaration,
    LowValueGoods,
    Regime,
)
from hanse_ledger.kinds.object import created_id, document_id
from hanse_ledger.kinds.view import Delta
from hanse_ledger.proofs import prooffile
from hanse_ledger.records import entry, envelope, record
from hanse_ledger.records.record import decode_record, encode_record, record_id
from hanse_ledger.trees import claims_map
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.keys import ML_DSA_44
from hanse_ledger.wire import commitments, genesis, part
from hanse_ledger.wire.codec import encode
from tests.tables.reference import ExtType, Timestamp, pack, unordered, unpack
from tests.world.corridor import sign, story
from tests.world.corridor_genesis import T0, public, seed_of

STORY = story()
RECORD = sign(STORY.make.invoice(2), "seller").record
DATA = encode_record(RECORD)
PAYMENT = encode_record(sign(STORY.make.instruction(), "buyer").record)
CERTIFICATE = encode_record(sign(STORY.make.certificate(), "chamber").record)
REFUSAL = encode_record(sign(STORY.make.invoice_refusal(), "buyer").record)
CONFIRMATION = encode_record(sign(STORY.make.confirmation(charged_minor=(1,)), "bank-cn").record)
RETURN = encode_record(sign(STORY.make.payment_return(), "bank-cn").record)

Change = Callable[[dict[str, Any]], None]


def changed(data: bytes, change: Change) -> bytes:
    """Change a record as a plain map, and write it with sorted keys."""
    plain = unpack(data)
    change(plain)
    return pack(plain)


def put(path: str, value: Any) -> Change:
    """Change the value at a place, `/body/lines/0/unit`."""

    def change(plain: dict[str, Any]) -> None:
        *way, last = path.strip("/").split("/")
        place: Any = plain
        for step in way:
            place = place[int(step) if isinstance(place, list) else step]
        place[int(last) if isinstance(place, list) else last] = value

    return change


def drop(path: str) -> Change:
    """Leave a field out."""

    def change(plain: dict[str, Any]) -> None:
        (plain["body"] if path.startswith("/body/") else plain).pop(path.rsplit("/", 1)[1])

    return change


ORDINARY = b"\xa7created" + pack(T0)
assert DATA.count(ORDINARY) == 1

NOT_CANONICAL = {
    "a byte more": DATA + b"\0",
    "keys out of order": unordered(unpack(DATA)),
    "body's keys out of order": pack({**unpack(DATA), "body": None}).replace(
        b"\xa4body\xc0", b"\xa4body" + unordered(unpack(DATA)["body"])
    ),
    "a key twice": b"\x8a" + DATA[1:].replace(ORDINARY, ORDINARY * 2),
    "a longer integer": DATA.replace(b"\xa7version\x01", b"\xa7version\xcc\x01"),
    "a signed integer": DATA.replace(b"\xa7version\x01", b"\xa7version\xd0\x01"),
    "a longer map": b"\xde\x00\x09" + DATA[1:],
    "a longer key": DATA.replace(b"\xa7version", b"\xd9\x07version"),
    "longer bytes": DATA.replace(b"\xa5nonce\xc4\x10", b"\xa5nonce\xc5\x00\x10"),
    "a key as bytes": DATA.replace(b"\xa7version", b"\xc4\x07version"),
}


@pytest.mark.parametrize("data", NOT_CANONICAL.values(), ids=NOT_CANONICAL)
def test_only_one_form_is_canonical(data: bytes) -> None:
    """The same values in other bytes are refused, whatever the difference."""
    with pytest.raises(Malformed):
        decode_record(data)


NOT_MESSAGEPACK = {
    "nothing": b"",
    "cut off": DATA[:-1],
    "half": DATA[: len(DATA) // 2],
    "a reserved byte": b"\xc1" + DATA[1:],
    "deep": b"\x89\xa4body" + b"\x91" * 32_000,
    "a promise of four billion items": b"\x89\xa4body" + b"\xdd\xff\xff\xff\xff",
    "text that is not UTF-8": DATA.replace(b"\xa4kind\xadinvoice.issue", b"\xa4kind\xad\xffnvoice.issue"),
    "JSON": b'{"body":{}}',
    "an array": pack([1, 2, 3]),
    "nil": b"\xc0",
}


@pytest.mark.parametrize("data", NOT_MESSAGEPACK.values(), ids=NOT_MESSAGEPACK)
def test_what_is_no_record_at_all_is_malformed(data: bytes) -> None:
    """Anything can arrive; the answer is always the same kind of error."""
    with pytest.raises(Malformed, match=r"^record"):
        decode_record(data)


MANY = tuple(public(f"signer {number}") for number in range(limits.SIGNERS + 1))

MALFORMED: list[tuple[bytes, Change, str]] = [
    (DATA, put("/version", 2), "/version"),
    (DATA, put("/version", 0), "/version"),
    (DATA, put("/version", True), "/version"),
    (DATA, put("/version", 1.0), "/version"),
    (DATA, put("/version", None), "/version"),
    (DATA, put("/kind", "invoice.issued"), "/kind"),
    (DATA, put("/kind", ""), "/kind"),
    (DATA, put("/kind", b"invoice.issue"), "/kind"),
    (DATA, put("/kind", "invoice.accept"), "/body"),
    (DATA, put("/more", 1), ""),
    (DATA, drop("/nonce"), ""),
    (DATA, put("/body/more", 1), "/body"),
    (DATA, drop("/body/due"), "/body"),
    (DATA, put("/body", []), "/body"),
    (DATA, put("/nonce", bytes(15)), "/nonce"),
    (DATA, put("/nonce", bytes(17)), "/nonce"),
    (DATA, put("/nonce", "0123456789abcdef"), "/nonce"),
    (DATA, put("/ledger", bytes(31)), "/ledger"),
    (DATA, put("/ledger", bytes(33)), "/ledger"),
    (DATA, put("/created", -1), "/created"),
    (DATA, put("/created", 253_402_300_800_000), "/created"),
    (DATA, put("/expires", -1), "/expires"),
    (DATA, put("/expires", 2**63), "/expires"),
    (DATA, put("/expires", Timestamp(1)), "/expires"),
    (DATA, put("/expires", ExtType(1, b"x")), "/expires"),
    (DATA, put("/refs", []), "/refs"),
    (DATA, put("/refs", [RECORD.refs[1], RECORD.refs[0]]), "/refs"),
    (DATA, put("/refs", [*RECORD.refs, RECORD.refs[1]]), "/refs"),
    (DATA, put("/refs", [*RECORD.refs, b"\xff" * 32]), "/refs"),
    (DATA, put("/refs/0", bytes(31)), "/refs/0"),
    (DATA, put("/signers", []), "/signers"),
    (DATA, put("/signers", list(MANY)), "/signers"),
    (DATA, put("/signers", [MANY[0], MANY[1], MANY[0]]), "/signers"),
    (DATA, put("/signers", [MANY[0], b"\x02" + bytes(32)]), "/signers/1"),
    (DATA, put("/signers", [b"\x01" + bytes(33)]), "/signers/0"),
    (DATA, put("/signers", [bytes([ML_DSA_44]) + bytes(1311)]), "/signers/0"),
    (DATA, put("/signers", [bytes([ML_DSA_44]) + bytes(32)]), "/signers/0"),
    (DATA, put("/signers", [bytes([ML_DSA_44]) + bytes(1313)]), "/signers/0"),
    (DATA, put("/signers", [bytes(32)]), "/signers/0"),
    (DATA, put("/body/payable_minor", -(10**15) - 1), "/body/payable_minor"),
    (DATA, put("/body/payable_minor", 10**15 + 1), "/body/payable_minor"),
    (DATA, put("/body/payable_minor", 1.5), "/body/payable_minor"),
    (DATA, put("/body/currency", "EURO"), "/body/currency"),
    (DATA, put("/body/currency", "eur"), "/body/currency"),
    (DATA, put("/body/currency", "EUR\n"), "/body/currency"),
    (DATA, put("/body/due", "2026-13-01"), "/body/due"),
    (DATA, put("/body/due", "2026-01-32"), "/body/due"),
    (DATA, put("/body/issued", "2026-1-1"), "/body/issued"),
    (DATA, put("/body/issued", "\uff12026-01-01"), "/body/issued"),
    (DATA, put("/body/type_code", "3800"), "/body/type_code"),
    (DATA, put("/body/seller", bytes(31)), "/body/seller"),
    (DATA, put("/body/document/file", bytes(31)), "/body/document/file"),
    (DATA, put("/body/document/terms", bytes(31)), "/body/document/terms"),
    (DATA, put("/body/document/terms", {"count": 4, "root": bytes(32)}), "/body/document/terms"),
    (DATA, put("/body/minor_digits", -1), "/body/minor_digits"),
    (DATA, put("/body/minor_digits", 5), "/body/minor_digits"),
    (DATA, put("/body/tags", [{"epoch": 1, "value": bytes(32)}] * 3), "/body/tags"),
    (DATA, put("/body/tags/0/epoch", -1), "/body/tags/0/epoch"),
    (DATA, put("/body/tags/0/epoch", 2**32), "/body/tags/0/epoch"),
    (DATA, put("/body/tags/0/value", bytes(31)), "/body/tags/0/value"),
    (PAYMENT, put("/body/uetr", "00000000-0000-1000-8000-000000000001"), "/body/uetr"),
    (PAYMENT, put("/body/uetr", "00000000-0000-4000-8000-00000000000A"), "/body/uetr"),
    (PAYMENT, put("/body/uetr", "00000000-0000-4000-c000-000000000001"), "/body/uetr"),
    (PAYMENT, put("/body/payer_bank", "Bank"), "/body/payer_bank"),
    (PAYMENT, put("/body/payer_bank", "-bank"), "/body/payer_bank"),
    (PAYMENT, put("/body/payer_bank", "b" * 33), "/body/payer_bank"),
    (PAYMENT, put("/body/allocations", []), "/body/allocations"),
    (PAYMENT, put("/body/allocations/0/amount_minor", 0), "/body/allocations/0/amount_minor"),
    (CERTIFICATE, put("/body/lines", []), "/body/lines"),
    (CERTIFICATE, put("/body/lines/0/hs_code", "610"), "/body/lines/0/hs_code"),
    (CERTIFICATE, put("/body/lines/0/hs_code", "6109100000000"), "/body/lines/0/hs_code"),
    (CERTIFICATE, put("/body/lines/0/origin", "CHN"), "/body/lines/0/origin"),
    (CERTIFICATE, put("/body/lines/0/unit", "c62"), "/body/lines/0/unit"),
    (CERTIFICATE, put("/body/lines/0/quantity_micro", 0), "/body/lines/0/quantity_micro"),
    (CERTIFICATE, put("/body/issuer", ""), "/body/issuer"),
    (REFUSAL, put("/body/reasons/0", "price"), "/body/reasons/0"),
    (REFUSAL, put("/body/reasons/0", "A" * 17), "/body/reasons/0"),
    (REFUSAL, put("/body/reasons", ["A"] * (limits.REASONS + 1)), "/body/reasons"),
    (CONFIRMATION, put("/body/credited_minor", 0), "/body/credited_minor"),
    (CONFIRMATION, put("/body/charges/0/amount_minor", 0), "/body/charges/0/amount_minor"),
    (CONFIRMATION, put("/body/charges/0/agent", "HNSABEB"), "/body/charges/0/agent"),
    (CONFIRMATION, put("/body/charges/0/bearer", "OUR"), "/body/charges/0/bearer"),
    (RETURN, put("/body/reason", "AC4"), "/body/reason"),
]


@pytest.mark.parametrize(("data", "change", "pointer"), MALFORMED, ids=map(str, range(len(MALFORMED))))
def test_value_out_of_its_bounds_is_named(data: bytes, change: Change, pointer: str) -> None:
    """A record that is canonical and not of its type is refused, and the place is given as a JSON pointer."""
    with pytest.raises(Malformed) as caught:
        decode_record(changed(data, change))
    assert caught.value.pointer == pointer


def test_record_has_at_most_32_kib() -> None:
    """Limits come first: what is too large is not even decoded."""
    with pytest.raises(Malformed, match="32769 bytes; at most 32768 are allowed"):
        decode_record(b"\xc1" * (limits.RECORD_BYTES + 1))


def lodging(invoices: int, certificates: int) -> LodgeDeclaration:
    """A declaration that names many objects."""
    lines = tuple(
        DeclarationLine(
            certificate=CertificateUse(certificate=seed_of(f"certificate {number}"), line=1),
            hs_code="610910",
            origin="CN",
            quantity_micro=1,
            source=None,
            unit="C62",
        )
        for number in range(certificates)
    )
    named = tuple(seed_of(f"invoice {number}") for number in range(invoices))
    body = STORY.make.declaration(Regime.EXPORT)
    return replace(body, invoices=named, lines=lines)


def test_record_names_at_most_64_objects() -> None:
    """A body that names more than `limits.REFS` objects is refused, though each of its lists is short enough."""
    fits = encode_record(sign(lodging(32, 31), "seller").record)
    assert len(decode_record(fits).refs) == limits.REFS
    plain = unpack(fits)
    more = lodging(32, 32)
    plain["body"] = unpack(encode(more))
    plain["refs"] = list(references(more))
    with pytest.raises(Malformed, match="65 refs; at most 64 are allowed"):
        decode_record(pack(plain))


def test_largest_records_fit() -> None:
    """A record with every list as long as it may be stays within 32 KiB, and its entry within 65,535 bytes."""
    certified = CertificateLine(hs_code="6" * 12, origin="CN", quantity_micro=10**18, unit="C62")
    certificate = replace(STORY.make.certificate(), lines=(certified,) * limits.LINES)
    declaration = lodging(32, 31)
    lines = tuple(
        replace(line, certificate=replace(line.certificate, line=limits.LINES), hs_code="6" * 12, quantity_micro=10**18)
        for line in declaration.lines
        if line.certificate
    )
    declaration = replace(declaration, lines=(lines * 7)[: limits.LINES])
    goods = LowValueGoods(amount_minor=10**15, currency="EUR", minor_digits=2, products=("9" * 35,) * limits.LINES)
    bare = tuple(replace(line, certificate=None) for line in declaration.lines)
    parcels = replace(declaration, lines=bare, low_value=goods, regime=Regime.LOW_VALUE_IMPORT)
    for body in (certificate, declaration, parcels):
        data = encode_record(sign(body, *(f"signer {number}" for number in range(limits.SIGNERS))).record)
        assert len(body.lines) == limits.LINES
        assert len(data) < limits.RECORD_BYTES
    assert limits.ENVELOPE_BYTES + 256 < limits.ENTRY_BYTES


def test_id_is_the_hash_of_the_bytes() -> None:
    """A record is named by SHA-256 of its bytes, an object by SHA-256 of that, the step's index and the part."""
    assert record_id(DATA) == sha256(DATA).digest()
    assert created_id(record_id(DATA)) == sha256(sha256(DATA).digest() + b"\0\0\0\0\0").digest()
    assert created_id(record_id(DATA), 258) == sha256(sha256(DATA).digest() + b"\0\0\1\2\0").digest()
    assert document_id(record_id(DATA), 258) == sha256(sha256(DATA).digest() + b"\0\0\1\2\1").digest()


def test_reading_gives_what_was_written() -> None:
    """A record comes back equal, with the body of its kind."""
    assert decode_record(DATA) == RECORD


def structs(module: object) -> list[type[msgspec.Struct]]:
    """List the Structs of a module."""
    values = [value for value in vars(module).values() if isinstance(value, type)]
    inner = {msgspec.Struct, part.Part, claims_map.ClaimProof, commitments.Term}  # these never travel
    return [
        value
        for value in values
        if issubclass(value, msgspec.Struct) and value not in inner and value.__name__[0] != "_"
    ]


BODIES = [import_module(f"hanse_ledger.kinds.{noun}.bodies") for noun in (*OBJECT_NAMED, "member", "evidence")]
STATES = [import_module(f"hanse_ledger.kinds.{noun}.state") for noun in OBJECT_NAMED]
WIRE = [record, part, *BODIES, envelope, entry, commitments, genesis, prooffile]


@pytest.mark.parametrize("module", [history, *STATES, *WIRE])
def test_fields_stand_in_byte_order(module: object) -> None:
    """Maps are written in the order of their Struct's fields: it must be that of the keys' bytes."""
    found = structs(module)
    assert found
    for kind in found:
        names = list(kind.__struct_encode_fields__)
        if not kind.__struct_config__.array_like and kind not in OBJECTS | {Delta, envelope.Signed}:
            assert names == sorted(names, key=str.encode), kind
        assert kind.__struct_config__.frozen, kind


OBJECTS = {each.state for each in OBJECT_NAMED.values()}


@pytest.mark.parametrize("kind", sorted(OBJECTS, key=str), ids=lambda kind: kind.__name__)
def test_aspects_stand_in_byte_order(kind: type[msgspec.Struct]) -> None:
    """An object's fields after its id and seed are its aspects, in the order of their names."""
    first, second, *aspects = kind.__struct_fields__
    assert (first, second) == ("id", "seed")
    assert aspects == sorted(aspects)


@pytest.mark.parametrize("module", WIRE)
def test_unknown_fields_are_refused(module: object) -> None:
    """No wire type takes a field, or an element, that it does not know."""
    for kind in structs(module):
        assert kind.__struct_config__.forbid_unknown_fields or kind is envelope.Signed, kind
