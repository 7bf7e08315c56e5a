"""What a party hands to the member that shall enrol it: the record, and for that member alone who the party is.

The record holds a salted commitment to the legal identity. Its opening travels beside it, so that the member sees whom
it vouches for; whoever else gets the file sees it too. Format `hanse.enrolment-request/1`, JSON.
"""

import base64
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_client.base.errors import InvalidInput
from hanse_client.base.releases import wrong_release
from hanse_client.home.drafts import DRAFT_BYTES, Draft
from hanse_client.home.openings import Opening, Secret
from hanse_ledger.kinds.party.bodies import EnrolParty
from hanse_ledger.values.errors import UNREADABLE, OtherRelease
from hanse_ledger.values.jsonform import need_release
from hanse_ledger.wire.catalogue import CommittedKind

FORMAT = "hanse.enrolment-request/1"
REQUEST_BYTES = 4 * DRAFT_BYTES

Terms = Annotated[dict[str, str], Meta(min_length=1, max_length=64)]


class _Shown(Struct, frozen=True, forbid_unknown_fields=True):
    seed: Secret
    terms: Terms


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: str = msgspec.field(name="@type")
    draft: msgspec.Raw
    identity: _Shown


_decoder = msgspec.json.Decoder(_File)


class EnrolmentRequest(Struct, frozen=True):
    """An enrolment that its party has signed, and the identity to which it commits."""

    draft: Draft
    terms: dict[str, str]
    seed: bytes

    @property
    def body(self) -> EnrolParty:
        """What the member is asked to sign."""
        assert isinstance(self.draft.record.body, EnrolParty), "read and made as one"
        return self.draft.record.body

    def to_json(self) -> bytes:
        """Write the file. It shows the identity: hand it to that member alone."""
        shown = {"seed": base64.b64encode(self.seed).decode(), "terms": self.terms}
        document = {"@type": FORMAT, "draft": msgspec.Raw(self.draft.to_json()), "identity": shown}
        return msgspec.json.encode(document)

    @classmethod
    def from_json(cls, data: bytes) -> "EnrolmentRequest":
        """Read a request: its signatures are verified, and that the identity shown is the one signed for.

        Raises:
            WrongRelease: it is of another release.
            InvalidInput: it is none, does not show whom it is about, or shows another identity than it commits to.
        """
        if len(data) > REQUEST_BYTES:
            raise InvalidInput(f"The request has more than {REQUEST_BYTES} bytes.", "Check that it is the right file.")
        try:
            need_release(data, FORMAT, what="request")
            file = _decoder.decode(data)
        except OtherRelease as error:
            raise wrong_release("The request", error) from error
        except UNREADABLE as error:
            # A record alone may be a request all the same, of another kind or of an older release.
            draft = Draft.from_json(data)
            if isinstance(draft.record.body, EnrolParty):
                raise InvalidInput(
                    "The request does not show whom it is about.",
                    "Nothing was signed. Have the party make it again: hanse party request.",
                ) from error
            raise InvalidInput(f"This is no enrolment, but {draft.record.kind}.", "Nothing was signed.") from error
        if file.format != FORMAT:
            raise InvalidInput(f"The request's format is not {FORMAT}.", "Have it made with this release.")
        draft = Draft.from_json(bytes(file.draft))
        if not isinstance(draft.record.body, EnrolParty):
            raise InvalidInput(f"This is no enrolment, but {draft.record.kind}.", "Nothing was signed.")
        request = cls(draft, dict(file.identity.terms), file.identity.seed)
        opening = Opening(
            discoverable=False,
            file_digest=None,
            kind=CommittedKind.IDENTITY,
            name="identity",
            seed=request.seed,
            terms=request.terms,
        )
        if opening.terms_root() != draft.record.body.identity:
            raise InvalidInput(
                "The identity that the request shows is not the one to which it commits.",
                "Nothing was signed. Do not enrol this party; ask it for a request of its own making.",
            )
        return request


def is_enrolment(data: bytes) -> bool:
    """Tell whether a file begins as an enrolment request does."""
    return data.startswith(b'{"@type":"hanse.enrolment-request/')
