"""Records that several sign, typed against a real node: drafts are shown, signed and sent."""

import json

import pytest
from msgspec.structs import replace

from hanse_client.base.clock import now_ms
from hanse_client.home.drafts import Draft, draft
from hanse_client.home.identity import Identity
from hanse_ledger.kinds.invoice.bodies import CancelInvoice
from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow


def test_two_officers_sign_a_draft(desk: Desk) -> None:
    """Under four eyes the first writes a draft, the second looks, agrees and signs, and anybody sends it."""
    office = desk.run("office", "open", who="chamber").out
    for name in ("first", "second"):
        Identity.generate(name).save(desk.folder / f"{name}.pem", None)
        desk.run("office", "appoint", office, f"{name}.pem", "--power", "certify", who="chamber")
        desk.run("office", "adopt", office, "--identity", f"{name}.pem", "--home", name)
    desk.run("office", "set", office, "--four-eyes", "certificate.issue", who="chamber")
    first, second = (("--identity", f"{name}.pem", "--home", name) for name in ("first", "second"))
    issue = ("certificate", "issue", "certificate.json", "--exporter", desk.ids["seller"])
    assert desk.run(*issue, *first, "--json", code=15).json["error"]["reason"] == "four-eyes-wanted"

    key = desk.run("key", "show", "second.pem", "--json").json["public_key"]
    desk.run(*issue, *first, "--with", key, code=2)
    desk.run(*issue, *first, "--draft", "certificate.draft", code=2)
    drafted = desk.run(*issue, *first, "--with", key, "--draft", "certificate.draft", "--json").json
    assert drafted["missing"] == [key]
    shown = desk.run("record", "show", "certificate.draft").out
    assert shown.startswith("Certify")
    assert key in shown
    told = desk.run("record", "show", "certificate.draft", "--json").json
    assert (told["kind"], told["missing"], told["expired"]) == ("certificate.issue", [key], False)
    assert "certificate.issue" in desk.run("inspect", "certificate.draft").out

    # Not without a yes, not by a stranger, and nothing is sent before it is signed by all.
    desk.run("record", "sign", "certificate.draft", *second, code=2)
    desk.run("record", "sign", "certificate.draft", "--yes", who="seller", code=2)
    assert key in desk.run("record", "submit", "certificate.draft", code=2).err
    signed = desk.run("record", "sign", "certificate.draft", "--yes", *second)
    assert "all signatures" in signed.err
    sent = desk.run("record", "submit", "certificate.draft")
    assert sent.out == drafted["object_id"]
    assert desk.run("certificate", "show", sent.out, "--json").json["aspects"]["links"]["issuer"] == "chamber"
    assert "stood already" in desk.run("record", "submit", "certificate.draft").err
    # The opening stayed with who drafted it: it shows a term.
    desk.run("proof", sent.out, "--out", "eyes.hanse", "--disclose", "number", *first)
    assert desk.run("verify", "eyes.hanse", "--json").json["verdict"] in {"valid", "valid with warnings"}


def test_a_draft_that_has_expired_is_neither_signed_nor_sent(desk: Desk) -> None:
    """It is shown, and said to have expired."""
    seller = Identity.load(desk.folder / "seller.pem", None)
    body = CancelInvoice(invoice=bytes.fromhex(desk.ids["invoice"]))
    made = draft(body, bytes.fromhex(desk.ids["ledger"]), (seller.public_key,), now_ms() - 7_200_000, 3_600_000)
    (desk.folder / "old.draft").write_bytes(made.sign(seller).to_json())
    assert "It has expired" in desk.run("record", "show", "old.draft").err
    assert "expired" in desk.run("record", "sign", "old.draft", "--yes", who="seller", code=2).err
    assert "expired" in desk.run("record", "submit", "old.draft", code=2).err


def test_what_is_no_draft_is_refused(desk: Desk) -> None:
    """An enrolment is signed where the identity is shown; a changed record bears no good signature."""
    assert "party enrol" in desk.run("record", "sign", "seller.request", "--yes", who="market", code=2).err
    desk.run("record", "show", "missing.draft", code=2)
    desk.run("party", "request-move", "--member", "chamber", "--out", "move.draft", who="buyer")
    assert "party.move" in desk.run("record", "show", "move.draft").out
    file = json.loads((desk.folder / "move.draft").read_bytes())
    other = Draft.from_json((desk.folder / "move.draft").read_bytes())
    assert replace(other, signatures=(None,) * len(other.signatures)).missing == other.record.signers
    file["signatures"][0]["key"] = "00"
    (desk.folder / "bad.draft").write_text(json.dumps(file, separators=(",", ":")))
    desk.run("record", "show", "bad.draft", code=2)
