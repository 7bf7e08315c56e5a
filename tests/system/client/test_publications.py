"""Published proofs with a real node: the SDK and the command line publish, anybody reads, the node keeps them fresh."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from hanse_cli.main import run
from hanse_client import Client, Publication
from hanse_client.base.errors import BadAnswer, InvalidInput, SetupError
from hanse_client.verify.offline import verify_file
from hanse_ledger.proofs.prooffile import MEDIA_TYPE, read_proof
from hanse_ledger.values.verdict import Verdict
from hanse_node.store.databases.sqlite import driver
from tests.tables.tampering import Proxy, nothing, proxy
from tests.world.sdk_node import NodeCorridor, now_ms, running_node
from tests.world.sdk_world import World

pytestmark = pytest.mark.system

HOUR_MS = 3_600_000
PATIENCE_S = 60


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one node for the tests of this file."""
    folder = tmp_path_factory.mktemp("world")
    corridor = NodeCorridor()
    with running_node(corridor.make_node(folder / "node")) as url:
        yield World(url, corridor, folder / "home")


@pytest.fixture
def liar(world: World) -> Iterator[Proxy]:
    """Stand between a client and the node."""
    with proxy(world.url) as server:
        yield server


def published(client: Client, world: World, *terms: str) -> Publication:
    """Issue an invoice, and publish it with terms, or its status."""
    invoice = world.issue().id
    proof = client.proof(invoice, disclose=terms) if terms else client.proof(invoice, status=True)
    return client.publications.publish(proof)


def read(world: World, publication: Publication) -> httpx2.Response:
    """Read what is published, as somebody does who has the address alone."""
    return httpx2.get(f"{world.url.rstrip('/')}/P/{publication.name}")


def test_what_is_published_is_read_with_the_address_alone(world: World) -> None:
    """The status by default, with terms the records; each is checked against the trust file, and can be taken back."""
    with world.client("seller") as seller:
        status, full = published(seller, world), published(seller, world, "BT-1")
        assert status.address == f"{world.url.rstrip('/')}/P/{status.name}".upper()
        assert (status.terms, full.terms) == ((), ("BT-1",))
        assert [each.name for each in seller.publications.kept()][-2:] == [status.name, full.name]
        for each, records in ((status, []), (full, ["invoice.issue"])):
            answer = read(world, each)
            assert answer.headers["content-type"] == MEDIA_TYPE
            report = verify_file(answer.content, world.corridor.trust, now_ms())
            assert report.verdict is Verdict.VALID_WITH_WARNINGS, report
            assert [act.kind for act in report.acts if act.kind.startswith("invoice")] == records
            assert [term.name for term in report.terms] == list(each.terms)
        seller.publications.withdraw(full.address.lower())
        assert read(world, full).status_code == 410
        assert read(world, status).status_code == 200
        assert full.name not in [each.name for each in seller.publications.kept()]
        with pytest.raises(InvalidInput, match="is not in"):
            seller.publications.withdraw(full.name)


def test_what_withdraws_it_is_the_users_alone(world: World) -> None:
    """The secret lies in a file of mode 0600, and one that is open to others is refused."""
    with world.client("seller") as seller:
        name = published(seller, world).name
        path = world.home / "publications" / f"{name}.json"
        assert path.stat().st_mode & 0o777 == 0o600
        assert json.loads(path.read_bytes())["secret"].startswith("withdraw_")
        path.chmod(0o644)
        with pytest.raises(SetupError, match="open to other users"):
            seller.publications.withdraw(name)
        path.chmod(0o600)
        seller.publications.withdraw(name)


def test_an_answer_that_is_lost_loses_nothing(world: World, liar: Proxy) -> None:
    """Publishing the same again sends the same call, and brings the secret; so does taking it back."""
    with world.client("seller", liar.url) as seller:
        invoice = world.issue().id
        proof = seller.proof(invoice, status=True)
        liar.change = lambda path, body: b"" if path.startswith("/p/") else body
        with pytest.raises(BadAnswer):
            seller.publications.publish(proof)
        (lost,) = [each for each in seller.publications.kept() if not each.answered]
        assert read(world, lost).status_code == 200
        liar.change = nothing
        again = seller.publications.publish(proof)
        assert (again.name, again.answered) == (lost.name, True)
        seller.publications.withdraw(again.name)
        assert read(world, lost).status_code == 410


def test_only_its_own_node_withdraws_it(world: World) -> None:
    """A client that does not name the node is told which; a node that does not answer changes nothing."""
    with world.client("seller") as seller:
        name = published(seller, world).name
    with (
        world.client("seller", "http://127.0.0.1:9") as other,
        pytest.raises(SetupError, match="that node is not named"),
    ):
        other.publications.withdraw(name)
    with world.client("seller") as seller:
        seller.publications.withdraw(name)


def test_nothing_unsound_is_published(world: World) -> None:
    """Neither what a verifier would refuse, nor what is no proof."""
    with world.client("seller") as seller:
        proof = seller.proof(world.issue().id, status=True)
        for data in (proof[:-1], b"", proof.replace(b"A", b"B", 1)):
            with pytest.raises(InvalidInput, match="nothing to publish"):
                seller.publications.publish(data)


def test_a_status_code_is_checked_without_anybody(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """`hanse proof code` prints digits behind an address; `hanse verify` reads them, from a file or as they are."""
    invoice = world.issue().id
    trust = tmp_path / "trust.json"
    trust.write_bytes(world.corridor.trust.to_bytes())
    options = ["--node", world.url, "--trust", str(trust), "--home", str(world.home)]
    assert run(["proof", "code", invoice.hex(), *options, "--out", str(tmp_path / "status.svg"), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["address"] == f"{world.url.rstrip('/')}/verify#{document['status']}"
    assert (tmp_path / "status.svg").read_bytes().startswith(b"<?xml")
    (tmp_path / "code.txt").write_text(document["address"])
    for named in (str(tmp_path / "code.txt"), document["status"], document["address"]):
        assert run(["verify", named, "--trust", str(trust), "--offline", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["verdict"] == "valid with warnings"
    changed = document["status"][:-40] + str((int(document["status"][-40]) + 1) % 10) + document["status"][-39:]
    assert run(["verify", changed, "--trust", str(trust), "--offline"]) in (10, 12, 14)
    assert run(["verify", document["status"], "--offline"]) == 20


def test_the_command_line_publishes_and_takes_back(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It shows what is told, needs a yes, prints the address and its code, lists it, and takes it back."""
    invoice = world.issue().id
    trust = tmp_path / "trust.json"
    trust.write_bytes(world.corridor.trust.to_bytes())
    options = ["--node", world.url, "--trust", str(trust), "--home", str(world.home)]
    words = ["proof", "publish", invoice.hex(), "--disclose", "BT-1", *options]
    assert run(words) == 2
    shown = capsys.readouterr().err
    assert "everybody reads who has the address" in shown
    assert "payable" in shown, shown
    assert "invoice.issue of" in shown
    assert "BT-1: " in shown
    assert run([*words, "--yes", "--code", str(tmp_path / "a.png"), "--code", str(tmp_path / "a.svg")]) == 0
    told = capsys.readouterr()
    address = told.out.strip()
    assert address.startswith("HTTP://127.0.0.1")
    assert "█" in told.err
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert run(["proof", "published", *options, "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert address in [each["address"] for each in listed]
    assert run(["proof", "code", address, *options]) == 0
    assert capsys.readouterr().out.strip() == address
    assert run(["proof", "unpublish", address, *options]) == 0
    assert run(["proof", "unpublish", address, *options]) == 2
    assert run([*words, "--yes", "--code", str(tmp_path / "a.pdf")]) == 2


def test_a_node_that_was_killed_renews_what_is_due(tmp_path: Path) -> None:
    """What was revoked while nobody renewed shows soon after the next start."""
    corridor = NodeCorridor()
    folder = corridor.make_node(tmp_path / "node")
    with running_node(folder) as url:
        world = World(url, corridor, tmp_path / "home")
        with world.client("seller") as seller:
            invoice = world.issue().id
            name = seller.publications.publish(seller.proof(invoice, status=True)).name
            seller.invoices.cancel(invoice)
        before = read_proof(httpx2.get(f"{url.rstrip('/')}/p/{name}").content)
        assert verify_file(httpx2.get(f"{url.rstrip('/')}/p/{name}").content, corridor.trust, now_ms()).verdict in (
            Verdict.VALID,
            Verdict.VALID_WITH_WARNINGS,
        )
    with closing(driver.connect(folder / "ledger.db")) as opened:
        opened.execute("UPDATE publication SET renewed = renewed - ?", (2 * HOUR_MS,))
        opened.commit()
    with running_node(folder) as url:
        ends = time.monotonic() + PATIENCE_S
        while True:
            data = httpx2.get(f"{url.rstrip('/')}/p/{name}").content
            if read_proof(data) != before or time.monotonic() > ends:
                break
            time.sleep(0.5)
        assert verify_file(data, corridor.trust, now_ms()).verdict is Verdict.REVOKED
