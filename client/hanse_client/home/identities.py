"""A party's legal identity, shown to whom it trades with. Format `hanse.identity/1`, JSON.

The ledger has a salted commitment to it, in the record that enrolled the party; this opens that. Whoever gets the file
knows who the party is, and can show it to others.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_client.base.errors import InvalidInput
from hanse_client.base.releases import wrong_release
from hanse_client.home.openings import Secret
from hanse_ledger.kinds.party.bodies import EnrolParty
from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE, Malformed, OtherRelease
from hanse_ledger.values.jsonform import need_release
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import commit_terms

FORMAT = "hanse.identity/1"


class ShownIdentity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who a party is, with what opens the commitment of its enrolment."""

    format: str = msgspec.field(name="@type", default=FORMAT)
    party: ObjectId
    seed: Secret
    terms: Annotated[dict[str, str], Meta(min_length=1, max_length=64)]

    @classmethod
    def from_json(cls, data: bytes) -> "ShownIdentity":
        """Read a shown identity. Whether the party is enrolled as it says `opens` tells. Raises InvalidInput."""
        if len(data) > limits.OPENING_BYTES:
            raise InvalidInput(f"The identity has more than {limits.OPENING_BYTES} bytes.", "Check the file.")
        try:
            need_release(data, FORMAT, what="identity")
            return _decoder.decode(data)
        except OtherRelease as error:
            raise wrong_release("The identity", error) from error
        except UNREADABLE as error:
            raise InvalidInput(
                f"The file shows no identity: {error}.", "Get it from the party: hanse party show ID --opening FILE."
            ) from error

    def to_json(self) -> bytes:
        """Write the file."""
        return msgspec.json.encode(self)

    def opens(self, enrolment: EnrolParty) -> bool:
        """Tell whether this is the identity to which an enrolment commits."""
        try:
            return commit_terms(CommittedKind.IDENTITY, self.terms, self.seed) == enrolment.identity
        except Malformed:
            return False


_decoder = msgspec.json.Decoder(ShownIdentity)
