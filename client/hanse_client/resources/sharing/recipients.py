"""To which keys a document is sealed: each is proven from a record that its owner has signed, never a node's word.

A node that names another key gets nothing sealed to it: the key is read in the proven state of the party or the office,
and must stand in a proven record of its own, the newest that names one.
"""

from collections.abc import Sequence

from msgspec import Struct

from hanse_client.base.errors import BadAnswer, InvalidInput
from hanse_client.base.identifiers import Id, parse_id
from hanse_client.base.objects import ObjectView, OfficeView, PartyView
from hanse_client.base.wording import with_article
from hanse_client.exchange.listing import office_of
from hanse_client.exchange.reading import fetch_proof, show
from hanse_client.exchange.session import Session
from hanse_client.sealing.content import READERS
from hanse_ledger.kinds import steps_of
from hanse_ledger.kinds.bundle.steps import TakenStep
from hanse_ledger.kinds.office.bodies import OpenOffice, SetOffice
from hanse_ledger.kinds.party.bodies import EnrolParty, RotateKey, TakeKey
from hanse_ledger.proofs.prooffile import ProofFile, read_proof
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import open_decoded
from hanse_ledger.values.types import EncryptionKey, MemberId, ObjectId

ID_DIGITS = 64


class Recipient(Struct, frozen=True, kw_only=True):
    """Somebody to whom something can be sealed.

    Attributes:
        reader: the party, or the office.
        member: whose the office is, or with which the party is.
        key: to which it is sealed.
    """

    reader: ObjectId
    member: MemberId
    key: EncryptionKey


async def recipients_named(session: Session, readers: Sequence[Id]) -> list[Recipient]:
    """Find to whose keys a document is sealed, each once.

    Args:
        session: who sends; keys are proven by its node.
        readers: parties and offices by their ids, or members by their names for their offices.

    Raises:
        InvalidInput: there are none or too many.
        NotFound, BadAnswer: a key is not proven.
    """
    named = list[Recipient]()
    for reader in readers:
        found = await recipient_named(session, reader)
        if all(each.reader != found.reader for each in named):
            named.append(found)
    if not 0 < len(named) <= READERS:
        raise InvalidInput(f"A document is shared with 1 to {READERS} readers; these are {len(named)}.")
    return named


async def recipient_named(session: Session, reader: Id) -> Recipient:
    """Find to which key something is sealed for a party, for an office, or for the office of a member of that name.

    Raises:
        InvalidInput: it is neither.
        NotFound: there is none, as the node says.
        BadAnswer: no record of its owner's names the key that the node shows.
    """
    if isinstance(reader, str) and len(reader) != ID_DIGITS:
        return await recipient(session, (await office_of(session, reader)).id)
    return await recipient(session, parse_id(reader, "reader"))


async def recipient(session: Session, reader: ObjectId) -> Recipient:
    """Find to which key something is sealed for a party or an office. Raises as `recipient_named`."""
    present = _present(await show(session, reader, ObjectView))
    # A proof that begins at the newest way mark is short; one of a key that was replaced before it begins at the start.
    for from_mark in (True, False):
        proof = read_proof(await fetch_proof(session, [reader], (), from_mark=from_mark))
        if present.key == _stated(proof, reader):
            return present
    raise BadAnswer(
        f"No record that the owner of {reader.hex()} has signed names the encryption key that the node shows."
    )


def _present(view: ObjectView) -> Recipient:
    """Read the key in the proven state. Raises InvalidInput: it is no party and no office."""
    match view:
        case PartyView():
            return Recipient(reader=view.id, member=view.links.member, key=view.key.encryption_key)
        case OfficeView():
            return Recipient(reader=view.id, member=view.links.member, key=view.settings.encryption_key)
        case _:
            raise InvalidInput(
                f"{view.id.hex()} is neither a party nor an office, but {with_article(view.kind)}.",
                "Documents are sealed to parties and to offices.",
            )


def _stated(proof: ProofFile, reader: ObjectId) -> EncryptionKey | None:
    """Give the encryption key that the newest of the owner's records in a verified proof names."""
    stated = None
    for part in proof.records:  # in order of their positions
        entry = decode_entry(part.entry)
        assert isinstance(entry, RecordEntry), "a checked proof holds records"
        signed = open_decoded(entry.payload)
        for step in steps_of(signed.record.body, signed.id):
            stated = _named_by(step, reader) or stated
    return stated


def _named_by(step: TakenStep, reader: ObjectId) -> EncryptionKey | None:
    """Give the key that a record names for its own signer, where that is the reader."""
    match step.body:
        case EnrolParty(encryption_key=key) | OpenOffice(encryption_key=key) if step.creates == reader:
            return key
        case RotateKey(party=of, encryption_key=key) | TakeKey(party=of, encryption_key=key) if of == reader:
            return key
        case SetOffice(office=of, encryption_key=key) if of == reader:
            return key
    return None
