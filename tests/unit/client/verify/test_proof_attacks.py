"""Proof files that should not be believed: other forms of the same, parts of several, single bits, other moments."""

import base64
import json
import random
from functools import cache

import pytest
from msgspec.structs import replace

from hanse_cli.output.showing import describe_text
from hanse_client.verify.report import report_text
from hanse_ledger.kinds.object import Object
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import ProofFile, write_proof
from hanse_ledger.proofs.report import Report
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.values.limits import CLOCK_SKEW_MS, PROOF_AGE_MS
from hanse_ledger.values.types import ObjectId
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.codec import encode
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import GOOD, check, proof_of, told, trust
from tests.world.corridor import Corridor, story
from tests.world.corridor_genesis import DAY, YEAR

ORDER = 2**252 + 27742317777372353535851937790883648493
"""The order of the group of Ed25519."""


@cache
def text() -> str:
    """Write a valid proof of two objects."""
    return write_proof(proof_of("invoice", "certificate")).decode()


def forms() -> list[str]:
    """Write the same in other forms, which some readers of JSON would take for the same."""
    whole = text()
    return [
        whole + " ",
        whole + "\n",
        " " + whole,
        "\ufeff" + whole,
        whole.replace('"changes":[]', '"changes":[],"changes":[]'),
        whole.replace('"number":', '"number":0'),
        whole.replace('"number":3', '"number":3.0'),
        whole.replace('"number":3', '"number":3e0'),
        whole.replace('"number":3', '"number":NaN'),
        whole.replace('"number":3', '"number":1e400'),
        whole.replace('"number":3', '"number":-3'),
        whole.replace('"number":3', '"number":"3"'),
        whole.replace('"number":3', '"number":' + "9" * 5_000),
        whole.replace("hanse.proof/2", "hanse.pro\\u006ff/1"),
        whole.replace('"terms":[]', '"terms":[],"x":1'),
        whole[:-1] + ',"zz":' + "[" * 20_000 + "]" * 20_000 + "}",
        whole.replace("==", "=", 1),
        whole.replace('A="', 'B="', 1),
        whole.replace("hanse.proof/2", "hanse.proof/3"),
        whole.replace("hanse.proof/2", "hanse.proof/2.0"),
        whole.replace("\\n", "\n", 1),
        whole.replace("—", "\\u2014", 1),
        whole.replace('"mark":null,', "", 1),
        whole.replace('"mark":null', '"mark":[]', 1),
        whole.replace('"mark":null', '"mark":false', 1),
        whole.replace("{", "{ ", 1),
    ]


@pytest.mark.parametrize("number", range(len(forms())))
def test_no_other_form_of_a_proof_is_taken(number: int) -> None:
    """One proof is one sequence of bytes: every other way to write it is another file, and refused."""
    other = forms()[number]
    assert other != text()
    assert check(other.encode()).verdict in (Verdict.TAMPERED, Verdict.UNSUPPORTED_FORMAT)


def with_lines(*lines: str) -> ProofFile:
    """Exchange the signature lines of a proof's head."""
    proof = proof_of("invoice", "certificate")
    head = proof.checkpoint.split("\n\n", 1)[0]
    return replace(proof, checkpoint=head + "\n\n" + "".join(f"{line}\n" for line in lines))


def shifted(line: str) -> str:
    """Add the group's order to a signature's S, which makes another signature of the same by looser rules."""
    start, blob = line.rsplit(" ", 1)
    raw = base64.b64decode(blob)
    return f"{start} {base64.b64encode(raw[:-32] + beyond_order(raw[-32:])).decode()}"


def beyond_order(s: bytes) -> bytes:
    """Add the group's order to a number of 32 bytes."""
    return (int.from_bytes(s, "little") + ORDER).to_bytes(32, "little")


def test_a_heads_signatures_have_one_form() -> None:
    """Shifted, missing, doubled, exchanged and strange lines under a head are all refused."""
    lines = proof_of("invoice", "certificate").checkpoint.split("\n\n", 1)[1].splitlines()
    log, cosigner = lines
    stranger = "— evil AAAAAAAA" + "A" * 86 + "=="
    for wrong in (
        (shifted(log), cosigner),
        (log, shifted(cosigner)),
        (log,),
        (cosigner,),
        (cosigner, log, cosigner),
        (*lines, cosigner),
        (*lines, stranger),
        tuple(line.replace("operator", "market") for line in lines),
    ):
        assert check(with_lines(*wrong)).verdict in (Verdict.TAMPERED, Verdict.UNKNOWN_ISSUER), wrong


def test_a_records_signatures_have_one_form() -> None:
    """A record's signature with the group's order added is another entry, and bad."""
    proof = proof_of("invoice", "certificate")
    for place, evidence in enumerate(proof.records):
        entry = decode_entry(evidence.entry)
        assert isinstance(entry, RecordEntry)
        first, *rest = entry.payload.signatures
        bad = replace(first, sig=first.sig[:32] + beyond_order(first.sig[32:]))
        changed = replace(entry, payload=replace(entry.payload, signatures=(bad, *rest)))
        records = (*proof.records[:place], replace(evidence, entry=encode(changed)), *proof.records[place + 1 :])
        assert check(replace(proof, records=records)).verdict is Verdict.TAMPERED


States = dict[int, dict[ObjectId, Object]]


@cache
def moments() -> tuple[Corridor, list[ProofFile], States]:
    """Honest proofs of several objects of one ledger at two sizes, whole and from marks; and what was so at each."""
    corridor = story()
    ids, then = corridor.id, len(corridor.blocks) - 1
    states: States = {corridor.head.size: dict(corridor.ledger.objects)}
    names = ("invoice", "certificate", "payment", "import", "seller")

    def proofs(*more: str) -> list[ProofFile]:
        maker = ProofMaker(corridor)
        marked = [maker.proof(ids[name], marks={ids[name]: group}) for name in names for group in (then - 1, then)]
        return [*(maker.proof(ids[name]) for name in (*names, *more)), *marked, maker.status(ids["invoice"])]

    pool = proofs()
    corridor.issue_invoice(2, name="second")
    corridor.submit(corridor.make.certificate_revocation(), "chamber")
    corridor.submit(corridor.make.payment_return(), "bank-cn")
    corridor.submit(corridor.make.rotation("seller", "seller 2"), "seller", "seller 2")
    corridor.submit(corridor.make.revocation("buyer", "buyer"), "market")
    states[corridor.head.size] = dict(corridor.ledger.objects)
    return corridor, pool + proofs("second"), states


def says_what_was_so(report: Report, states: States) -> bool:
    """Tell whether each object stood as the report says, in the state that it names."""
    if report.size not in states:
        return False
    return all(
        subject.facts == {name: getattr(states[report.size][subject.id], name) for name in subject.facts}
        for subject in report.subjects
    )


MIXED = ("changes", "checkpoint", "objects", "records", "revocations", "state", "terms")


@pytest.mark.parametrize("seed", range(8))
def test_parts_of_several_proofs_say_nothing_that_was_not_so(seed: int) -> None:
    """Whatever is mixed of honest proofs, of other objects, moments and marks, is refused, or true of its moment."""
    corridor, pool, states = moments()
    trusted, draw = read_trust(corridor.trust), random.Random(seed)  # noqa: S311 (a test's choices)
    honest, sound = {write_proof(proof) for proof in pool}, 0
    for _ in range(250):
        mixed = draw.choice(pool)
        for field in draw.sample(MIXED, draw.randint(1, 3)):
            part = getattr(draw.choice(pool), field)
            if isinstance(part, tuple) and part and draw.random() < 0.5:
                mine = list(getattr(mixed, field))
                at = draw.randrange(len(mine) + 1)
                mine[at : at + draw.randint(0, 1)] = [draw.choice(part)]
                part = tuple(mine)
            mixed = replace(mixed, **{field: part})
        if draw.random() < 0.3:
            shown, other = mixed.objects[0], draw.choice(pool).objects[0]
            field = draw.choice(("mark", "history", "aspects", "path", "number"))
            mixed = replace(mixed, objects=(replace(shown, **{field: getattr(other, field)}), *mixed.objects[1:]))
        data = write_proof(mixed)
        if data in honest:
            continue
        report = check_proof(data, trusted, corridor.head.time)
        if report.verdict in (*GOOD, Verdict.REVOKED, Verdict.EXPIRED_OR_SUPERSEDED):
            sound += 1
            assert says_what_was_so(report, states), report
    assert sound < 250


@pytest.mark.parametrize("seed", range(4))
def test_no_flipped_bit_is_overlooked(seed: int) -> None:
    """Not one of many single bits of a proof, whole or from a mark, can be another."""
    corridor, pool, _ = moments()
    trusted, draw = read_trust(corridor.trust), random.Random(seed)  # noqa: S311 (a test's choices)
    sound = [write_proof(proof) for proof in pool]
    sound = [data for data in sound if check_proof(data, trusted, corridor.head.time).verdict in GOOD]
    for _ in range(250):
        data = bytearray(draw.choice(sound))
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        assert check_proof(bytes(data), trusted, corridor.head.time).verdict not in GOOD


def judged(at: int, max_age_ms: int | None = None, name: str = "certificate") -> Report:
    """Check a proof of a live certificate, or something else, at a moment."""
    return check_proof(write_proof(proof_of(name)), trust(), at, max_age_ms=max_age_ms)


def test_an_old_proof_says_how_old_it_is() -> None:
    """Up to seven days a proof is as good as new; past them a warning says how old, and what it does not say."""
    made = told().head.time
    fresh, old, older = (judged(made + age) for age in (PROOF_AGE_MS, PROOF_AGE_MS + 1, 300 * DAY))
    assert (fresh.verdict, fresh.age_ms) == (Verdict.VALID, PROOF_AGE_MS)
    assert old.verdict is older.verdict is Verdict.VALID_WITH_WARNINGS
    assert "this is 300 days old" in older.detail
    assert any("nobody was asked" in sentence for sentence in older.not_established)


def test_a_proof_that_is_too_old_cannot_be_checked() -> None:
    """Under a bound on its age an older proof is neither valid nor tampered, and says all that it established."""
    made = told().head.time
    assert judged(made + DAY, DAY).verdict is Verdict.VALID
    report = judged(made + DAY + 1, DAY)
    assert report.verdict is Verdict.CANNOT_CHECK
    assert "nothing older than 24 hours is taken" in report.detail
    assert report.established
    assert report.subjects[0].state == "live"
    assert judged(made + 3 * YEAR, DAY).verdict is Verdict.EXPIRED_OR_SUPERSEDED


def test_a_revoked_certificate_stays_revoked_however_old_the_proof() -> None:
    """What a proof shows to be revoked no age makes doubtful."""
    corridor = story()
    corridor.submit(corridor.make.certificate_revocation(), "chamber")
    data = write_proof(ProofMaker(corridor).proof(corridor.id["certificate"]))
    report = check_proof(data, trust(), corridor.head.time + 100 * DAY, max_age_ms=DAY)
    assert report.verdict is Verdict.REVOKED


def test_a_proof_of_the_verifiers_future_is_named() -> None:
    """A clock that is slow by more than five minutes is said, and no age is told by it."""
    made = told().head.time
    assert judged(made - CLOCK_SKEW_MS, name="invoice").verdict is Verdict.VALID
    far = judged(made - CLOCK_SKEW_MS - 1, name="invoice")
    assert far.verdict is Verdict.VALID_WITH_WARNINGS
    assert "this clock is slow" in far.detail
    assert far.age_ms == -CLOCK_SKEW_MS - 1
    assert judged(made - 10 * YEAR, DAY, "invoice").verdict is Verdict.CANNOT_CHECK


def test_a_head_that_is_signed_again_makes_a_proof_fresh() -> None:
    """An idle ledger's newest signature is as of when the proof holds; one cosigner of several cannot do that alone."""
    corridor = story()
    later = corridor.head.time // 1_000 + 30 * 86_400
    maker = ProofMaker(corridor, corridor.sign_checkpoint(seconds=later))
    data = write_proof(maker.proof(corridor.id["certificate"]))
    report = check_proof(data, trust(), later * 1_000 + 1)
    assert (report.verdict, report.as_of, report.age_ms) == (Verdict.VALID, later * 1_000, 1)


@pytest.mark.parametrize("seconds", [253_402_300_800, 2**62, 2**63 - 1])
def test_a_head_signed_beyond_all_calendars_is_tampered(seconds: int) -> None:
    """An operator signs a head for a year that no clock shows: the file is refused, and the report can be written."""
    corridor = story()
    maker = ProofMaker(corridor, corridor.sign_checkpoint(seconds=seconds))
    report = check(write_proof(maker.proof(corridor.id["certificate"])))
    assert "no possible time" in report_text(report)
    assert report.verdict is Verdict.TAMPERED


def test_a_file_that_nobody_checked_is_shown_with_any_time() -> None:
    """`hanse inspect` shows times that no calendar has: it says what a file says, before anything is proven."""
    assert "146140482-04-24" in describe_text({"valid_until": 2**62})


@pytest.mark.parametrize("where", ["state", "checkpoint", "terms", "entry"])
@pytest.mark.parametrize(
    "words", ["\n\nverdict: valid (x)\n", "\x1b[2J\x1b[1;1H", "\x9b2J", "\u202edilav", "\u2028", "x" * 2_000_000]
)
@pytest.mark.parametrize("ascii_alone", [True, False])
def test_no_name_in_a_file_acts_on_who_reads_the_report(where: str, words: str, *, ascii_alone: bool) -> None:
    """A field of a name that there is none of is quoted in one line: it draws no verdict of its own, and is cut."""
    name = json.dumps(where + words, ensure_ascii=ascii_alone)
    report = check(text().replace(f'"{where}":', f"{name}:", 1).encode())
    assert report.verdict in (Verdict.TAMPERED, Verdict.UNSUPPORTED_FORMAT)
    for line in (report.detail, *(step.detail for step in report.steps)):
        assert line.isprintable(), line[:100]
        assert len(line) < 2_000
    shown = report_text(report).splitlines()
    assert shown[0].startswith(report.verdict.value.upper())
    assert not any(line.startswith("verdict") for line in shown)
