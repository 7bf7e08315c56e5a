"""A report's English sentences are those that it has for any language, and each has an id."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from random import Random

import msgspec
import pytest

from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.report import Report
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.values.messages import Said
from hanse_ledger.values.types import Moment
from tests.conftest import ROOT

VECTORS = json.loads((ROOT / "tests/vectors/proofs.json").read_bytes())
TRUST = read_trust((ROOT / "tests/vectors/trust.json").read_bytes())
PROOFS = [(sample["proof"].encode(), sample["at"]) for sample in VECTORS["proofs"]]


def pairs(report: Report) -> Iterator[tuple[str, Said | None]]:
    """Pair each English sentence of a report with what was said."""
    said = report.said
    yield report.detail, said.detail
    yield report.vouchers, said.vouchers
    for words, sentences in (
        (report.established, said.established),
        (report.not_established, said.not_established),
        (report.keys, said.keys),
        (report.warnings, said.warnings),
    ):
        yield from zip(words, sentences, strict=True)
    for step in report.steps:
        yield step.title, step.said.title
        yield step.detail, step.said.detail
    for subject in report.subjects:
        yield subject.kind, subject.said.kind
        yield subject.state, subject.said.state
        yield subject.note, subject.said.note
    for act in report.acts:
        assert act.signers == tuple(map(str, act.said))


def checked(data: bytes, at: Moment) -> Report:
    """Check a proof, and that its report says one thing."""
    report = check_proof(data, TRUST, at)
    for words, message in pairs(report):
        if message is None:
            assert not words
        else:
            assert (message.words, bool(message.id)) == (words, True)
    return report


@pytest.mark.parametrize("place", range(len(PROOFS)))
def test_english_is_what_was_said(place: int) -> None:
    """Each sentence of a report has an id, and its English words are the report's."""
    report = checked(*PROOFS[place])
    assert msgspec.json.decode(msgspec.json.encode(report))["said"]["meaning"]["id"].startswith("meaning.")


@pytest.mark.parametrize("seed", range(300))
def test_what_is_wrong_has_an_id_too(seed: int) -> None:
    """A refusal of the checker is said in every language: none is words alone."""
    random = Random(seed)  # noqa: S311 (repeatable on purpose)
    sample, at = random.choice(PROOFS)
    file = json.loads(sample)
    parts = [part for name in ("records", "objects", "revocations", "terms", "changes") for part in file[name]]
    parts.append(file["state"])
    part = random.choice(parts)
    texts = [name for name, value in part.items() if isinstance(value, str)]
    lists = [name for name, value in part.items() if isinstance(value, list) and value]
    name = random.choice(texts + lists)
    if name in texts:
        data = bytearray(b64decode(part[name]))
        if data:
            data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        part[name] = b64encode(data).decode()
    elif random.random() < 0.5:
        part[name].pop(random.randrange(len(part[name])))
    else:
        part[name].append(part[name][-1])
    checked(json.dumps(file, separators=(",", ":"), ensure_ascii=False).encode(), at)
