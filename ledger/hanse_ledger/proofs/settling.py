"""What a proof must hold beside its subjects' histories, and whether the keys in it had ended when they signed."""

from collections.abc import Collection, Mapping

from msgspec import Struct

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.proofs.prooffile import ProofFile, RevocationPart
from hanse_ledger.proofs.relations import Relations
from hanse_ledger.proofs.waymarks import Marked
from hanse_ledger.trees.claims_map import ClaimProof, verify_absence, verify_presence
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.types import Digest, PublicKey
from hanse_ledger.wire.endings import Endings, endings


class Settled(Struct, frozen=True):
    """How many party keys sign in the histories, at which positions those ended that have, and what to be warned of."""

    keys: int
    ended: Mapping[PublicKey, int]
    warnings: tuple[str, ...]


def settle(proof: ProofFile, relations: Relations, marks: Collection[Marked], claims_root: Digest) -> Settled:
    """Follow what the subjects' histories need, and how the keys have ended that sign there.

    Args:
        proof: the file.
        relations: of its records.
        marks: its way marks.
        claims_root: the root of the claims in the proven state.

    Raises:
        ProofInvalid: something is missing or left over, a key's end is not proven, or a key signs when it must not.
    """
    needed = _needed(proof, relations, marks)
    introduced = {key for key, (_, position) in relations.introduced.items() if position in needed}
    if [evidence.key for evidence in proof.revocations] != sorted(introduced):
        raise ProofInvalid("the file does not settle of exactly the party keys in it, in order, whether they ended")
    ended, warnings, positions = dict[PublicKey, int](), list[str](), set[int]()
    for evidence in proof.revocations:
        how = _ending(evidence, claims_root)
        found = relations.ending(evidence.key, how)
        positions.update(found)
        if found:
            ended[evidence.key] = found[0]
        if how.revocation is not None:
            party, record = relations.introduced[evidence.key][0].hex(), how.revocation.hex()
            warnings.append(f"a key of party {party} was revoked by record {record}")
    # A record that ended a key needs its own signers' beginnings, and not again proof that they had not ended.
    spare = sorted(relations.records.keys() - needed - relations.needed(positions))
    if spare:
        raise ProofInvalid(f"the record at position {spare[0]} is needed by nothing in the file")
    relations.check_keys(ended)
    return Settled(len(proof.revocations), ended, tuple(warnings))


def _needed(proof: ProofFile, relations: Relations, marks: Collection[Marked]) -> set[int]:
    later = {position for each in proof.objects if each.mark is not None for position in each.history}
    begun = [position for each in proof.objects for position in each.history]
    for mark in marks:
        if not set(mark.own).issubset(relations.own.get(mark.name, ())):
            raise ProofInvalid("what is said to be an object's own record before its way mark is another's")
        begun += [*mark.own, relations.created[mark.name]]
    return relations.needed(begun, later)


def _ending(evidence: RevocationPart, claims_root: Digest) -> Endings:
    """Verify whether a key has ended, and by which records."""
    claim = claim_key(ClaimKind.REVOKED_KEY, evidence.key)
    proof = ClaimProof(siblings=evidence.siblings, leaf=evidence.leaf)
    if evidence.value is None:
        verify_absence(claims_root, claim, proof)
    else:
        verify_presence(claims_root, claim, evidence.value, proof)
    return endings(evidence.value)
