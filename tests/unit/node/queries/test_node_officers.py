"""Proofs of what officers signed, as a node makes them: with their office's acts between two way marks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.declaration.bodies import LodgeDeclaration, LowValueGoods, Regime
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.office.bodies import AppointOfficer, DismissOfficer, LowValue, OpenOffice, SetOffice
from hanse_ledger.kinds.party.bodies import EnrolParty, KeyRevocation, RevokeKey
from hanse_ledger.kinds.power import Power
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import ProofFile, read_proof, write_proof
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values import limits
from hanse_ledger.values.types import ObjectId
from hanse_ledger.values.verdict import Verdict
from tests.world.front import Front, front
from tests.world.node_ledger import (
    HOUR,
    MARKET,
    PARTIES,
    START,
    declare,
    digest,
    enrol,
    invoice,
    key_of,
    party,
    public,
    sign,
)

SOUND = (Verdict.VALID, Verdict.VALID_WITH_WARNINGS)
OPEN = sign(OpenOffice(encryption_key=digest("office"), member="market", profile=None), MARKET, nonce="open")
OFFICE = created_id(OPEN.id)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Front]:
    """A node whose member has an office with an officer who enrols parties, and two parties."""
    with front(tmp_path / "node") as started:
        started.must_stand([*PARTIES, OPEN, appoint("clerk")])
        yield started


def appoint(name: str) -> Signed:
    """Appoint an officer who enrols."""
    until = START + 300 * 24 * HOUR
    body = AppointOfficer(
        key=public(key_of(name)), office=OFFICE, powers=(Power.ENROL,), valid_from=START, valid_until=until
    )
    return sign(body, MARKET, key_of(name), nonce=name)


def dismiss(name: str) -> Signed:
    """Dismiss an officer."""
    body = DismissOfficer(
        compromised_since=None, key=public(key_of(name)), office=OFFICE, reason=KeyRevocation.CESSATION
    )
    return sign(body, MARKET, nonce=f"{name} goes")


def settings(number: int, *four_eyes: str) -> Signed:
    """Change the office's settings: an act like any other."""
    body = SetOffice(encryption_key=digest(number), four_eyes=four_eyes, low_value=(), office=OFFICE, profile=None)
    return sign(body, MARKET, nonce=f"settings {number}")


def enrolled(name: str, *officers: str) -> tuple[Signed, ObjectId]:
    """Have officers enrol a party; give the record and the party."""
    body = enrol(name).record.body
    assert isinstance(body, EnrolParty)
    signed = sign(body, *(key_of(each) for each in officers), key_of(name), nonce=f"{name} by {officers}")
    return signed, created_id(signed.id)


def fetch(node: Front, *names: bytes, query: str = "") -> ProofFile:
    """Fetch a full proof that the checker finds sound."""
    answer = node.get("/v1/proof?" + "&".join(f"object={name.hex()}" for name in names) + query)
    assert answer.status_code == 200, answer.text
    report = check_proof(answer.content, read_trust(node.get("/v1/trust").content), node.store.head.time)
    assert report.verdict in SOUND, report.detail
    return read_proof(answer.content)


def refuse(node: Front, proof: ProofFile) -> Verdict:
    """Check a proof that must not hold."""
    report = check_proof(write_proof(proof), read_trust(node.get("/v1/trust").content), node.store.head.time)
    assert report.verdict not in SOUND
    return report.verdict


def test_a_proof_carries_the_acts_of_the_office_whose_officer_signed(node: Front) -> None:
    """From its opening to the present where it has no way mark; and none where members alone signed."""
    signed, name = enrolled("new", "clerk")
    node.must_stand([signed, settings(1)])
    (part,) = fetch(node, name).offices
    assert (part.id, len(part.acts), part.begin, part.end.state) == (OFFICE, 3, None, None)
    assert fetch(node, party("seller")).offices == ()
    # What names the party needs them too, and the office itself is proven by its own history.
    assert len(fetch(node, OFFICE).objects[0].history) == 3
    assert fetch(node, name, OFFICE).offices == ()


def test_a_dismissed_officers_work_stands(node: Front) -> None:
    """What was signed before the dismissal is proven, with the dismissal among the acts."""
    signed, name = enrolled("new", "clerk")
    node.must_stand([signed, dismiss("clerk")])
    (part,) = fetch(node, name).offices
    assert len(part.acts) == 3


def test_four_eyes_are_proven(node: Front) -> None:
    """The verifier sees from the acts that two had to sign, and that they were officers."""
    node.must_stand([appoint("second"), settings(1, "party.enrol")])
    signed, name = enrolled("new", "clerk", "second")
    node.must_stand([signed])
    (part,) = fetch(node, name).offices
    assert len(part.acts) == 4


def test_an_officers_revocation_of_a_key_is_proven(node: Front) -> None:
    """The record that ended a key is an officer's, so that its office's acts go with it."""
    body = RevokeKey(
        compromised_since=None, key=public(key_of("buyer")), party=party("buyer"), reason=KeyRevocation.SUPERSEDED
    )
    bought = invoice(1)
    node.must_stand([bought, sign(body, key_of("clerk"), nonce="revoked")])
    assert [part.id for part in fetch(node, created_id(bought.id)).offices] == [OFFICE]


def test_what_is_addressed_to_an_office_disturbs_no_proof(node: Front) -> None:
    """Its acts are proven while its inbox grows, before, between and after; its own proof shows the inbox as it is."""
    first, name = enrolled("new", "clerk")
    node.must_stand([invoice(0, tagged=True), declare(0), first])
    node.must_stand([invoice(10, tagged=True), declare(10), settings(1)])
    assert len(fetch(node, name).offices[0].acts) == 3
    assert len(fetch(node, OFFICE).objects[0].history) == 3
    assert fetch(node, OFFICE, created_id(declare(0).id)).objects[0].id == OFFICE
    assert len(fetch(node, created_id(declare(10).id), name).offices) == 1
    page = node.get(f"/v1/offices/{OFFICE.hex()}/inbox?limit=1").json()
    assert [each["id"] for each in page["records"]] == [declare(10).id.hex()]
    older = node.get(f"/v1/offices/{OFFICE.hex()}/inbox?before=1").json()
    assert [each["id"] for each in older["records"]] == [declare(0).id.hex()]
    assert older["earlier"] == {"count": 0, "head": "00" * 32}
    assert node.get(f"/v1/offices/{name.hex()}/inbox").status_code == 404
    assert node.get("/v1/members/market/office").json()["id"] == OFFICE.hex()
    assert node.get("/v1/members/nobody/office").status_code == 404


def test_an_inbox_grows_beside_way_marks(node: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts between marks hold, though the office was addressed within them."""
    monkeypatch.setattr(limits, "WAY_MARK", 8)
    proven: list[ObjectId] = []
    for period in range(3):
        signed, name = enrolled(f"party {period}", "clerk")
        proven.append(name)
        number = 10 * period
        node.must_stand([signed, invoice(number, tagged=True), declare(number)])
        node.must_stand([settings(10 * period + act) for act in range(7)])
    for query in ("", "&from=mark"):
        for name in proven:
            fetch(node, name, query=query)
        fetch(node, OFFICE, proven[1], query=query)


@pytest.mark.slow
def test_acts_are_carried_between_two_way_marks(node: Front) -> None:
    """However many acts an office has, a proof has those around what was signed: at most those between two marks."""
    proven: list[ObjectId] = []
    for period in range(4):
        signed, name = enrolled(f"party {period}", "clerk")
        proven.append(name)
        node.must_stand([signed])
        for begin in range(period * 200, period * 200 + (200 if period < 3 else 100), 50):
            node.must_stand([settings(number) for number in range(begin, begin + 50)])
    for place, name in enumerate(proven):
        for query in ("", "&from=mark"):
            proof = fetch(node, name, query=query)
            (part,) = proof.offices
            assert (part.begin is None) == (place < 2)
            assert (part.end.state is None) == (place == 3)
            assert len(part.acts) <= limits.WAY_MARK + 50
            assert len(proof.records) <= len(part.acts) + 4
    together = fetch(node, *proven)
    assert [part.id for part in together.offices] == [OFFICE] * 3
    assert len(fetch(node, OFFICE, proven[1], query="&from=mark").offices) == 1
    # Whatever is taken away, the rest proves nothing.
    part = together.offices[1]
    for lesser in (
        (),
        together.offices[1:],
        together.offices[:-1],
        (*together.offices[:2], part, together.offices[2]),
    ):
        refuse(node, replace(together, offices=lesser))


def parcel(number: int) -> Signed:
    """Declare a parcel of low value to the market as a customs authority."""
    plain = declare(number).record.body
    assert isinstance(plain, LodgeDeclaration)
    body = replace(
        plain,
        low_value=LowValueGoods(amount_minor=2_950, currency="EUR", minor_digits=2, products=("4006381333931",)),
        regime=Regime.LOW_VALUE_IMPORT,
    )
    return sign(body, key_of("seller"), nonce=f"parcel {number}")


def test_a_proof_carries_the_acts_that_set_the_limit_of_a_parcel(node: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the declaration, and of whatever else its record stands in; from way mark to way mark in a long chain."""
    monkeypatch.setattr(limits, "WAY_MARK", 8)
    limit = LowValue(at_most_minor=15_000, currency="EUR", minor_digits=2)
    taking = replace(settings(1).record.body, low_value=(limit,))
    node.must_stand([invoice(0, tagged=True), sign(taking, MARKET, nonce="taking")])
    lodged = parcel(0)
    node.must_stand([lodged, settings(2)])
    name = created_id(lodged.id)
    (part,) = fetch(node, name).offices
    assert (part.id, len(part.acts), part.begin, part.end.state) == (OFFICE, 4, None, None)
    assert fetch(node, created_id(invoice(0, tagged=True).id)).offices == (part,)
    assert fetch(node, name, OFFICE).offices == ()
    assert refuse(node, replace(fetch(node, name), offices=())) is Verdict.TAMPERED
    node.must_stand([settings(number) for number in range(3, 9)])
    (part,) = fetch(node, name).offices
    assert (part.begin, part.end.state is None) == (None, False)
    node.must_stand([sign(taking, MARKET, nonce="again"), invoice(10, tagged=True), parcel(10)])
    (part,) = fetch(node, created_id(parcel(10).id)).offices
    assert (part.begin is None, part.end.state, len(part.acts)) == (False, None, 1)
    assert len(fetch(node, name, created_id(parcel(10).id)).offices) == 2
