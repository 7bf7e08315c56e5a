"""How the records of a proof file hang together, before a signature is verified or a rule asked."""

from collections.abc import Collection, Iterable, Mapping

from hanse_ledger.kinds import kind_of, own_objects, steps_of
from hanse_ledger.kinds.bundle.bodies import TakeSteps
from hanse_ledger.kinds.certificate.bodies import AnswerCertificate, ReplaceCertificate
from hanse_ledger.kinds.consignment.bodies import AddToConsignment
from hanse_ledger.kinds.consignment.putting import folder_named
from hanse_ledger.kinds.declaration.bodies import (
    AnswerDeclaration,
    CorrectDeclaration,
    LapseDeclaration,
    LodgeDeclaration,
    RefuseDeclaration,
    Regime,
    ReleaseDeclaration,
    WithdrawDeclaration,
)
from hanse_ledger.kinds.document.bodies import (
    EraseDocument,
    GrantDocument,
    HoldDocument,
    ReceiveDocument,
    UnholdDocument,
)
from hanse_ledger.kinds.invoice.bodies import AcceptInvoice, RetagInvoice
from hanse_ledger.kinds.mandate.bodies import GrantMandate, RevokeMandate
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.party.bodies import MoveParty, RepairKey, RevokeKey, RotateKey, TakeKey
from hanse_ledger.kinds.payment.bodies import ConfirmPayment, InstructPayment
from hanse_ledger.kinds.pledge.bodies import AssignPledge, CreatePledge, PayOutPledge, ReleasePledge
from hanse_ledger.kinds.title.bodies import AmendTitle, ConvertTitle, RejectTitle, SurrenderTitle, TransferTitle
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import MemberId, ObjectId, PublicKey, RecordId
from hanse_ledger.wire.endings import Endings
from hanse_ledger.wire.part import Body

_AS_IT_STOOD = (
    *(AcceptInvoice, AnswerCertificate, ReplaceCertificate),
    *(AssignPledge, PayOutPledge, ReleasePledge),
    *(AnswerDeclaration, CorrectDeclaration, LapseDeclaration),
    *(RefuseDeclaration, ReleaseDeclaration, WithdrawDeclaration),
    *(GrantDocument, HoldDocument, ReceiveDocument, UnholdDocument),
    *(TransferTitle, RejectTitle, SurrenderTitle, AmendTitle, ConvertTitle),
)
"""Whose rules ask how the very object stood that they are about."""


def rests_on(signed: Signed) -> tuple[ObjectId, ...]:
    """Name what the rules ask how it stood, of what a record names: all its own records until then are shown.

    Of a bundle that is all that it names. Its steps touch each other's objects, whose histories have nothing else of
    what a step is about: that a payment was confirmed is not in the history of a title.
    """
    return signed.record.refs if isinstance(signed.record.body, TakeSteps) else _rests_on(signed.record.body)


def _rests_on(body: Body) -> tuple[ObjectId, ...]:
    """Name it of a record of one step.

    A payment is confirmed once what it waited for has come, and goes to the bank that has the pledge then; what a buyer
    accepts, and a bank takes in pledge, is what credit notes have left; goods are declared under what an application
    has become; tags are compared with those before; what of a declaration is decided is what was left of it; what is
    answered is what was asked; a pledge is its bank's, and a title its holder's; who writes into a consignment was
    named before, whether it puts in what it makes or what stands already, in which it has a part. All other rules are
    no stricter where they know the beginnings alone.
    """
    named: tuple[ObjectId | None, ...] = ()
    if isinstance(body, EraseDocument):
        named = (body.document, *body.declarations)
    elif isinstance(body, RetagInvoice):
        named = (body.invoice, body.pledge)
    elif isinstance(body, _AS_IT_STOOD):
        named = (kind_of(body).about(body),)
    elif isinstance(body, ConfirmPayment):
        named = body.conditions
    elif isinstance(body, InstructPayment):
        named = tuple(share.pledge for share in body.allocations)
    elif isinstance(body, CreatePledge):
        named = (body.invoice,)
    elif isinstance(body, AddToConsignment):
        named = (body.consignment, body.item)
    elif isinstance(body, LodgeDeclaration):
        certificates = tuple(line.certificate.certificate for line in body.lines if line.certificate)
        named = (*certificates, *(line.source.declaration for line in body.lines if line.source))
    return tuple(name for name in (*named, folder_named(body)) if name is not None)


def settings_asked(body: Body) -> tuple[MemberId, ...]:
    """Name the members whose offices rules ask for, sorted: their acts are shown around the record.

    A low-value import is worth no more than the office addressed had set when it was lodged; a document that an office
    holds, or signs for, was sealed to that office.
    """
    bodies = tuple(step.body for step in body.steps) if isinstance(body, TakeSteps) else (body,)
    asked = {_office_asked(each) for each in bodies}
    return tuple(sorted(member for member in asked if member is not None))


def _office_asked(body: Body) -> MemberId | None:
    if isinstance(body, LodgeDeclaration):
        return body.customs if body.regime is Regime.LOW_VALUE_IMPORT else None
    if isinstance(body, HoldDocument):
        return body.office
    return body.reader_member if isinstance(body, ReceiveDocument) else None


class Relations:
    """Which record creates what, whose keys it introduces, and whose own record it is; all by positions."""

    def __init__(self, records: Mapping[int, Signed]) -> None:
        """Read the records, in order of their positions.

        Raises:
            ProofInvalid: one stands in the file twice, or two introduce the same key.
        """
        self.records = records
        self.positions: dict[RecordId, int] = {}
        self.created: dict[ObjectId, int] = {}
        self.introduced: dict[PublicKey, tuple[ObjectId, int]] = {}
        self.own: dict[ObjectId, list[int]] = {}
        self.rotations: dict[ObjectId, list[int]] = {}
        self.repairs: dict[ObjectId, list[int]] = {}
        self.moves: dict[ObjectId, list[int]] = {}
        self.mandates: dict[ObjectId, int] = {}
        for position, signed in records.items():
            if signed.id in self.positions:
                raise ProofInvalid(
                    said("proof.record-twice", "the record at position {position} stands in the file twice", position)
                )
            self.positions[signed.id] = position
            self._relate(position, signed)

    def needed(self, begun: Iterable[int], later: Collection[int] = ()) -> set[int]:
        """Follow what records need: who is named, who signed, by which rotations, and with which member a party was.

        Args:
            begun: the positions of records that are shown for their own sake.
            later: those among them that stand after a way mark: of what they name, its own records until then, too.

        Raises:
            ProofInvalid: one of them, or the beginning of something that is named, is not in the file.
        """
        positions: set[int] = set()
        waiting = [*begun]
        while waiting:
            position = waiting.pop()
            if position in positions:
                continue
            if position not in self.records:
                raise ProofInvalid(
                    said("proof.record-missing", "the record at position {position} is not in the file", position)
                )
            positions.add(position)
            waiting.extend(self._before(position, after_mark=position in later))
        return positions

    def holders(self, position: int) -> set[ObjectId]:
        """Name the parties whose keys sign a record, as far as the file introduces them."""
        signers = self.records[position].record.signers
        return {self.introduced[key][0] for key in signers if key in self.introduced}

    def ending(self, key: PublicKey, ended: Endings) -> tuple[int, ...]:
        """Find the records that ended a key, by the ids that its claim gives.

        Raises:
            ProofInvalid: one is not in the file, or is of another key.
        """
        positions = []
        for name in (ended.rotation, ended.revocation):
            if name is None:
                continue
            position = self.positions.get(name)
            if position is None:
                raise ProofInvalid(
                    said(
                        "proof.ending-missing",
                        "a key was ended by the record {record}, which is not in the file",
                        name.hex(),
                    )
                )
            if not self._ends(position, key, replaced=name == ended.rotation):
                raise ProofInvalid(
                    said(
                        "proof.ending-of-other",
                        "the record at position {position} did not end the key that its claim is about",
                        position,
                    )
                )
            positions.append(position)
        return tuple(positions)

    def _ends(self, position: int, key: PublicKey, *, replaced: bool) -> bool:
        """Tell whether a record replaces a key, or revokes it. A lost key is replaced without its signature."""
        record = self.records[position].record
        body = record.body
        if replaced and isinstance(body, TakeKey):
            return self.introduced[key][0] == body.party and body.new_key != key
        if replaced:
            return isinstance(body, RotateKey) and key in record.signers
        return isinstance(body, RevokeKey) and body.key == key

    def mandate_ending(self, mandate: ObjectId, ended: RecordId | None) -> int | None:
        """Find the record that ended a mandate, by the id that its claim gives; nil where it has not ended.

        Raises:
            ProofInvalid: it is not in the file, or is no revocation of this mandate.
        """
        if ended is None:
            return None
        position = self.positions.get(ended)
        body = None if position is None else self.records[position].record.body
        if not isinstance(body, RevokeMandate) or body.mandate != mandate:
            raise ProofInvalid(
                said(
                    "proof.mandate-ending",
                    "a mandate was ended by the record {record}, which is not in the file, or did not end it",
                    ended.hex(),
                )
            )
        return position

    def check_mandates(self, ended: Mapping[ObjectId, int]) -> None:
        """Insist that nothing is signed under a mandate after the record that ended it.

        Args:
            ended: the position of that record, of those that have ended.

        Raises:
            ProofInvalid: something is, by position.
        """
        for position, signed in self.records.items():
            for name in signed.record.mandates:
                if position > ended.get(name, position):
                    raise ProofInvalid(
                        said(
                            "proof.mandate-ended",
                            "the record at position {position} is signed under a mandate that the record at position "
                            "{ended} had ended",
                            position,
                            ended[name],
                        )
                    )

    def check_keys(self, ended: Mapping[PublicKey, int]) -> None:
        """Insist that no party's key signs before the record that introduces it, or after one that ended it.

        Args:
            ended: the position of the first record that ended a key.

        Raises:
            ProofInvalid: one does, by position.
        """
        for position, signed in self.records.items():
            for key in signed.record.signers:
                begun = self.introduced[key][1] if key in self.introduced else position
                if position < begun:
                    raise ProofInvalid(
                        said(
                            "proof.key-too-early",
                            "the record at position {position} is signed by a key that the record at position "
                            "{introduced} only then introduces",
                            position,
                            begun,
                        )
                    )
                if position > ended.get(key, position):
                    raise ProofInvalid(
                        said(
                            "proof.key-ended",
                            "the record at position {position} is signed by a key that the record at position {ended} "
                            "had ended",
                            position,
                            ended[key],
                        )
                    )

    def _relate(self, position: int, signed: Signed) -> None:
        body, kind = signed.record.body, kind_of(signed.record.body)
        created = created_id(signed.id)
        about = kind.about(body) or created
        for step in steps_of(body, signed.id):
            self.created[step.creates] = self.created[step.document] = position
        for name in own_objects(body, signed.id) or (created,):
            self.own.setdefault(name, []).append(position)
        if isinstance(body, RepairKey):
            self.repairs.setdefault(body.party, []).append(position)
        if isinstance(body, RotateKey | TakeKey):
            self.rotations.setdefault(body.party, []).append(position)
        if isinstance(body, GrantMandate):
            self.mandates[created] = position
        if isinstance(body, MoveParty):
            self.moves.setdefault(body.party, []).append(position)
        key = kind.introduces(body)
        if key is not None:
            if key in self.introduced:
                raise ProofInvalid(
                    said(
                        "proof.key-twice",
                        "the record at position {position} introduces a key that another one does",
                        position,
                    )
                )
            self.introduced[key] = (about, position)

    def _before(self, position: int, *, after_mark: bool) -> list[int]:
        record, holders = self.records[position].record, self.holders(position)
        named = (*record.refs, *record.mandates)
        try:
            positions = [self.created[name] for name in (*named, *holders)]
        except KeyError as error:
            missing = error.args[0].hex()
            raise ProofInvalid(
                said(
                    "proof.creation-missing",
                    "the record at position {position} names {named}, and the record that creates it is not in the "
                    "file",
                    position,
                    missing,
                )
            ) from error
        body = record.body
        rested = named if after_mark else rests_on(self.records[position])
        positions += [at for name in rested for at in self.own[name] if at < position]
        for name in holders & self.rotations.keys():
            positions += [at for at in self.rotations[name] if at < position]
        if isinstance(body, TakeKey):
            # It takes the place that the last repair has given it.
            positions += [at for at in self.repairs.get(body.party, ()) if at < position][-1:]
        if isinstance(body, RevokeKey | MoveParty | RepairKey):
            # Who may sign these depends on the member with which the party was.
            positions += [at for at in self.moves.get(body.party, ()) if at < position]
        return positions
