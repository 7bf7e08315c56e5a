"""Who a party is: an identity that it shows is compared with the record that enrolled it."""

from hanse_client.base.errors import InvalidInput
from hanse_client.exchange.reading import fetch_proof
from hanse_client.exchange.session import Session
from hanse_client.home.identities import ShownIdentity
from hanse_client.home.openings import Opening
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.party.bodies import EnrolParty
from hanse_ledger.proofs.prooffile import read_proof
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import open_decoded
from hanse_ledger.values.types import ObjectId, RecordId


async def identified(session: Session, identity: bytes) -> ShownIdentity:
    """Read an identity that a party has shown, and verify it against its enrolment. See `AsyncInvoices.tags`."""
    shown = ShownIdentity.from_json(identity)
    await enrolled_as(session, shown)
    return shown


async def enrolled_as(session: Session, shown: ShownIdentity) -> RecordId:
    """Give the record that enrolled a party, which commits to the identity that it shows. Raises InvalidInput."""
    proof = await fetch_proof(session, [shown.party], (), from_mark=True)
    record, enrolment = _enrolment(proof, shown.party)
    if not shown.opens(enrolment):
        raise InvalidInput(
            f"Party {shown.party.hex()} is not enrolled as the file says: its identity is another.",
            "Take nobody's word for it: ask the member with which the party is.",
        )
    return record


async def shown_identity(session: Session, party: ObjectId, opening: Opening) -> bytes:
    """Write one's own identity for others, once it is verified. See `AsyncParties.show_identity`."""
    data = ShownIdentity(party=party, seed=opening.seed, terms=opening.terms).to_json()
    await identified(session, data)
    return data


def own_identity(session: Session, party: ObjectId) -> ShownIdentity:
    """Give one's own identity, whose opening is in the home folder. Raises InvalidInput, SetupError."""
    opening = session.openings.find(party).opening
    return ShownIdentity(party=party, seed=opening.seed, terms=opening.terms)


def _enrolment(proof: bytes, party: ObjectId) -> tuple[RecordId, EnrolParty]:
    """Find the record that enrolled a party, in a verified proof about it. Raises InvalidInput where it is no party."""
    for part in read_proof(proof).records:
        entry = decode_entry(part.entry)
        if isinstance(entry, RecordEntry):
            signed = open_decoded(entry.payload)
            body = signed.record.body
            if created_id(signed.id) == party and isinstance(body, EnrolParty):
                return signed.id, body
    raise InvalidInput(f"{party.hex()} is no party.", "Check the file.")
