"""What a member's node tells another one of a sealed document that it has, and what that answers.

It tells whose readers it serves alone: of the readers of others nothing but which nodes may have the bytes too.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.values.types import Digest, MemberId
from hanse_ledger.wire.codec import decode_canonical, encode
from hanse_node.base.bounds import PAYLOAD_HOLDERS, PAYLOAD_OFFERS_GIVEN
from hanse_node.payloads.knownreaders import OPENINGS_BYTES

OFFER_BYTES = 4 * 1024
ANSWER_BYTES = 64
PAGE_BYTES = PAYLOAD_OFFERS_GIVEN * OFFER_BYTES + ANSWER_BYTES


class PayloadOffer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document for readers whom the node that is told serves.

    Attributes:
        digest: SHA-256 of its sealed bytes.
        holders: other members whose nodes may have it.
        readers: openings of its readers there, see `knownreaders.read_openings`.
    """

    digest: Digest
    holders: Annotated[tuple[MemberId, ...], Meta(max_length=PAYLOAD_HOLDERS)]
    readers: Annotated[bytes, Meta(max_length=OPENINGS_BYTES)]


class OfferTaken(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of an offer: `whole` says that the document is there, and need not be offered again."""

    whole: bool


class OffersGiven(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a node has for readers of the member whose node asks: a page of it, in order of the hashes.

    Attributes:
        following: the hash behind which the next page begins; nil after the last one.
        offers: of each document, as if it were offered.
    """

    following: Digest | None
    offers: Annotated[tuple[PayloadOffer, ...], Meta(max_length=PAYLOAD_OFFERS_GIVEN)]


_offers = msgspec.msgpack.Decoder(PayloadOffer)
_answers = msgspec.msgpack.Decoder(OfferTaken)
_pages = msgspec.msgpack.Decoder(OffersGiven)


def write_offer(offer: PayloadOffer) -> bytes:
    """Write an offer."""
    return encode(offer)


def read_offer(data: bytes) -> PayloadOffer:
    """Read an offer. Raises Malformed."""
    return decode_canonical(data, _offers, "an offer")


def write_taken(answer: OfferTaken) -> bytes:
    """Write an answer."""
    return encode(answer)


def read_taken(data: bytes) -> OfferTaken:
    """Read an answer. Raises Malformed."""
    return decode_canonical(data, _answers, "an answer")


def write_given(page: OffersGiven) -> bytes:
    """Write a page of offers."""
    return encode(page)


def read_given(data: bytes) -> OffersGiven:
    """Read a page of offers. Raises Malformed."""
    return decode_canonical(data, _pages, "a page of offers")
