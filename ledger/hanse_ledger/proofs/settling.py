"""What a proof must hold beside its subjects' histories, and whether the keys in it had ended when they signed.

Of a key that replaced a lost one, without that, readers of what it signed are told by whom, and when.

And whether a pledge stands on an invoice that is pledged to nobody by its own word. Its aspect `pledge` speaks of its
own record; the same invoice may stand in the ledger under another one, and tags are how it is told: a pledge claims its
invoice and each of its tags (L-1). So a proof settles those claims in the proven state, which says it of all records at
once.
"""

from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

from hanse_ledger.kinds import steps_of
from hanse_ledger.kinds.claims import ClaimKind, claim_key, pledge_claim, tag_claim
from hanse_ledger.kinds.invoice.bodies import IssueInvoice, RetagInvoice
from hanse_ledger.kinds.invoice.state import Invoice, InvoiceState
from hanse_ledger.kinds.object import Object
from hanse_ledger.proofs.derived import DerivedState
from hanse_ledger.proofs.prooffile import MandatePart, PledgePart, ProofFile, RevocationPart
from hanse_ledger.proofs.relations import Relations
from hanse_ledger.proofs.statement import Unpledged
from hanse_ledger.proofs.subjects import is_whole
from hanse_ledger.proofs.waymarks import Marked
from hanse_ledger.trees.claims_map import ClaimProof, verify_absence, verify_presence
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import Digest, ObjectId, PublicKey
from hanse_ledger.wire.endings import Endings, endings


class Settled(Struct, frozen=True):
    """How many party keys sign in the histories, at which positions those ended that have, and what to be warned of.

    The same of the mandates under which is signed there.
    """

    keys: int
    ended: Mapping[PublicKey, int]
    mandates: int
    ended_mandates: Mapping[ObjectId, int]
    warnings: tuple[Said, ...]


def settle(proof: ProofFile, relations: Relations, marks: Collection[Marked], claims_root: Digest) -> Settled:
    """Follow what the subjects' histories need, and how the keys and mandates have ended that sign there.

    Args:
        proof: the file.
        relations: of its records.
        marks: its way marks.
        claims_root: the root of the claims in the proven state.

    Raises:
        ProofInvalid: something is missing or left over, the end of a key or of a mandate is not proven, or one serves
            when it must not.
    """
    needed = _needed(proof, relations, marks)
    introduced = {key for key, (_, position) in relations.introduced.items() if position in needed}
    if [evidence.key for evidence in proof.revocations] != sorted(introduced):
        raise ProofInvalid(
            said(
                "proof.keys-unsettled",
                "the file does not settle of exactly the party keys in it, in order, whether they ended",
            )
        )
    ended, warnings, positions = dict[PublicKey, int](), list[Said](), set[int]()
    for evidence in proof.revocations:
        how = _ending(evidence, claims_root)
        ending = relations.ending(evidence.key, how)
        positions.update(ending)
        if ending:
            ended[evidence.key] = ending[0]
        if how.revocation is not None:
            party, record = relations.introduced[evidence.key][0].hex(), how.revocation.hex()
            warnings.append(
                said("warning.key-revoked", "a key of party {party} was revoked by record {record}", party, record)
            )
    ended_mandates = _ended_mandates(proof, relations, needed, claims_root)
    positions.update(ended_mandates.values())
    # A record that ended a key or a mandate needs its own signers' beginnings, and not again proof that they had not
    # ended.
    spare = sorted(relations.records.keys() - needed - relations.needed(positions))
    if spare:
        raise ProofInvalid(
            said("proof.record-spare", "the record at position {position} is needed by nothing in the file", spare[0])
        )
    relations.check_keys(ended)
    relations.check_mandates(ended_mandates)
    return Settled(len(proof.revocations), ended, len(proof.mandates), ended_mandates, tuple(warnings))


def _ended_mandates(
    proof: ProofFile, relations: Relations, needed: Collection[int], claims_root: Digest
) -> dict[ObjectId, int]:
    """Find which of the mandates that are needed have ended, and at which positions."""
    granted = sorted(name for name, position in relations.mandates.items() if position in needed)
    if [evidence.id for evidence in proof.mandates] != granted:
        raise ProofInvalid(
            said(
                "proof.mandates-unsettled",
                "the file does not settle of exactly the mandates in it, in order, whether they ended",
            )
        )
    ended = dict[ObjectId, int]()
    for evidence in proof.mandates:
        _verify_ending(evidence, claims_root)
        position = relations.mandate_ending(evidence.id, evidence.value)
        if position is not None:
            ended[evidence.id] = position
    return ended


def _verify_ending(evidence: MandatePart, claims_root: Digest) -> None:
    """Verify that a mandate has ended by the record that is named, or has not."""
    claim = claim_key(ClaimKind.ENDED_MANDATE, evidence.id)
    proof = ClaimProof(siblings=evidence.siblings, leaf=evidence.leaf)
    if evidence.value is None:
        verify_absence(claims_root, claim, proof)
    else:
        verify_presence(claims_root, claim, evidence.value, proof)


def replaced_words(proof: ProofFile, relations: Relations, retold: DerivedState) -> Iterator[Said]:
    """Say of each lost key that was replaced, where the file has a later record that its party has signed.

    Of a party that is proven itself its standing says it.

    Args:
        proof: the file.
        relations: of its records.
        retold: what these lead to.
    """
    subjects = {part.id for part in proof.objects}
    for taken, party, by in retold.replaced:
        later = any(party in relations.holders(position) for position in relations.records if position > taken)
        if later and party not in subjects:
            yield said(
                "warning.key-replaced",
                "party {party}: key replaced by {member} and {second} on {moment}, without the old key",
                party.hex(),
                by.member,
                by.repair,
                moment_words(by.at),
            )


def _needed(proof: ProofFile, relations: Relations, marks: Collection[Marked]) -> set[int]:
    later = {position for part in proof.objects if part.mark is not None for position in part.history}
    begun = [position for part in proof.objects for position in part.history]
    for mark in marks:
        if not set(mark.own).issubset(relations.own.get(mark.object_id, ())):
            raise ProofInvalid(
                said(
                    "proof.mark-own-of-other",
                    "what is said to be an object's own record before its way mark is another's",
                )
            )
        begun += [*mark.own, relations.created[mark.object_id]]
    for part in proof.offices:
        opened = relations.created.get(part.id)
        if opened is None or not set(part.acts).issubset(relations.own.get(part.id, ())):
            raise ProofInvalid(
                said("office.acts-of-other", "what is said to be an act of an office is none of its acts")
            )
        begun += [*part.acts, opened]
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


def pledgeable(value: Object | None) -> tuple[Digest, ...]:
    """Name what a full proof of an object settles, whether a pledge stands on it.

    Returns:
        The id of an accepted invoice that is pledged to nobody, and the keys of the claims to its tags; of anything
        else nothing.
    """
    if not isinstance(value, Invoice) or value.status.state is not InvoiceState.ACCEPTED:
        return ()
    return () if value.pledge.pledged_by is not None else (value.id, *value.links.tags)


def settle_pledges(
    proof: ProofFile, relations: Relations, retold: DerivedState, claims_root: Digest, in_use: Collection[int]
) -> dict[ObjectId, Unpledged]:
    """Find out of each accepted invoice that is pledged to nobody whether a pledge stands on one of its tags.

    Args:
        proof: the file; its subjects have been compared with what its records lead to.
        relations: of its records.
        retold: what these lead to.
        claims_root: the root of the claims in the proven state.
        in_use: the epochs of tags in it.

    Raises:
        ProofInvalid: the file settles it of something else, or of less; a claim is not proven; or one says of an
            invoice that it is pledged itself.
    """
    invoices = {part.id: pledgeable(retold.object(part.id)) for part in proof.objects if is_whole(part)}
    wanted = {name for names in invoices.values() for name in names}
    if [evidence.name for evidence in proof.pledges] != sorted(wanted):
        raise ProofInvalid(
            said(
                "proof.pledges-unsettled",
                "the file does not settle of exactly the accepted invoices in it that are pledged to nobody, and of "
                "their tags, in order, whether a pledge stands on them",
            )
        )
    for evidence in proof.pledges:
        _verify_pledge(evidence, claims_root)
    standing = {evidence.name: evidence.value for evidence in proof.pledges if evidence.value is not None}
    epochs = _epochs(relations)
    unpledged = dict[ObjectId, Unpledged]()
    for invoice, names in invoices.items():
        if not names:
            continue
        if invoice in standing:
            raise ProofInvalid(
                said(
                    "proof.pledge-contradicted",
                    "the state says that invoice {invoice} is pledged to nobody, and its claims that it is by {pledge}",
                    invoice.hex(),
                    standing[invoice].hex(),
                )
            )
        twins = [standing[name] for name in names if name in standing]
        compared = any(epochs.get(name) in in_use for name in names)
        unpledged[invoice] = Unpledged(invoice, compared, twins[0] if twins else None)
    return unpledged


def _verify_pledge(evidence: PledgePart, claims_root: Digest) -> None:
    """Verify that the pledge that is named stands on an invoice or on a tag, or that none does."""
    claim, proof = pledge_claim(evidence.name), ClaimProof(siblings=evidence.siblings, leaf=evidence.leaf)
    if evidence.value is None:
        verify_absence(claims_root, claim, proof)
    else:
        verify_presence(claims_root, claim, evidence.value, proof)


def _epochs(relations: Relations) -> dict[Digest, int]:
    """Tell of which epoch each tag is, by the name of its claim: those that the file's records give to invoices."""
    epochs = dict[Digest, int]()
    for signed in relations.records.values():
        for step in steps_of(signed.record.body, signed.id):
            if isinstance(step.body, IssueInvoice | RetagInvoice):
                epochs.update({tag_claim(tag.epoch, tag.value): tag.epoch for tag in step.body.tags})
    return epochs
