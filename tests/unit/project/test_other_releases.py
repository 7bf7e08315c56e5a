"""Files of other releases: refused by name, with the release that reads them, and never as damaged or as lies.

`tests/vectors/old` holds a proof and its trust file as release 0.1's demonstration wrote them.
"""

import json
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import anyio
import pytest

from hanse_cli.base.session import read_trust_file
from hanse_cli.main import run
from hanse_client.base.errors import WrongRelease
from hanse_client.home import (
    alike,
    drafts,
    enrolments,
    identities,
    memory,
    publications,
    receivedterms,
    registered,
    unsettled,
)
from hanse_client.home.enrolments import EnrolmentRequest
from hanse_client.home.knowledge import MEMBERS_FORMAT, Knowledge, given_trust
from hanse_client.home.memory import Memory
from hanse_client.home.openings import Openings
from hanse_client.ring import backups, ringfile, ringkeys
from hanse_client.verify.offline import verify_file
from hanse_documents.semantics import epochkeys
from hanse_ledger.misbehaviour import contradiction, double_vote, misstatement, refusalfile
from hanse_ledger.proofs import voting
from hanse_ledger.proofs.prooffile import PROOF_FORMAT
from hanse_ledger.proofs.samedocument import OPENING_FORMAT
from hanse_ledger.proofs.statuscode import STATUS_FORMAT
from hanse_ledger.proofs.trustfile import TRUST_FORMAT, TrustFile, read_trust, write_trust
from hanse_ledger.values.errors import OtherRelease
from hanse_ledger.values.jsonform import need_release
from hanse_ledger.values.releases import FIRST, READ_BY, THIS, other_release
from hanse_ledger.values.releases import GENESIS as GENESIS_NAME
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.genesis import GENESIS_VERSION
from hanse_node.comet.program.binary import Program
from hanse_node.lifecycle import backup
from hanse_node.operate import joinforms
from hanse_node.signing import cosign, tokens
from hanse_node.store import trees
from tests.world.corridor_genesis import GENESIS, T0

OLD = Path(__file__).resolve().parents[2] / "vectors" / "old"
PROOF, TRUST = OLD / "proof-1.hanse", OLD / "trust-1.json"
TRUSTED = TrustFile(GENESIS)

WRITTEN = (
    f"{GENESIS_NAME}/{GENESIS_VERSION}",
    Program.__struct_defaults__[0],
    backup.FORMAT,
    contradiction.FORMAT,
    cosign.MARK_FORMAT,
    double_vote.FORMAT,
    drafts.FORMAT,
    enrolments.FORMAT,
    identities.FORMAT,
    epochkeys.KEY_FORMAT,
    memory.MEMORY_FORMAT,
    MEMBERS_FORMAT,
    misstatement.FORMAT,
    OPENING_FORMAT,
    joinforms.NETWORK_FORMAT,
    joinforms.PART_FORMAT,
    PROOF_FORMAT,
    publications.FORMAT,
    refusalfile.FORMAT,
    alike.FORMAT,
    receivedterms.FORMAT,
    registered.FORMAT,
    STATUS_FORMAT,
    tokens.FORMAT,
    trees.FORMAT,
    TRUST_FORMAT,
    unsettled.FORMAT,
    voting.FORMAT,
    backups.FORMAT,
    ringfile.FORMAT,
    ringkeys.FORMAT,
)


def test_the_table_says_what_this_release_writes() -> None:
    """Each format that is written has its row, whose last number is the one written; the release is the package's."""
    assert {name: f"{name}/{len(read)}" for name, read in READ_BY.items()} == {
        written.partition("/")[0]: written for written in WRITTEN
    }
    assert all(read[-1] == THIS for read in READ_BY.values())
    assert metadata.version("hanse").startswith(f"{THIS}.")


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, f"release {FIRST} reads"), (3, "newer than release"), (999_999_999, "newer"), (0, "no release has")],
)
def test_each_number_has_its_words(number: int, words: str) -> None:
    """An older one names the release to use, a newer one says so, and what never was is said to be none."""
    assert words in other_release("hanse.proof", number).words
    assert "no release has" in other_release("hanse.highwater", 1).words


@pytest.mark.parametrize("trusted", [TRUSTED, None])
def test_an_old_proof_says_which_release_checks_it(trusted: TrustFile | None) -> None:
    """What release 0.1 wrote is neither tampered nor valid here."""
    report = verify_file(PROOF.read_bytes(), trusted, T0)
    assert (report.verdict, report.reason) == (Verdict.UNSUPPORTED_FORMAT, "other-version")
    assert f"release {FIRST} reads" in report.detail
    assert "hanse.proof/1" in report.detail


def test_a_newer_proof_asks_for_a_newer_release() -> None:
    """Whatever else it holds."""
    report = verify_file(b'{"@type":"hanse.proof/3","new":[]}', TRUSTED, T0)
    assert (report.verdict, report.reason) == (Verdict.UNSUPPORTED_FORMAT, "other-version")
    assert "use a newer release" in report.detail


@pytest.mark.parametrize("change", [lambda data: data + b"\n", lambda data: b"\xef\xbb\xbf" + data])
def test_a_changed_form_hides_no_release(change: Callable[[bytes], bytes]) -> None:
    """A line end or a mark that an editor added does not make it another file."""
    assert verify_file(change(PROOF.read_bytes()), TRUSTED, T0).reason == "other-version"
    with pytest.raises(OtherRelease, match=r"hanse\.trust/1"):
        read_trust(change(TRUST.read_bytes()))


@pytest.mark.parametrize(
    "form",
    [contradiction.FORMAT, double_vote.FORMAT, misstatement.FORMAT, refusalfile.FORMAT],
)
def test_evidence_of_another_release_is_not_judged(form: str) -> None:
    """It accuses nobody, and is no lie either."""
    name = form.partition("/")[0]
    report = verify_file(f'{{"@type":"{name}/77"}}'.encode(), TRUSTED, T0)
    assert (report.verdict, report.reason) == (Verdict.UNSUPPORTED_FORMAT, "other-version")


def test_evidence_of_the_first_release_names_it() -> None:
    """A misstatement's form has changed since."""
    report = verify_file(b'{"@type":"hanse.misstatement/1"}', TRUSTED, T0)
    assert f"release {FIRST} reads" in report.detail


def test_an_old_trust_file_is_named(tmp_path: Path) -> None:
    """As a file, as bytes, at the command line, and where a home folder has kept it: one error, and one exit code."""
    with pytest.raises(WrongRelease, match=f"release {FIRST} reads"):
        read_trust_file(TRUST)
    for given in (TRUST, TRUST.read_bytes()):
        with pytest.raises(WrongRelease, match=f"release {FIRST} reads"):
            given_trust(given)
    knowledge = Knowledge(tmp_path)
    knowledge.trust_at_first_use("http://127.0.0.1:1", write_trust(GENESIS))
    (kept,) = (tmp_path / "trust").glob("*.json")
    kept.write_bytes(TRUST.read_bytes())
    with pytest.raises(WrongRelease, match=f"{kept}.*release {FIRST} reads"):
        knowledge.trust("http://127.0.0.1:1")
    assert kept.read_bytes() == TRUST.read_bytes()
    assert Knowledge(tmp_path).trust("http://127.0.0.1:2/") is None
    with pytest.raises(WrongRelease, match=f"{kept}.*release {FIRST} reads"):
        Knowledge(tmp_path).trust("http://127.0.0.1:1/")
    with pytest.raises(WrongRelease, match="The node's trust file"):
        Knowledge(tmp_path / "new").trust_at_first_use("http://127.0.0.1:1", TRUST.read_bytes())


def test_the_command_line_ends_with_14(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`verify` and `inspect` name the format and the release, whichever of the files is old."""
    trust = tmp_path / "trust.json"
    trust.write_bytes(write_trust(GENESIS))
    for words in (
        ["verify", str(PROOF), "--trust", str(trust), "--offline"],
        ["verify", str(PROOF), "--trust", str(TRUST), "--offline"],
        ["verify", str(PROOF), "--offline"],
        ["inspect", str(PROOF)],
        ["inspect", str(TRUST)],
    ):
        assert run(words) == 14, words
        said = capsys.readouterr()
        assert f"release {FIRST} reads" in said.out + said.err, words
    assert run(["verify", str(PROOF), "--trust", str(TRUST), "--offline", "--json"]) == 14
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "other-release"


def test_what_a_home_folder_keeps_is_named(tmp_path: Path) -> None:
    """Heads and openings of another release are refused with their release, and stay as they are."""
    heads = tmp_path / "heads" / f"{TRUSTED.ledger.hex()}.json"
    opening = tmp_path / "openings" / f"{bytes(32).hex()}.json"
    for path, data in ((heads, b'{"format":"hanse.heads/2","more":1}'), (opening, b'{"format":"hanse.opening/1"}')):
        path.parent.mkdir(mode=0o700)
        path.write_bytes(data)
        path.chmod(0o600)
    with pytest.raises(WrongRelease, match=r"hanse\.heads/2.*newer than release"):
        anyio.run(Memory(tmp_path, TRUSTED).heads)
    with pytest.raises(WrongRelease, match=f"hanse.opening/1, which release {FIRST} reads"):
        Openings(tmp_path).find(bytes(32))
    assert opening.read_bytes() == b'{"format":"hanse.opening/1"}'


def test_a_request_of_another_release_is_named() -> None:
    """Whoever is asked to sign it learns why not."""
    with pytest.raises(WrongRelease, match=r"enrolment-request/2.*newer"):
        EnrolmentRequest.from_json(b'{"@type":"hanse.enrolment-request/2"}')


def test_what_a_member_sends_is_named() -> None:
    """Parts and the file that is made of them: the ledger's id would be another one here."""
    for read, form in ((joinforms.read_part, "hanse.member/1"), (joinforms.read_network, "hanse.network/1")):
        with pytest.raises(OtherRelease, match=f"{form}, which release {FIRST} reads"):
            read(f'{{"@type":"{form}"}}'.encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"@type":5}',
        b'{"@type":"hanse.proof/2"}',
        b'{"@type":"hanse.proof/-1"}',
        b'{"@type":"hanse.trust/1"}',
        b'{"@type":"hanse.nothing/1"}',
        b'{"@type":"hanse.proof/99999999999"}',
    ],
)
def test_nothing_else_is_taken_for_another_release(data: bytes) -> None:
    """Damage, another format and this release's own are not called another release's."""
    need_release(data, PROOF_FORMAT, what="file")
