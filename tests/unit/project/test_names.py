"""No two classes, and no two files, share a name without sharing an idea."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT
from tests.test_tidy import source_files

PACKAGES = tuple(ROOT / name for name in ("ledger", "node", "client"))
TWINS = ROOT / "client" / "hanse_client" / "sync"
"""Written from `resources/`, name by name."""
KINDS = ROOT / "ledger" / "hanse_ledger" / "kinds"
"""A folder an object, each with the same parts."""

CLASSES = {
    "AsOf": (2, "what stood at one end of a block: in the store, and in an answer"),
    "Begun": (2, "where the shown history of a subject begins: when it is proven, and when it is judged"),
    "Chain": (2, "a history after some of its records: as a node writes it, and as the SDK reads it"),
    "DocumentError": (2, "a document that cannot be used: as readers say it, and as callers of the SDK get it"),
    "CloudEvent": (2, "an event with its attributes: as a node writes it, and as the SDK reads it"),
    "EventData": (2, "an event: as a node writes it, and as the SDK reads it"),
    "Fault": (2, "what is wrong at one place: of a document, and of a request"),
    "FileRecord": (2, "a record that shows a file's hash: as a node writes it, and as the SDK reads it"),
    "FileRecords": (2, "records that show a file's hash: as a node writes them, and as the SDK reads them"),
    "HistoryPage": (2, "records of a history: as a node writes them, and as the SDK reads them"),
    "ListPage": (2, "objects of a list: as a node writes them, and as the SDK reads them"),
    "ListedObject": (2, "an object in a list: as a node writes it, and as the SDK reads it"),
    "NotFound": (2, "nothing with this name stands: inside of a node, and for callers of the SDK"),
    "ObjectView": (2, "an object as it is told: by a node, and proven by the SDK"),
    "Outcome": (2, "what became of a record: of any, and of one that stands"),
    "Problem": (2, "why a request was not granted: as a node writes it, and as the SDK reads it"),
    "ProvenGrowth": (2, "the proof that one log extends another: as a node writes it, and as the SDK reads it"),
    "ProvenRange": (2, "the proof that entries stand under a head: as a node writes it, and as the SDK reads it"),
    "Publication": (2, "a published proof: as a node answers it, and as it is known where it was published"),
    "Receipt": (2, "the answer to a record: of the engine, and verified"),
    "RecordView": (2, "a record in its place: as a node tells it, and proven by the SDK"),
    "Refused": (2, "the rules refuse a record: as an outcome of a block, and as the SDK's error"),
    "Report": (2, "the result of checking a proof: of the ledger, and of the SDK, which prints"),
    "Result": (2, "what became of one record of a batch: as a node writes it, and as the SDK reads it"),
    "Submitted": (2, "the answer to a batch: as a node writes it, and as the SDK reads it"),
    "Term": (2, "a named value of a document: where it stands, and what is disclosed of it"),
    "UnsupportedFormat": (2, "a file in a format that this release does not read: a document, and a proof"),
    "WaitingObject": (2, "an object that waits for somebody: as a node writes it, and as the SDK reads it"),
    "WaitingPage": (2, "what waits for somebody: as a node writes it, and as the SDK reads it"),
    "_File": (4, "what the file holds of which its module speaks"),
    "_Members": (2, "who the members are, as kept: in the head's row, and in the home folder"),
    "_Part": (8, "settings that all parts of one format share"),
    "_Reader": (2, "reads what a document has, and notes what cannot be read"),
}
"""Of each name in several places how many those are, and the one idea."""

FILES = {
    "answers": (2, "what a node answers: as its use cases give it, and as the SDK reads it"),
    "backup": (2, "copies of a ledger: made, and the command"),
    "certificate": (2, "certificates of origin: compared with invoices, and their commands"),
    "claims": (2, "what may exist once: its names, and its index"),
    "documents": (2, "documents: what readers make of them, and their resource in the SDK"),
    "doctor": (3, "what is wrong with a node's folder: looked at, driven, and the command"),
    "engine": (2, "what puts records into an order: the port, and CometBFT"),
    "errors": (5, "the errors of one package"),
    "events": (3, "the news that a record stands: asked for, written, and read"),
    "files": (2, "files that somebody names: on the command line, and to the SDK"),
    "folder": (2, "one folder, and what lies where in it: a node's, and the demonstration's"),
    "handover": (2, "a ledger's move from one node to a consortium: done, and the command"),
    "heads": (2, "signed heads, and who vouches: by the rules, and by a client's demands"),
    "health": (2, "whether a node is well: asked, and written"),
    "invariants": (2, "what every reachable state satisfies: of all, and of each object"),
    "joinforms": (2, "what members exchange before a network begins: read, and driven"),
    "keys": (2, "keys: as bytes of the wire, and those of parties in the SDK"),
    "lists": (
        4,
        "objects by state, time, and in whose lists they stand: an index, asked for, written, and commands",
    ),
    "log": (3, "the entries in their order: asked for, written, and the command"),
    "main": (2, "where a program is put together: the node, and the command line"),
    "members": (3, "who the members are: kept, asked for, and their resource in the SDK"),
    "messages": (2, "what is said to people: by the ledger, and by the verifier page"),
    "network": (2, "a network of members' nodes: made, and the command"),
    "objects": (5, "the objects: as leaves, as an index, asked for, written, and as the SDK shows them"),
    "page": (2, "the verifier page: the command that writes it, and the path at which a node has it"),
    "payment": (2, "payments: compared with invoices, and their commands"),
    "problems": (2, "why a request was not granted: written, and read"),
    "proof": (2, "a proof file: checked, and the commands"),
    "proofs": (2, "proofs that a node makes: asked for, and written"),
    "publications": (5, "published proofs: stored, over HTTP, for their operator, in the home folder, in the SDK"),
    "webhooks": (2, "webhooks: stored, and for their operator"),
    "reasons": (2, "the names of refusals: what one is, and all of them"),
    "record": (2, "a record: what is signed, and the commands of what several sign"),
    "records": (3, "records in their places: as an index, asked for, and written"),
    "refusals": (2, "why a record is refused: for all kinds, and of each object"),
    "releases": (2, "which release reads which format: the table, and its refusal"),
    "report": (2, "what came of checking a proof: of the ledger, and of the SDK"),
    "session": (2, "what is opened once for all that is asked: by a client, and by a command"),
    "statements": (2, "statements of another language, as they are written: SQL, and JavaScript"),
    "submitting": (2, "records on their way: to a node, and to its engine"),
    "tagkeys": (2, "the keys of tags: as the members state them, and the files of a home folder"),
    "tiles": (2, "hashes of the log in tiles: kept, and fetched"),
    "tlscertificates": (2, "certificates of members' nodes: shown and believed, and made anew"),
    "tokens": (2, "who may ask a node: kept, and driven"),
    "waitingoffices": (2, "openings of offices that wait in a node's folder: sent, and signed"),
    "values": (2, "values out of text: of documents, and of what people type"),
    "voting": (2, "what the members are voting on: the file, and made by a node"),
}
"""Of each name in several places how many those are, and the one idea. A part of the objects' folders counts once."""


def package_files() -> Iterator[Path]:
    """List the Python files of all packages."""
    yield from (path for path in source_files() if any(path.is_relative_to(package) for package in PACKAGES))


def seen_often(names: Counter[str], shared: dict[str, tuple[int, str]]) -> dict[str, int]:
    """Give the names that stand in several places, and not in as many as share an idea."""
    return {name: count for name, count in names.items() if count != shared.get(name, (1, ""))[0]}


def test_classes_of_one_name_share_one_idea() -> None:
    """A class bears a name of its own, or one whose idea is in the table; so does what a module keeps to itself."""
    classes = Counter(
        node.name
        for path in package_files()
        if path.parent != TWINS
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert seen_often(classes, CLASSES) == {}
    assert not CLASSES.keys() - classes.keys(), "the table names what is no more"


def test_files_of_one_name_share_one_idea() -> None:
    """A module bears a name of its own, or one whose idea is in the table."""
    modules = [path for path in package_files() if not path.stem.startswith("__") and path.parent != TWINS]
    parts = {path for path in modules if path.is_relative_to(KINDS) and path.parent != KINDS}
    names = Counter([path.stem for path in modules if path not in parts] + sorted({path.stem for path in parts}))
    assert seen_often(names, FILES) == {}
    assert not FILES.keys() - names.keys(), "the table names what is no more"


def test_a_new_pair_is_named() -> None:
    """A name that comes to stand in a second place is told, and so is one that stands in fewer than the table says."""
    assert seen_often(Counter({"Answer": 2, "Turns": 1}), {}) == {"Answer": 2}
    assert seen_often(Counter({"Term": 1, "Fault": 3}), {"Term": (2, ""), "Fault": (2, "")}) == {"Term": 1, "Fault": 3}
