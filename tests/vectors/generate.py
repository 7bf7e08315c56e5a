"""Write the frozen bytes of wire version 1: run it for what is new; what has moved `tests.vectors.frozen` refuses.

    PYTHONPATH=. python -m tests.vectors.generate

`test_vectors.py` recomputes everything here and compares it with the files; whoever writes another implementation reads
the files alone. All bytes are hex.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from hanse_ledger.kinds import KINDS, kind_of
from hanse_ledger.kinds.consignment.refusals import CONSIGNMENT_FULL
from hanse_ledger.kinds.member.proposals import NO_PROPOSALS, leaf_of
from hanse_ledger.kinds.member.refusals import NOT_IN_ELECTORATE
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.order.refusals import ORDER_UNKNOWN
from hanse_ledger.kinds.pledge.refusals import TAG_PLEDGED
from hanse_ledger.kinds.reasons import ALL, rule_of
from hanse_ledger.kinds.refusals import EXPIRED, EXPIRES_TOO_LATE, KEY_NOT_ADMITTED, SIGNATURE_INVALID, WRONG_LEDGER
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_ledger.proofs.voting import write_proposals
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_envelope, seal
from hanse_ledger.records.record import encode_record, make_record
from hanse_ledger.values.keys import ML_DSA_44
from hanse_ledger.values.limits import EXPIRY_MS
from hanse_ledger.values.reasons import Reason
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import members_hash
from tests.tables.proofs import ProofMaker
from tests.tables.refusals import Refused
from tests.tables.takeovers import ATTEMPTS
from tests.tables.told import told_of
from tests.unit.ledger.kinds import test_rules_general, test_rules_mandates, test_rules_offices, test_rules_page
from tests.unit.ledger.kinds.parties import test_replaced_keys
from tests.unit.ledger.proofs import test_epochs, test_voting
from tests.unit.ledger.proofs.carriage import test_proof_consignments
from tests.unit.ledger.records import test_codec, test_entry, test_envelope
from tests.unit.ledger.wire import test_trust
from tests.vectors.frozen import WIRE
from tests.vectors.payloads import payloads
from tests.vectors.statuses import statuses
from tests.vectors.terms import terms
from tests.world.corridor import Corridor, sign, story
from tests.world.corridor_genesis import GENESIS, LEDGER, seed_of

FOLDER = Path(__file__).resolve().parent
TABLES = (test_rules_general, *test_rules_page.TABLES)
UNREACHED = (CONSIGNMENT_FULL, NOT_IN_ELECTORATE, ORDER_UNKNOWN, TAG_PLEDGED)
"""Reasons that are given no longer, or for a state to which no record of this version leads, or a thousand."""

NUMBERED = (
    *("member.propose", "member.vote", "member.ready", "member.withdraw"),
    *("party.enrol", "key.rotate", "key.revoke", "party.move"),
    *("invoice.issue", "invoice.accept", "invoice.refuse", "invoice.cancel"),
    *("certificate.issue", "certificate.revoke"),
    *("declaration.lodge", "declaration.release", "declaration.refuse", "declaration.withdraw", "declaration.lapse"),
    *("payment.instruct", "payment.confirm", "payment.return", "payment.reject", "payment.withdraw"),
    "evidence.report",
)
"""Kinds whose vectors have nonces of their numbers; of later kinds it is the name, so that none moves the others'."""

MOST_BYTES = 4_096
"""Longer malformed samples are tested and not kept."""


def vectors() -> dict[str, str]:
    """Give the text of each file by its name."""
    files: dict[str, Any] = {
        "genesis.json": genesis(),
        "records.json": records(),
        "story.json": log(),
        "epochs.json": epochs(),
        "proofs.json": proofs(),
        "status.json": statuses(),
        "proposals.json": proposals(),
        "takeovers.json": takeovers(),
        "refused.json": refused(),
        "told.json": told(),
        "malformed.json": malformed(),
        "terms.json": terms(),
        "payload.json": payloads(),
    }
    files = {name: {"wire": WIRE, **value} for name, value in files.items()}
    texts = {name: json.dumps(value, indent=1, ensure_ascii=False) + "\n" for name, value in files.items()}
    return {**texts, "trust.json": write_trust(GENESIS).decode()}


def genesis() -> dict[str, Any]:
    """The genesis of the test corridor, and what follows from it."""
    return {
        "about": "The genesis in canonical MessagePack. `ledger` is its SHA-256, `members` that of its membership. "
        "trust.json is the trust file of this ledger, byte for byte. Seeds of Ed25519 keys are the SHA-256 of names: "
        "the members' own, `operator log` and `operator cosigner`.",
        "genesis": encode(GENESIS).hex(),
        "ledger": LEDGER.hex(),
        "members": members_hash(GENESIS.membership).hex(),
    }


def records() -> dict[str, Any]:
    """One record of each kind."""
    corridor = story()
    corridor.id["proposal"] = bytes(32)
    samples = []
    for body in (corridor.make.sample(kind.body) for kind in KINDS):
        kind = kind_of(body).name
        signed = sign(body, "market", "seller", nonce=f"vector {NUMBERED.index(kind) if kind in NUMBERED else kind}")
        samples.append(
            {
                "kind": kind,
                "record": encode_record(signed.record).hex(),
                "id": signed.id.hex(),
                "object": created_id(signed.id).hex(),
                "envelope": encode(signed.envelope).hex(),
            }
        )
    return {
        "about": "A record of each kind in canonical bytes, its id, the id of the object that it would create, and its "
        "envelope. `market` and `seller` sign all of them, whatever the rules ask for.",
        "records": samples,
    }


def log() -> dict[str, Any]:
    """A whole ledger, entry by entry, and its head."""
    corridor = story()
    head = corridor.head
    return {
        "about": "Every entry of a ledger, and what one computes from them: objects by name, the roots, and the "
        "head as a signed and cosigned note.",
        "entries": [data.hex() for data in corridor.entries],
        "objects": {name: value.hex() for name, value in corridor.id.items()},
        "root": head.root.hex(),
        "size": head.size,
        "objects_root": head.objects_root.hex(),
        "objects_count": head.objects_count,
        "claims_root": head.claims_root.hex(),
        "checkpoint": corridor.sign_checkpoint(),
    }


def epochs() -> dict[str, Any]:
    """A ledger whose members have changed: the trust file that follows them, and a proof of the later epoch."""
    trust = test_epochs.PRESENT
    sizes = [0, *(position + 1 for position in test_epochs.MOVED.head.changes)]
    return {
        "about": "The story's ledger, in which four nodes then replace the operator. `trust` is the trust file that "
        "follows the members, `proof` a proof that leads from the trust file of trust.json to the four, valid at `at`; "
        "`members` gives, for a log of each size, the hash of the members in force under it, and their epoch.",
        "at": test_epochs.AT,
        "members": [
            {"size": size, "hash": members_hash(trust.at(size)).hex(), "epoch": trust.at(size).epoch} for size in sizes
        ],
        "trust": trust.to_bytes().decode(),
        "proof": write_proof(test_epochs.PROOF).decode(),
    }


def proofs() -> dict[str, Any]:
    """Proofs of each form over the story, sound ones and others, with what a verifier answers."""
    corridor = story()
    corridor.submit(corridor.make.rotation("seller", "seller 2"), "seller", "seller 2")
    corridor.submit(corridor.make.revocation("buyer", "buyer"), "market")
    corridor.submit(corridor.make.invoice(2), "seller 2", name="second")
    maker, ids = ProofMaker(corridor), corridor.id
    marked = maker.proof(ids["certificate"], marks={ids["certificate"]: 8})
    (shown,) = marked.objects
    assert shown.mark is not None
    by_officers = test_rules_offices.paired()
    by_officers.submit(by_officers.make.release("import"), "first officer", "second officer")
    released = ProofMaker(by_officers).proof(by_officers.id["import"])
    samples = {
        "whole histories, a rotated and a revoked key": maker.proof(ids["invoice"], ids["payment"], ids["second"]),
        "a history from a way mark": marked,
        "a history from the proven head": maker.proof(ids["import"], marks={ids["import"]: len(corridor.blocks) - 1}),
        "a status": maker.status(ids["certificate"]),
        "a way mark of another group": replace(
            marked, objects=(replace(shown, mark=maker.mark(ids["certificate"], 6)),)
        ),
        "a way mark left out": replace(marked, objects=(replace(shown, mark=None),)),
        "without the record that ended a key": maker.proof(ids["invoice"], unsettled=("key.revoke",)),
        "without what would be pledged": replace(maker.proof(ids["invoice"]), pledges=()),
        "signed by two officers under four eyes": released,
        "without the acts of the officers' office": replace(released, offices=()),
    }
    times = dict.fromkeys(samples, corridor.head.time)
    # A lost key is replaced after the week in which it may be contested: later than anything of the story.
    later = test_replaced_keys.CORRIDOR
    for name, subject in (("a party whose key was replaced", "seller"), ("signed by a key that was taken", "later")):
        samples[name], times[name] = ProofMaker(later).proof(later.id[subject]), later.head.time
    put_in = test_proof_consignments.put_in_at_once()
    name = "a consignment into which records put what they create"
    samples[name], times[name] = ProofMaker(put_in).proof(put_in.id["consignment"]), put_in.head.time
    trust = read_trust(write_trust(GENESIS))
    found = {name: check_proof(write_proof(proof), trust, times[name]) for name, proof in samples.items()}
    return {
        "about": "Proof files of the ledger of trust.json, and what a verifier whose present is `at` answers: the "
        "verdict, and the number of the step that decides.",
        "proofs": [
            {
                "name": name,
                "at": times[name],
                "verdict": found[name].verdict.value,
                "step": found[name].steps[-1].number,
                "proof": write_proof(proof).decode(),
            }
            for name, proof in samples.items()
        ],
    }


def proposals() -> dict[str, Any]:
    """Open proposals, their leaves and their root, and the file that proves them."""
    corridor = test_voting.OPEN
    standing = corridor.ledger.proposals
    return {
        "about": "Open proposals of a ledger with the genesis of genesis.json: each in canonical MessagePack, its leaf "
        "likewise (`[proposer, id, SHA-256 of the proposal]`), and `root`, the RFC 9162 root over the leaves, which "
        "stands in the state entry `state`; `empty` is the root over none. `file` is the file of open proposals.",
        "proposals": [
            {"proposer": proposal.proposer, "proposal": encode(proposal).hex(), "leaf": encode(leaf_of(proposal)).hex()}
            for proposal in standing.whole
        ],
        "root": standing.root().hex(),
        "empty": NO_PROPOSALS.root().hex(),
        "state": corridor.entries[-1].hex(),
        "file": write_proposals(test_voting.FILE).decode(),
    }


def takeovers() -> dict[str, Any]:
    """Files that too few members make, which no verifier follows."""
    return {
        "about": "Trust files with the genesis of genesis.json that must be refused: `changes` are entries, in "
        "hexadecimal digits, which do not lead from one epoch to the next, and `why` says what was tried.",
        "refused": [{"why": attempt.why, "changes": [data.hex() for data in attempt.entries]} for attempt in ATTEMPTS],
    }


def refused() -> dict[str, Any]:
    """One refusal for each reason, and the records that lead to the state in which it is tried."""
    # Those that are written keep their names, whatever comes between: what does not change shall not look changed.
    stages: dict[str, list[Any]] = json.loads((FOLDER / "refused.json").read_text("utf-8"))["stages"]
    samples = {}
    for row in first_of_each_reason():
        signed = row.corridor.sign(row.body, *row.signers, at=moment(row), nonce="tried", mandates=row.mandates)
        samples[row.reason] = sample(row.reason, row.pointer, signed, moment(row), stage_of(row.corridor, stages))
    for reason, pointer, signed in general():
        corridor = test_rules_general.STORY
        samples[reason] = sample(reason, pointer, signed, corridor.next_time(), stage_of(corridor, stages))
    used = {each["stage"] for each in samples.values()}
    return {
        "about": "A refused record for each reason. `stage` names the groups that come before it, each a block time "
        "and envelopes that the rules accept in this order; `at` is the block time at which the envelope is refused. "
        f"No record, or more than a thousand, leads to: {', '.join(reason.value for reason in UNREACHED)}.",
        "stages": {name: groups for name, groups in stages.items() if name in used},
        "refused": in_their_places(samples),
    }


def told() -> dict[str, Any]:
    """What every refusal of the tables tells."""
    return {
        "about": "What the refusals of the tables tell, by kind and in the tables' order: the reason, the field, what "
        "was seen there and what was wanted.",
        "told": told_of([*test_rules_page.ROWS, *test_rules_offices.BY_OFFICERS]),
    }


def in_their_places(samples: dict[Reason, dict[str, Any]]) -> list[dict[str, Any]]:
    """List the samples in the order in which they stand in the file; new ones follow in the order of the reasons."""
    written = json.loads((FOLDER / "refused.json").read_text("utf-8"))["refused"]
    places = {vector["reason"]: place for place, vector in enumerate(written)}
    reasons = [reason for reason in ALL if reason in samples]
    return [samples[reason] for reason in sorted(reasons, key=lambda reason: places.get(reason.value, len(places)))]


def sample(reason: Reason, pointer: str, signed: Signed, at: int, stage: str) -> dict[str, Any]:
    """Write a refusal."""
    kind = signed.record.kind
    rule = rule_of(kind, reason, pointer)
    envelope = encode(signed.envelope).hex()
    return {
        "reason": reason.value,
        "rule": rule,
        "kind": kind,
        "pointer": pointer,
        "stage": stage,
        "at": at,
        "envelope": envelope,
    }


def first_of_each_reason() -> Iterator[Refused]:
    """Walk over the tables of refusals: the first row of each reason that a real history leads to."""
    met: set[Reason] = set()
    for row in (
        *(row for table in TABLES for row in table.REFUSALS),
        *test_rules_offices.BY_OFFICERS,
        *test_rules_mandates.UNDER,
    ):
        if row.state is None and row.reason not in met:
            met.add(row.reason)
            yield row


def moment(row: Refused) -> int:
    """Give a row's block time."""
    return row.corridor.next_time() if row.at is None else row.at


def stage_of(corridor: Corridor, stages: dict[str, list[Any]]) -> str:
    """Name the groups that led to a corridor's state, and keep them once."""
    groups = []
    for group in corridor.blocks[1:]:
        entries = [decode_entry(row.data) for row in group.entries]
        envelopes = [encode(entry.payload).hex() for entry in entries if isinstance(entry, RecordEntry)]
        groups.append({"time": group.head.time, "envelopes": envelopes})
    last = max((int(name.removeprefix("stage ")) for name in stages), default=0)
    name = next((name for name, known in stages.items() if known == groups), f"stage {last + 1}")
    stages[name] = groups
    return name


def general() -> Iterator[tuple[Reason, str, Signed]]:
    """Refusals that come before any rule of a kind."""
    corridor = test_rules_general.STORY
    at = corridor.next_time()
    body = corridor.make.invoice(9)
    yield EXPIRED, "/expires", sign(body, "seller", expires=at)
    yield EXPIRES_TOO_LATE, "/expires", sign(body, "seller", expires=at + EXPIRY_MS + 1)
    yield WRONG_LEDGER, "/ledger", sign(body, "seller", at=at, ledger=seed_of("another ledger"))
    signed = sign(body, "seller", at=at)
    other = sign(body, "buyer", at=at).envelope.signatures
    yield (
        SIGNATURE_INVALID,
        "/signatures/0",
        replace(signed, envelope=replace(signed.envelope, signatures=other)),
    )
    record = make_record(
        body,
        ledger=LEDGER,
        signers=(bytes([ML_DSA_44]) + bytes(1312),),
        nonce=bytes(16),
        created=at,
        expires=signed.record.expires,
    )
    yield KEY_NOT_ADMITTED, "/signers/0", open_envelope(seal(encode_record(record), (bytes(64),)))


def malformed() -> dict[str, Any]:
    """Bytes that are refused before any rule is asked."""
    return {
        "about": "Bytes that are malformed as what `is` says: a record, an envelope, an entry or a genesis. `pointer` "
        "names the field where there is one.",
        "malformed": [*_malformed()],
    }


def _malformed() -> Iterator[dict[str, str]]:
    for table in (test_codec.NOT_CANONICAL, test_codec.NOT_MESSAGEPACK):
        for name, data in table.items():
            yield from bad("record", data, why=name)
    for data, change, pointer in test_codec.MALFORMED:
        yield from bad("record", test_codec.changed(data, change), pointer)
    for kind, rows in (("envelope", test_envelope.MALFORMED), ("entry", test_entry.MALFORMED)):
        for data, pointer in rows:
            yield from bad(kind, data, pointer)
    for membership, why, pointer in test_trust.INCONSISTENT:
        yield from bad("genesis", encode(replace(GENESIS, membership=membership)), pointer, why)
    for data in test_trust.MALFORMED:
        yield from bad("genesis", data)


def bad(kind: str, data: bytes, pointer: str = "", why: str = "") -> Iterable[dict[str, str]]:
    """Write a malformed sample, unless it is long."""
    if len(data) <= MOST_BYTES:
        yield {"is": kind, "data": data.hex(), "pointer": pointer, "why": why}


def main() -> int:
    """Write every file."""
    for name, text in vectors().items():
        (FOLDER / name).write_text(text, "utf-8")
        sys.stdout.write(f"{name}: {len(text)} characters\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
