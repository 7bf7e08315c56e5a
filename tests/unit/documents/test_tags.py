"""Tags: the same for one invoice however it is printed, another for every other, and reckoned by hand once."""

import hashlib
import hmac

import pytest
from msgspec.structs import replace
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from hanse_client.base.files import read_typed
from hanse_documents.model.documents import InvoiceDocument
from hanse_documents.model.errors import DocumentError
from hanse_documents.samples import sample
from hanse_documents.semantics.epochkeys import EpochKey, box_key, open_as_node, open_sealed, verify_key
from hanse_documents.semantics.tags import folded, legal_number, tag_text, tag_value
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.wire.tagkeys import SEALED_BYTES, TagKey

INVOICE, _ = read_typed(sample("invoice.xml"), "invoice.xml", InvoiceDocument)
SELLER = {"name": "Qingwan Kiln Studio", "register": "91330106", "country": "CN"}
BUYER = {"name": "Scheldt", "vat": "BE 0403.019.261", "eori": "BE0403019261"}


def test_a_tag_is_made_over_seven_lines() -> None:
    """As docs/formats/tags.md says, and HMAC-SHA-256 of them under the key."""
    text = "hanse.tag/1\nregister:CN:91330106\nvat:BE0403019261\nQW20260917\n2026-09-17\nEUR\n5150"
    assert tag_text(INVOICE, SELLER, BUYER) == text.encode()
    key = bytes(range(32))
    assert tag_value(key, text.encode()) == hmac.new(key, text.encode(), hashlib.sha256).digest()


@pytest.mark.parametrize(
    "number",
    ["qw-2026-0917", "QW 2026/0917", "\uff31\uff37\uff12\uff10\uff12\uff16\uff10\uff19\uff11\uff17", "QW.2026.0917"],
)
def test_what_is_printed_otherwise_is_the_same(number: str) -> None:
    """Small letters, blanks, signs and wide letters make no other invoice."""
    assert tag_text(replace(INVOICE, number=number), SELLER, BUYER) == tag_text(INVOICE, SELLER, BUYER)


@pytest.mark.parametrize(
    "change",
    [{"number": "QW-2026-0918"}, {"issued": "2026-09-18"}, {"currency": "USD"}, {"payable_minor": 515_001}],
)
def test_another_invoice_has_another_tag(change: dict[str, object]) -> None:
    """Each field counts."""
    assert tag_text(replace(INVOICE, **change), SELLER, BUYER) != tag_text(INVOICE, SELLER, BUYER)


def test_an_amount_is_the_same_in_any_minor_unit() -> None:
    """5150.00 and 5150.000 are one sum; nothing is nothing."""
    thousandths = replace(INVOICE, payable_minor=5_150_000, exponent=3)
    assert tag_text(thousandths, SELLER, BUYER) == tag_text(INVOICE, SELLER, BUYER)
    assert tag_text(replace(INVOICE, payable_minor=0), SELLER, BUYER).endswith(b"\n0")
    assert tag_text(replace(INVOICE, payable_minor=100, exponent=0), SELLER, BUYER).endswith(b"\n100")


def test_a_party_is_named_by_its_first_number() -> None:
    """LEI before VAT before EORI before the register, which needs its country; a name is none."""
    assert legal_number({**BUYER, "lei": "529900T8BM49AURSDO55"}) == "lei:529900T8BM49AURSDO55"
    assert legal_number({"eori": "BE 1", "register": "1", "country": "BE"}) == "eori:BE1"
    for identity in ({"name": "Qingwan"}, {"register": "1"}, {"vat": "--"}, {"country": "CN"}):
        with pytest.raises(DocumentError):
            legal_number(identity)
    assert folded("a-é ß") == "AÉSS"


def test_a_number_of_signs_is_none() -> None:
    """Nothing is left of it to compare."""
    with pytest.raises(DocumentError):
        tag_text(replace(INVOICE, number="--"), SELLER, BUYER)


def stated(key: EpochKey) -> TagKey:
    """State a key that is sealed to nobody."""
    return TagKey(commitment=key.commitment, epoch=key.epoch, sealed=())


def test_a_commitment_is_over_form_epoch_and_key() -> None:
    """As docs/formats/tags.md says: the same key of another epoch is another one."""
    key = EpochKey(epoch=2, key=bytes(range(32)))
    assert key.commitment == hashlib.sha256(b"hanse.tag-key/1\n\x00\x00\x00\x02" + key.key).digest()
    with pytest.raises(ProofInvalid, match="not the one for which"):
        verify_key(stated(key), replace(key, epoch=3))


def test_a_key_is_opened_by_whom_it_is_sealed_to() -> None:
    """A node opens with its cosigning key, an office with its encryption key; nobody else does."""
    key, node, office = (
        EpochKey(epoch=2, key=bytes(range(32))),
        SigningKey(bytes([1]) * 32),
        PrivateKey(bytes([2]) * 32),
    )
    to_node = key.seal(box_key(bytes(node.verify_key)))
    assert len(to_node) == SEALED_BYTES
    assert open_as_node(stated(key), to_node, node) == key
    assert open_sealed(stated(key), key.seal(bytes(office.public_key)), bytes(office)) == key
    with pytest.raises(ProofInvalid, match="another key than this one"):
        open_as_node(stated(key), to_node, SigningKey(bytes([3]) * 32))
    with pytest.raises(ProofInvalid, match="not the one for which"):
        open_as_node(stated(replace(key, key=bytes(32))), to_node, node)


def test_nothing_is_sealed_to_what_is_no_key() -> None:
    """A point of small order has no secret half."""
    with pytest.raises(Malformed, match="nothing can be sealed"):
        box_key(bytes([1]) + bytes(31))
