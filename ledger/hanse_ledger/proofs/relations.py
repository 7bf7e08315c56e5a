"""How the records of a proof file hang together, before a signature is verified or a rule asked."""

from collections.abc import Collection, Iterable, Mapping

from hanse_ledger.kinds import kind_of
from hanse_ledger.kinds.object import object_id
from hanse_ledger.kinds.party.bodies import MoveParty, RevokeKey, RotateKey
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.types import ObjectId, PublicKey, RecordId
from hanse_ledger.wire.endings import Endings


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
        self.moves: dict[ObjectId, list[int]] = {}
        for position, signed in records.items():
            if signed.id in self.positions:
                raise ProofInvalid(f"the record at position {position} stands in the file twice")
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
        found: set[int] = set()
        waiting = [*begun]
        while waiting:
            position = waiting.pop()
            if position in found:
                continue
            if position not in self.records:
                raise ProofInvalid(f"the record at position {position} is not in the file")
            found.add(position)
            waiting.extend(self._before(position, after_mark=position in later))
        return found

    def holders(self, position: int) -> set[ObjectId]:
        """Name the parties whose keys sign a record, as far as the file introduces them."""
        signers = self.records[position].record.signers
        return {self.introduced[key][0] for key in signers if key in self.introduced}

    def ending(self, key: PublicKey, ended: Endings) -> tuple[int, ...]:
        """Find the records that ended a key, by the ids that its claim gives.

        Raises:
            ProofInvalid: one is not in the file, or is of another key.
        """
        found = []
        for name, kind in ((ended.rotation, "key.rotate"), (ended.revocation, "key.revoke")):
            if name is None:
                continue
            position = self.positions.get(name)
            if position is None:
                raise ProofInvalid(f"a key was ended by the record {name.hex()}, which is not in the file")
            record = self.records[position].record
            named = key in record.signers if kind == "key.rotate" else getattr(record.body, "key", None) == key
            if record.kind != kind or not named:
                raise ProofInvalid(f"the record at position {position} did not end the key that its claim is about")
            found.append(position)
        return tuple(found)

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
                        f"the record at position {position} is signed by a key that the record at position {begun} "
                        "only then introduces"
                    )
                if position > ended.get(key, position):
                    raise ProofInvalid(
                        f"the record at position {position} is signed by a key that the record at position "
                        f"{ended[key]} had ended"
                    )

    def _relate(self, position: int, signed: Signed) -> None:
        body, kind = signed.record.body, kind_of(signed.record.body)
        created = object_id(signed.id)
        about = kind.about(body) or created
        self.created[created] = position
        self.own.setdefault(about, []).append(position)
        if isinstance(body, RotateKey):
            self.rotations.setdefault(body.party, []).append(position)
        if isinstance(body, MoveParty):
            self.moves.setdefault(body.party, []).append(position)
        key = kind.introduces(body)
        if key is not None:
            if key in self.introduced:
                raise ProofInvalid(f"the record at position {position} introduces a key that another one does")
            self.introduced[key] = (about, position)

    def _before(self, position: int, *, after_mark: bool) -> list[int]:
        named, holders = self.records[position].record.refs, self.holders(position)
        try:
            found = [self.created[name] for name in (*named, *holders)]
        except KeyError as error:
            missing = error.args[0].hex()
            raise ProofInvalid(
                f"the record at position {position} names {missing}, and the record that creates it is not in the file"
            ) from error
        if after_mark:
            found += [at for name in named for at in self.own[name] if at < position]
        for name in holders & self.rotations.keys():
            found += [at for at in self.rotations[name] if at < position]
        body = self.records[position].record.body
        if isinstance(body, RevokeKey | MoveParty):
            # Who may sign these depends on the member with which the party was.
            found += [at for at in self.moves.get(body.party, ()) if at < position]
        return found
