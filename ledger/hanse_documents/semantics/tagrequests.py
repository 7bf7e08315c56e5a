"""What is asked of a member's node for the tags of an invoice, and what it answers. See docs/formats/tags.md."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_documents.semantics.tags import tag_text
from hanse_ledger.kinds.invoice.bodies import Tag
from hanse_ledger.records.envelope import pre_authentication
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.jsonform import decode_json, encode_json
from hanse_ledger.values.keys import verify_signature
from hanse_ledger.values.types import Currency, Day, Digest, LedgerId, MinorDigits, Moment, ObjectId, Payable, PublicKey
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import commit_terms

MEDIA_TYPE = "application/vnd.hanse.tag-request+json"
REQUEST_BYTES = 32 * 1024
MOST_NUMBER = 256
MOST_TERMS, MOST_TERM = 64, 1_024


class IdentityPart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who a party is: its legal identity, and the seed that opens the commitment of its enrolment."""

    party: ObjectId
    seed: Annotated[bytes, Meta(min_length=32, max_length=32)]
    terms: Annotated[
        dict[Annotated[str, Meta(max_length=MOST_TERMS)], Annotated[str, Meta(max_length=MOST_TERM)]],
        Meta(min_length=1, max_length=MOST_TERMS),
    ]

    def opens(self, identity: Digest) -> bool:
        """Tell whether this is the identity to which an enrolment commits."""
        try:
            return commit_terms(CommittedKind.IDENTITY, self.terms, self.seed) == identity
        except Malformed:
            return False


class TagRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The facts of an invoice.

    Attributes:
        buyer: who its buyer is.
        created: when this was asked; a node answers what is at most five minutes old.
        currency: BT-5.
        issued: BT-2.
        ledger: the ledger's id.
        minor_digits: of `payable_minor`.
        number: BT-1.
        payable_minor: BT-115.
        seller: who its seller is.
    """

    buyer: IdentityPart
    created: Moment
    currency: Currency
    issued: Day
    ledger: LedgerId
    minor_digits: MinorDigits
    number: Annotated[str, Meta(min_length=1, max_length=MOST_NUMBER)]
    payable_minor: Payable
    seller: IdentityPart

    @property
    def exponent(self) -> int:
        """What a document calls it."""
        return self.minor_digits

    def text(self) -> bytes:
        """Write what the tag is made over. Raises DocumentError as `tag_text` does."""
        return tag_text(self, self.seller.terms, self.buyer.terms)

    def message(self) -> bytes:
        """Build the bytes that whoever asks signs."""
        return pre_authentication(encode_json(self), MEDIA_TYPE)


class SignedTagRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request as it is sent: with the key of whoever asks, and its signature over `message`."""

    key: PublicKey
    request: TagRequest
    signature: Annotated[bytes, Meta(min_length=64, max_length=64)]

    def verify(self) -> None:
        """Verify the signature. Raises ProofInvalid."""
        verify_signature(self.key, self.request.message(), self.signature)


class TagsAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The tags of an invoice: one for each epoch in use, the older one first."""

    tags: Annotated[tuple[Tag, ...], Meta(min_length=1, max_length=limits.TAGS)]


_request_decoder = msgspec.json.Decoder(SignedTagRequest)
_answer_decoder = msgspec.json.Decoder(TagsAnswer)


def read_request(data: bytes) -> SignedTagRequest:
    """Read a request. Raises Malformed."""
    return decode_json(data, _request_decoder, what="request", most=REQUEST_BYTES)


def read_tags(data: bytes) -> TagsAnswer:
    """Read an answer. Raises Malformed."""
    return decode_json(data, _answer_decoder, what="tags", most=REQUEST_BYTES)
