"""Everything that reads bytes of strangers: with what it is fed at first, and what it may say to them."""

import json

import msgspec

from hanse_client.base.errors import BadAnswer, HanseError
from hanse_client.exchange.answers import CloudEvent, HistoryPage, StoredRecord, Submitted, read_answer
from hanse_client.home.drafts import Draft
from hanse_client.home.enrolments import EnrolmentRequest
from hanse_client.home.openings import KeptOpening, new_opening
from hanse_client.verify.offline import verify_file
from hanse_documents import read_document
from hanse_documents.samples import NAMES, sample
from hanse_ledger.misbehaviour.accusing import check_evidence
from hanse_ledger.misbehaviour.double_vote import write_double_vote
from hanse_ledger.misbehaviour.misstatement import write_misstatement
from hanse_ledger.misbehaviour.refusalfile import check_refusal
from hanse_ledger.proofs.prooffile import read_proof, write_proof
from hanse_ledger.proofs.samedocument import OPENING_FORMAT, DocumentMatch, compare_document
from hanse_ledger.proofs.statuscode import check_status, read_status, write_status
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.proofs.voting import read_proposals, verify_proposals, write_proposals
from hanse_ledger.records.entry import decode_entry
from hanse_ledger.records.envelope import open_envelope, verify_envelope
from hanse_ledger.records.record import decode_record, encode_record
from hanse_ledger.tlog.checkpoint import parse_checkpoint
from hanse_ledger.tlog.notes import format_note, parse_note
from hanse_ledger.tlog.tlog_proof import parse_tlog_proof
from hanse_ledger.tlog.tlog_tiles import decode_entry_bundle, encode_entry_bundle, parse_tile_path
from hanse_ledger.values.errors import LedgerError
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import decode_genesis
from hanse_node.api.records import open_batch, open_dsse
from hanse_node.api.schemas import dsse_of, write_json
from hanse_node.comet.abci.snapshotforms import Chunk, read_chunk, read_metadata, write_chunk, write_metadata
from hanse_node.comet.abci.transactions import Batch, encode_transaction, open_transaction
from hanse_node.peers.blocks import BlockShown, read_block_shown, write_block_shown
from tests.conftest import ROOT
from tests.fuzz.papers import written_papers
from tests.fuzz.target import Target
from tests.tables.verifying import maker, proof_of, told, trust
from tests.unit.client.home import test_drafts, test_enrolment_requests
from tests.unit.documents.crossindustry import NAMED, cross_industry, pdf
from tests.unit.ledger.misbehaviour import test_double_vote, test_misstated_votes, test_misstatement, test_refusal_files
from tests.unit.ledger.proofs import test_epochs, test_voting
from tests.world.corridor_genesis import T0


def _same(seen: bytes, data: bytes) -> None:
    assert seen == data, "what is read is written in the same bytes: there is one form alone"


def _record(data: bytes) -> None:
    _same(encode_record(decode_record(data)), data)


def _envelope(data: bytes) -> None:
    signed = open_envelope(data)
    _same(encode(signed.envelope), data)
    verify_envelope(signed)


def _entry(data: bytes) -> None:
    _same(encode(decode_entry(data)), data)


def _proof(data: bytes) -> None:
    _same(write_proof(read_proof(data)), data)


def _note(data: bytes) -> None:
    note = parse_note(data)
    _same(format_note(note), data)
    parse_checkpoint(note.text)


def _trust(data: bytes) -> None:
    _same(read_trust(data).to_bytes(), data)


def _proposals(data: bytes) -> None:
    """What is changed in a file of open proposals is noticed, once it can be read."""
    file = read_proposals(data)
    _same(write_proposals(file), data)
    verify_proposals(file, test_voting.TRUST)
    assert file == test_voting.FILE, "another file of open proposals holds"


def _genesis(data: bytes) -> None:
    _same(encode(decode_genesis(data)), data)


def _bundle(data: bytes) -> None:
    _same(encode_entry_bundle(decode_entry_bundle(data, 4)), data)


def _tile_path(data: bytes) -> None:
    parse_tile_path(data.decode("latin-1"))


GOOD = (Verdict.VALID, Verdict.VALID_WITH_WARNINGS)
SOUND = [
    write_proof(proof) for proof in (proof_of("invoice"), proof_of("payment"), maker().status(told().id["certificate"]))
]
"""Proofs that hold; nothing else that is made of them does."""


def _check(data: bytes) -> None:
    """A changed proof is never as good as the one from which it was made."""
    report = verify_file(data, trust(), T0 + 60_000)
    assert report.verdict not in GOOD or data in SOUND, report.detail


CODES = [write_status(maker().status(told().id[name])).encode() for name in ("invoice", "payment", "certificate")]


def _code(data: bytes) -> None:
    """A changed code is never as good as the one from which it was made, and there is one form alone."""
    text = data.decode("latin-1")
    report = check_status(text, trust(), T0 + 60_000)
    assert report.verdict is not Verdict.VALID, "of a status the operators' state alone is the word"
    assert report.verdict not in GOOD or text.partition("#")[2].strip().encode() in CODES or data.strip() in CODES
    _same(write_status(read_status(text)).encode(), (text.partition("#")[2] or text).strip().encode())


EVIDENCE = [
    write_misstatement(test_misstatement.EVIDENCE),
    write_misstatement(test_misstated_votes.VOTED),
    write_double_vote(test_double_vote.GOOD),
]
"""What proves something against somebody, under the trust file of those tests."""


def _accusation(data: bytes) -> None:
    """Changed evidence accuses nobody."""
    for known in (test_double_vote.TRUST, test_misstatement.TRUST):
        report = check_evidence(data, known)
        assert report.verdict is not Verdict.VALID or data in EVIDENCE, report.detail


def _draft(data: bytes) -> None:
    """What is read of a draft is written again, with the same signatures."""
    draft = Draft.from_json(data)
    assert Draft.from_json(draft.to_json()) == draft


DRAFTS = [test_drafts.draft_for(*test_drafts.SIGNERS).sign(each).to_json() for each in test_drafts.SIGNERS]
REQUEST = test_enrolment_requests.request().to_json()


def _request(data: bytes) -> None:
    """What shows a party that its signatures do not cover is no request."""
    request = EnrolmentRequest.from_json(data)
    assert request.terms == test_enrolment_requests.TERMS, "another party is shown"


REFUSED = [test_refusal_files.GOOD]


def _refusal(data: bytes) -> None:
    """A changed refusal says nothing of a node."""
    report = check_refusal(data, test_refusal_files.TRUST)
    assert report.verdict not in GOOD or data in REFUSED, report.detail


OPENING = msgspec.json.encode(
    KeptOpening(
        format=OPENING_FORMAT,
        object=told().id["invoice"],
        opening=new_opening(CommittedKind.INVOICE, b"file", {"BT-1": "F-9"}, name="invoice.xml", discoverable=True),
        record=told().signed["invoice"].id,
    )
)


def _opening(data: bytes) -> None:
    """No opening makes a file the document of a record that does not commit to it."""
    answer = compare_document(SOUND[0], [told().signed["invoice"].id], bytes(32), data)
    assert answer.match is not DocumentMatch.SAME


CHUNK = Chunk((bytes(32),), tuple(told().entries[:4]))
DESCRIBED = write_metadata(maker().checkpoint.encode(), told().entries[:2])


def _answers(data: bytes) -> None:
    for kind in (Submitted, StoredRecord, HistoryPage, CloudEvent):
        try:
            read_answer(data, kind)
        except BadAnswer:
            continue


def _vector_entries(name: str) -> list[bytes]:
    """Collect the hexadecimal strings of a file of vectors."""
    found: list[bytes] = []

    def walk(value: object) -> None:
        match value:
            case dict():
                for inner in value.values():
                    walk(inner)
            case list():
                for inner in value:
                    walk(inner)
            case str() if len(value) > 128 and not set(value) - set("0123456789abcdef"):
                found.append(bytes.fromhex(value))

    walk(json.loads((ROOT / "tests" / "vectors" / name).read_bytes()))
    return found


GROUP = BlockShown(entries=tuple(told().entries[:3]), head=maker().checkpoint, path=(bytes(32),))


def targets() -> list[Target]:
    """List all readers."""
    signed = list(told().signed.values())
    envelopes = [encode(each.envelope) for each in signed]
    vectors = [data for name in ("records.json", "malformed.json") for data in _vector_entries(name)]
    carried = cross_industry().encode()
    documents = [*(sample(name) for name in NAMES), *written_papers(), carried, pdf((NAMED, carried))]
    batch = Batch("market", 1, bytes(8), envelopes[:4])
    transaction = encode_transaction(batch, bytes(32), lambda _: bytes(64))
    return [
        Target("record", [*(each.envelope.payload for each in signed), *vectors], _record),
        Target("envelope", [*envelopes, *vectors], _envelope),
        Target("entry", told().entries, _entry),
        Target("entry bundle", [encode_entry_bundle(told().entries[:4])], _bundle),
        Target("tile path", [b"tile/0/x001/234", b"tile/entries/000.p/12", b"tile/3/000"], _tile_path),
        Target("batch", [msgspec.msgpack.encode(envelopes[:3]), msgspec.msgpack.encode(envelopes)], open_batch),
        Target("envelope in JSON", [write_json(dsse_of(each)) for each in signed], open_dsse),
        Target(
            "transaction",
            [transaction],
            open_transaction,
        ),
        Target("genesis", [encode(trust().genesis)], _genesis),
        Target("open proposals", [write_proposals(test_voting.FILE)], _proposals),
        Target("trust file", [told().trust, test_epochs.MOVED.trust], _trust),
        Target("evidence", EVIDENCE, _accusation, ()),
        Target("refusal", REFUSED, _refusal, ()),
        Target("draft", DRAFTS, _draft, (HanseError,)),
        Target("enrolment request", [REQUEST], _request, (HanseError,)),
        Target("opening", [OPENING], _opening),
        Target("chunk of a snapshot", [write_chunk(CHUNK)], read_chunk),
        Target("what describes a snapshot", [DESCRIBED], read_metadata),
        Target("group of another's", [write_block_shown(GROUP)], read_block_shown),
        Target("note", [maker().checkpoint.encode()], _note),
        Target("tlog-proof", [TLOG_PROOF], parse_tlog_proof),
        Target("proof file", SOUND, _proof),
        Target("proof's verdict", SOUND, _check, ()),
        Target("status code", CODES, _code),
        Target("node's answer", ANSWERS, _answers),
        Target("document", documents, read_document, (HanseError, LedgerError)),
    ]


TLOG_PROOF = (
    b"c2sp.org/tlog-proof@v1\nindex 1\n" + b"A" * 43 + b"=\n\n" + b"example.org/log\n2\n" + b"B" * 43 + b"=\n\n"
    b"\xe2\x80\x94 example.org/log " + b"C" * 90 + b"==\n"
)
ANSWERS = (
    b'{"size":3,"checkpoint":"x","results":[{"outcome":"created","id":"' + b"0" * 64 + b'","position":1}],"ranges":[]}',
    b'{"entry":"00ff"}',
    b'{"records":[{"sequence":0,"id":"'
    + b"0" * 64
    + b'"}],"earlier":{"count":0,"head":"'
    + b"0" * 64
    + b'"},"proof":{}}',
    b'{"position":1,"id":"' + b"0" * 64 + b'"}',
)
