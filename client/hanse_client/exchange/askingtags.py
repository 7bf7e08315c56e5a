"""The tags of an invoice: made with the members' keys, or by a node of a member that has them.

The node is asked with the asker's signature.
"""

from collections.abc import Sequence
from pathlib import Path

from hanse_client.base.clock import now_ms
from hanse_client.base.errors import BadAnswer, InvalidInput, NotFound, Refused
from hanse_client.base.files import read_source, read_typed
from hanse_client.exchange.identifying import identified
from hanse_client.exchange.session import Session
from hanse_client.home.identities import ShownIdentity
from hanse_client.home.tagkeys import make_tag
from hanse_documents.model.documents import InvoiceDocument
from hanse_documents.semantics.epochkeys import EpochKey
from hanse_documents.semantics.tagrequests import (
    MEDIA_TYPE,
    REQUEST_BYTES,
    IdentityPart,
    SignedTagRequest,
    TagRequest,
    read_tags,
)
from hanse_documents.semantics.tags import Tagged
from hanse_ledger.kinds.invoice.bodies import Tag
from hanse_ledger.kinds.invoice.state import InvoiceLinks
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.jsonform import encode_json

NOT_OFFERED = {"method-not-allowed", "not-tagged-here", "tag-key-differs", "tag-key-missing"}
"""The node makes no tags, or none for whoever asks."""


async def tags_of(
    session: Session,
    file: Path | str | bytes,
    *,
    seller: bytes,
    buyer: bytes,
    keys: Sequence[EpochKey],
    parties: InvoiceLinks | None = None,
) -> tuple[Tag, ...]:
    """Make the tags of a file, see `client.invoices.tags`; `parties` are those that its seller and buyer must be."""
    document, _ = read_typed(*read_source(file), InvoiceDocument)
    sells, buys = await identified(session, seller), await identified(session, buyer)
    if parties is not None and (sells.party, buys.party) != (parties.seller, parties.buyer):
        raise InvalidInput("The identities are not those of the invoice's seller and buyer.", "Look at the invoice.")
    if not keys:
        return await ask_tags(session, document, sells, buys)
    ordered = sorted(keys, key=lambda key: key.epoch)
    return tuple(make_tag(key, document, sells.terms, buys.terms) for key in ordered)


async def ask_tags(session: Session, document: Tagged, seller: ShownIdentity, buyer: ShownIdentity) -> tuple[Tag, ...]:
    """Have the node make the tags of an invoice between two identities that have been verified.

    Nobody can check them who has not the members' key: a bank makes them again, and compares.

    Raises:
        Refused: the node makes none, or none for whoever asks.
        NodeUnreachable, BadAnswer: as `submit`.
    """
    identity, trust = session.need_identity(), await session.trust()
    request = TagRequest(
        buyer=_part(buyer),
        created=now_ms(),
        currency=document.currency,
        issued=document.issued,
        ledger=trust.ledger,
        minor_digits=document.exponent,
        number=document.number,
        payable_minor=document.payable_minor,
        seller=_part(seller),
    )
    signed = SignedTagRequest(key=identity.public_key, request=request, signature=identity.sign(request.message()))
    data = await session.transport.post("/v1/tags", encode_json(signed), content_type=MEDIA_TYPE, most=REQUEST_BYTES)
    try:
        tags = read_tags(data).tags
    except Malformed as error:
        raise BadAnswer(f"The node's tags cannot be read: {error}.") from error
    epochs = [tag.epoch for tag in tags]
    if epochs != sorted(set(epochs)):
        raise BadAnswer("The node's tags are not one for each epoch.")
    return tags


def not_offered(error: Refused) -> bool:
    """Tell whether a node that refuses makes no tags at all, or none for whoever asks."""
    return isinstance(error, NotFound) or error.code in NOT_OFFERED


def _part(identity: ShownIdentity) -> IdentityPart:
    return IdentityPart(party=identity.party, seed=identity.seed, terms=dict(sorted(identity.terms.items())))
