"""A request shows the member whom it vouches for, and can show nobody else."""

import json
from pathlib import Path

import pytest

from hanse_cli.main import run
from hanse_client.base.errors import InvalidInput
from hanse_client.home.drafts import draft
from hanse_client.home.enrolments import EnrolmentRequest
from hanse_client.home.identity import Identity
from hanse_client.home.openings import new_opening
from hanse_ledger.kinds.party.bodies import EnrolParty, PartyRole
from hanse_ledger.wire.catalogue import CommittedKind
from tests.world.corridor_genesis import T0, public

TERMS = {"name": "Qingwan Kiln Studio", "vat": "CN91330100MA2B"}


def request() -> EnrolmentRequest:
    """Make a request as a party does."""
    party = Identity.generate()
    opening = new_opening(CommittedKind.IDENTITY, None, TERMS, name="identity", discoverable=False)
    body = EnrolParty(
        encryption_key=party.encryption_key,
        identity=opening.terms_root(),
        key=party.public_key,
        member="market",
        repair=None,
        roles=(PartyRole.SELLER,),
        valid_from=T0,
        valid_until=T0 * 2,
    )
    made = draft(body, bytes(32), (party.public_key, public("market")), T0).sign(party)
    return EnrolmentRequest(made, opening.terms, opening.seed)


def test_what_is_written_is_read() -> None:
    """Who the party is, and what it has signed."""
    made = request()
    read = EnrolmentRequest.from_json(made.to_json())
    assert (read.terms, read.seed, read.draft) == (TERMS, made.seed, made.draft)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda file: file["identity"]["terms"].update(name="Somebody Else"), "not the one to which it commits"),
        (lambda file: file["identity"]["terms"].update(lei="5299000J2N45DDNE4Y28"), "not the one to which it commits"),
        (lambda file: file["identity"]["terms"].pop("vat"), "not the one to which it commits"),
        (lambda file: file["identity"].update(seed="A" * 43 + "="), "not the one to which it commits"),
        (lambda file: file["identity"]["terms"].update({"BT-1": "7"}), "terms"),
        (lambda file: file.update({"@type": "hanse.enrolment-request/2"}), "format"),
        (lambda file: file["draft"]["signatures"][0].update(sig="A" * 86 + "=="), "signature"),
    ],
)
def test_no_other_identity_can_be_shown(change: object, words: str) -> None:
    """What is shown is what the record commits to, to the letter, or nothing is signed."""
    file = json.loads(request().to_json())
    assert callable(change)
    change(file)
    with pytest.raises(Exception, match=words):
        EnrolmentRequest.from_json(json.dumps(file).encode())


def test_a_request_that_shows_nobody_is_refused() -> None:
    """The record alone says nothing of who it is."""
    with pytest.raises(InvalidInput, match="does not show whom it is about"):
        EnrolmentRequest.from_json(request().draft.to_json())
    for junk in (b"", b"{}", b"[]", b"\xff", b'{"@type":"hanse.enrolment-request/1"}'):
        with pytest.raises(InvalidInput):
            EnrolmentRequest.from_json(junk)


def test_inspect_shows_the_identity(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`hanse inspect` says whom a request is about."""
    (tmp_path / "seller.request").write_bytes(request().to_json())
    assert run(["inspect", str(tmp_path / "seller.request")]) == 0
    said = capsys.readouterr().out
    assert "Qingwan Kiln Studio" in said
    assert "party.enrol" in said
