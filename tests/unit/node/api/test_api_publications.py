"""Published proofs over HTTP: who may publish, read and withdraw, and that nothing else can be done under a name."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.certificate.bodies import CertificateRevocation, RevokeCertificate
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import MEDIA_TYPE, read_proof, write_proof
from hanse_ledger.proofs.report import Report
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded
from hanse_ledger.values.verdict import Verdict
from hanse_node.access.caller import ITSELF
from hanse_node.api.access import Access
from hanse_node.base.bounds import PUBLICATION_BYTES, PUBLICATION_MISSES_BURST, PUBLISHED_BURST
from hanse_node.base.config import PublishedProofs
from hanse_node.publications.publicnames import NAME_BYTES, is_published, read_name, write_name
from hanse_node.signing.tokens import Scope
from hanse_page.carried import carried_page
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import proof_of
from tests.world.corridor import Corridor, story
from tests.world.corridor_genesis import DAY, GENESIS, T0, seed_of
from tests.world.front import Front, front
from tests.world.tokens import book_of, token_of

SEEDS = (seed_of("operator log"), seed_of("operator cosigner"))
HOUR_MS = 3_600_000
UNLISTED = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow, noarchive",
}


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = T0 + DAY // 2

    def __call__(self) -> int:
        """Give the present."""
        return self.now


class Told:
    """A node that holds the story, its clock, and the corridor that goes on."""

    def __init__(self, node: Front, corridor: Corridor, clock: Clock) -> None:
        self.node, self.corridor, self.clock = node, corridor, clock

    def proof(self, *names: str, view: str = "status") -> bytes:
        """Fetch a proof about objects of the story."""
        query = "&".join(f"object={self.corridor.id[name].hex()}" for name in names)
        answer = self.node.get(f"/v1/proof?{query}&view={view}")
        assert answer.status_code == 200, answer.text
        return answer.content

    def put(self, name: str, data: bytes, **headers: str) -> Any:
        """Publish bytes under a name."""
        return self.node.request("PUT", f"/p/{name}", content=data, headers={"content-type": MEDIA_TYPE, **headers})

    def published(self, *names: str) -> tuple[str, str]:
        """Publish objects under a new name; give it, and the secret."""
        name = new_name()
        answer = self.put(name, self.proof(*names))
        assert answer.status_code == 201, answer.text
        return name, answer.json()["secret"]

    def check(self, data: bytes) -> Report:
        """Check a proof as a reader with this ledger's trust file does."""
        return check_proof(data, read_trust(self.node.get("/v1/trust").content), self.clock.now)

    def revoke(self) -> None:
        """Have the chamber revoke the certificate."""
        body = RevokeCertificate(certificate=self.corridor.id["certificate"], reason=CertificateRevocation.ERROR)
        self.node.must_stand([self.corridor.sign(body, "chamber")])


def new_name() -> str:
    """Choose a name."""
    return write_name(os.urandom(NAME_BYTES))


def records_of(corridor: Corridor) -> list[Signed]:
    """Take every record of a corridor, in order."""
    entries = (decode_entry(data) for data in corridor.entries)
    return [open_decoded(entry.payload) for entry in entries if isinstance(entry, RecordEntry)]


def run(path: Path, settings: PublishedProofs | None = None, access: Access | None = None) -> Iterator[Told]:
    """Run a node that holds the story."""
    corridor, clock = story(), Clock()
    given: dict[str, Any] = {} if access is None else {"access": access}
    with front(path, GENESIS, seeds=SEEDS, cosigner="operator", clock=clock, publishing=settings, **given) as node:
        if access is None:
            node.must_stand(records_of(corridor))
        yield Told(node, corridor, clock)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """Run a node that holds the story and asks for no token."""
    yield from run(tmp_path / "node")


def test_a_published_proof_is_read_by_whoever_has_its_name(told: Told) -> None:
    """In capitals or small letters, without a token; it is a proof file, and nobody is invited to list or keep it."""
    name, secret = told.published("certificate")
    assert secret.startswith("withdraw_")
    for path in (f"/P/{name}", f"/p/{name}", f"/p/{name.lower()}", f"/P/{name[:9].lower()}{name[9:]}"):
        answer = told.node.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == MEDIA_TYPE
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}.hanse"'
        assert UNLISTED.items() <= dict(answer.headers).items()
        assert told.check(answer.content).verdict is Verdict.VALID_WITH_WARNINGS


def test_the_same_call_gets_the_same_answer(told: Told) -> None:
    """A retry is harmless: same name and bytes, same answer, also after a renewal; other bytes are refused."""
    name, data = new_name(), told.proof("invoice")
    first = told.put(name, data)
    told.clock.now += 2 * HOUR_MS
    assert told.node.service.publications.renew_due(ITSELF) == 1
    again = told.put(name.lower(), data)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    other = told.put(name, told.proof("payment"))
    assert (other.status_code, other.json()["code"]) == (409, "name-taken")
    assert told.node.service.publications.renew_due(ITSELF) == 0


def test_a_later_revocation_shows(told: Told) -> None:
    """After an hour what is published is made anew, and says that the certificate was revoked; not before."""
    name, _ = told.published("certificate")
    told.revoke()
    told.clock.now += HOUR_MS - 1
    assert told.node.service.publications.renew_due(ITSELF) == 0
    assert told.check(told.node.get(f"/p/{name}").content).verdict is Verdict.VALID_WITH_WARNINGS
    told.clock.now += 2
    assert told.node.service.publications.renew_due(ITSELF) == 1
    report = told.check(told.node.get(f"/p/{name}").content)
    assert report.verdict is Verdict.REVOKED
    assert report.as_of == told.node.store.head.time or report.as_of is not None


def test_histories_and_terms_stay_what_was_published(told: Told) -> None:
    """A proof with records is renewed with records; each renewal passes the checker."""
    name, data = new_name(), told.proof("certificate", "invoice", view="full")
    assert told.put(name, data).status_code == 201
    told.clock.now += 2 * HOUR_MS
    told.node.must_stand([told.corridor.sign(told.corridor.make.invoice(7), "seller")])
    assert told.node.service.publications.renew_due(ITSELF) == 1
    found = told.node.get(f"/p/{name}").content
    assert told.check(found).verdict is Verdict.VALID
    assert [each.id for each in read_proof(found).objects] == [each.id for each in read_proof(data).objects]
    assert len(read_proof(found).records) == len(read_proof(data).records)


def test_an_old_proof_shows_the_present(told: Told) -> None:
    """Who publishes a proof from before a revocation publishes nothing: what is checked is how it stands now."""
    old = told.proof("certificate")
    told.revoke()
    answer = told.put(new_name(), old)
    assert (answer.status_code, answer.json()["code"]) == (422, "unpublishable")
    assert "since it was made: revoked" in answer.json()["detail"]


@pytest.mark.parametrize("what", ["tampered", "another ledger's", "no proof", "a page", "nothing", "another form"])
def test_only_what_the_checker_accepts_is_published(told: Told, what: str) -> None:
    """Foreign, forged and other files are refused, with the verdict, and nothing is kept."""
    good = told.proof("certificate")
    other = Corridor()
    other.enrol_traders()
    data = {
        "tampered": good[:-200] + bytes([good[-200] ^ 1]) + good[-199:],
        "another ledger's": write_proof(replace(proof_of("certificate"), ledger=bytes(32))),
        "no proof": b"\x00" * 500,
        "a page": b"<!doctype html><script>alert(1)</script>",
        "nothing": b"",
        "another form": good + b"\n",
    }[what]
    name = new_name()
    answer = told.put(name, data)
    assert (answer.status_code, answer.json()["code"]) == (422, "unpublishable"), answer.text
    assert told.node.get(f"/p/{name}").status_code == 404


def test_an_object_that_the_node_does_not_know_is_not_published(told: Told) -> None:
    """A sound proof of the same ledger, made by its operator elsewhere, about what this node has not."""
    corridor = story()
    body = corridor.make.invoice(99)
    made = corridor.submit(body, "seller", name="elsewhere")
    data = write_proof(ProofMaker(corridor).status(made))
    assert told.check(data).verdict is Verdict.VALID_WITH_WARNINGS
    assert told.put(new_name(), data).status_code == 404


def test_what_is_too_large_is_refused_before_it_is_read(told: Told) -> None:
    """A huge file ends at its announced length, or when so many bytes have come."""
    answer = told.put(new_name(), b"{" * (PUBLICATION_BYTES + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "A" * 25,
        "A" * 27,
        "A" * 25 + "B",
        "A" * 25 + "1",
        "A" * 25 + "\n",
        "../" + "A" * 26,
        "A" * 26 + "/",
        "A" * 13 + "\r\nX-Evil: 1" + "A" * 13,
        "A" * 26 + ".hanse",
        "\uff21" * 26,
        "AAAAAAAAAAAAAAAAAAAAAAAAA=",
    ],
)
def test_what_is_no_name_is_none(told: Told, text: str) -> None:
    """Names have one form; whatever else stands there is not found, publishes nothing, and reaches no header."""
    assert read_name(text) is None
    path = "/p/" + "".join(f"%{byte:02X}" for byte in text.encode())
    for method in ("GET", "DELETE"):
        answer = told.node.request(method, path, headers={"hanse-secret": "x"})
        assert answer.status_code in (404, 405), answer.text
        assert "x-evil" not in answer.headers
    assert told.node.request("PUT", path, content=told.proof("invoice")).status_code in (400, 404, 405)


def test_names_are_written_in_one_way() -> None:
    """Each name has one text in capitals; the last letter has two bits that must be nothing."""
    for _ in range(200):
        name = os.urandom(NAME_BYTES)
        text = write_name(name)
        assert len(text) == 26
        assert read_name(text) == read_name(text.lower()) == name
        others = [letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" if read_name(text[:25] + letter)]
        assert len(others) == 8
    assert [is_published(path) for path in ("/P/x", "/p/", "/p/x/y", "/proof")] == [True, True, False, False]


def test_guessing_names_ends_soon(told: Told) -> None:
    """Who asks for names that are none is told to wait, in words; another network is not."""
    name, _ = told.published("certificate")
    answers = [told.node.get(f"/p/{new_name()}").status_code for _ in range(PUBLICATION_MISSES_BURST + 5)]
    assert answers[: PUBLICATION_MISSES_BURST - 1] == [404] * (PUBLICATION_MISSES_BURST - 1)
    assert answers[-1] == 429
    refused = told.node.get(f"/p/{name}")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert UNLISTED.items() <= dict(refused.headers).items()


def test_publishing_fast_ends_soon(told: Told) -> None:
    """One who publishes without end is told to wait; what stands goes on being read."""
    name, _ = told.published("certificate")
    codes = [told.put(new_name(), b"").status_code for _ in range(PUBLISHED_BURST + 2)]
    assert codes[-1] == 429
    assert told.node.get(f"/p/{name}").status_code == 200


def test_only_the_secret_withdraws(told: Told) -> None:
    """Without it, or with another's, nothing changes; with it the proof is gone, and stays so. Twice is once."""
    name, secret = told.published("certificate")
    other, others_secret = told.published("invoice")
    for wrong in ("", "withdraw_" + "0" * 64, others_secret, secret[:-1], secret + "0", "ü" * 20):
        answer = told.node.request("DELETE", f"/p/{name}", headers={"hanse-secret": wrong.encode()})
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong-secret"), wrong
    assert told.node.request("DELETE", f"/p/{name}").status_code == 403
    assert told.node.get(f"/p/{name}").status_code == 200
    for _ in range(2):
        assert told.node.request("DELETE", f"/P/{name.lower()}", headers={"hanse-secret": secret}).status_code == 204
    gone = told.node.get(f"/p/{name}")
    assert (gone.status_code, gone.json()["code"]) == (410, "withdrawn")
    assert told.node.get(f"/p/{other}").status_code == 200


def test_a_delayed_call_does_not_publish_again(told: Told) -> None:
    """A replay of the call that published what was withdrawn is refused, and so is anything else under that name."""
    name, data = new_name(), told.proof("certificate")
    secret = told.put(name, data).json()["secret"]
    told.node.request("DELETE", f"/p/{name}", headers={"hanse-secret": secret})
    replayed = told.put(name, data)
    assert (replayed.status_code, replayed.json()["code"]) == (410, "withdrawn")
    assert told.put(name, told.proof("invoice")).status_code == 409
    assert told.node.service.publications.renew_due(ITSELF) == 0
    assert told.node.get(f"/p/{name}").status_code == 410


def test_a_bound_of_room_is_told(tmp_path: Path) -> None:
    """As many as the settings say; withdrawing makes room when the name is forgotten. Zero publishes nothing."""
    for told in run(tmp_path / "few", PublishedProofs(count=2, each=2)):
        name, secret = told.published("certificate")
        told.published("invoice")
        full = told.put(new_name(), told.proof("payment"))
        assert (full.status_code, full.json()["code"]) == (409, "no-room")
        told.node.request("DELETE", f"/p/{name}", headers={"hanse-secret": secret})
        assert told.put(new_name(), told.proof("payment")).status_code == 409
        told.clock.now += 31 * DAY
        told.node.service.publications.renew_due(ITSELF)
        assert told.node.get(f"/p/{name}").status_code == 404
    for told in run(tmp_path / "none", PublishedProofs(count=0)):
        assert told.put(new_name(), told.proof("payment")).json()["code"] == "no-room"


def test_publishing_needs_a_token_of_its_scope(tmp_path: Path) -> None:
    """Reading and withdrawing need none; a token without the scope, or none, publishes nothing."""
    tokens = (
        token_of("may", "seller", [Scope.PUBLISH]),
        token_of("reads", "reader", [Scope.READ, Scope.SUBMIT]),
    )
    access = Access(book_of(tmp_path / "tokens", *tokens))
    for told in run(tmp_path / "node", access=access):
        assert told.put(new_name(), b"x").status_code == 401
        answer = told.put(new_name(), b"x", authorization="Bearer reads")
        assert (answer.status_code, answer.json()["code"]) == (403, "out-of-scope")
        assert told.put(new_name(), b"x", authorization="Bearer may").json()["code"] == "unpublishable"
        assert told.node.get(f"/p/{new_name()}").status_code == 404
        assert told.node.request("DELETE", f"/p/{new_name()}").status_code == 404
        assert told.node.request("POST", f"/p/{new_name()}").status_code == 401


def test_the_same_call_of_another_token_gets_no_secret(tmp_path: Path) -> None:
    """Who has read a name and its bytes cannot get what withdraws it by publishing the same."""
    for told in run(tmp_path / "node"):
        name, data = new_name(), told.proof("certificate")
        first = told.put(name, data).json()["secret"]
        seen = told.node.get(f"/p/{name}").content
        tokens = book_of(tmp_path / "tokens", token_of("other", "other", [Scope.PUBLISH]))
        use = told.node.service.publications
        caller = Access(tokens).check("PUT", f"/p/{name}", {"authorization": "Bearer other"})
        for bytes_ in (data, seen):
            with pytest.raises(Exception, match="another proof is published"):
                use.publish(caller, read_name(name) or b"", bytes_)
        assert first


def test_a_secret_is_kept_as_its_hash(told: Told) -> None:
    """Neither the database nor a copy of it tells what withdraws a proof."""
    name, secret = told.published("certificate")
    found = told.node.service.publications._kept.find(read_name(name) or b"")
    assert found is not None
    values = [getattr(found, field) for field in found.__struct_fields__]
    words = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in values)
    assert secret.encode() not in words
    assert bytes.fromhex(secret.removeprefix("withdraw_")) not in words


def test_who_takes_html_gets_the_page(told: Told) -> None:
    """It has the node's trust file and the proof in it, byte for byte."""
    name, _ = told.published("certificate")
    browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = told.node.request("GET", f"/P/{name}", headers=browser)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["vary"] == "accept"
    assert UNLISTED.items() <= dict(answer.headers).items()
    assert told.node.get(f"/p/{name}").headers["content-type"] == MEDIA_TYPE
    assert answer.content == carried_page(told.node.get("/v1/trust").content, told.node.get(f"/p/{name}").content)


def test_measures_and_warnings_tell_of_renewals(told: Told) -> None:
    """How many stand, how old the oldest is, and that they are late when nothing renews them."""
    told.published("certificate")
    told.clock.now += 4 * HOUR_MS
    measures = told.node.get("/metrics").text
    assert "hanse_publications 1.0" in measures
    assert "hanse_publication_age_seconds 14400.0" in measures
    assert any("renewed late" in each for each in told.node.get("/readyz").json()["warnings"])
    told.node.service.publications.renew_due(ITSELF)
    assert 'hanse_publication_renewals_total{outcome="renewed"} 1.0' in told.node.get("/metrics").text
    assert not any("renewed late" in each for each in told.node.get("/readyz").json().get("warnings", ()))
