"""A node that clients reach over TLS: made by a command, asked by the SDK, renewed without a stop."""

import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import httpx2
import pytest

from hanse_client import Client
from hanse_client.base.errors import NodeUnreachable, SetupError
from tests.system.stage.processes import NodeProcess, run_json, running_node, said
from tests.system.stage.processes import environment as packages
from tests.world.certificates import Authority

pytestmark = [pytest.mark.system, pytest.mark.slow]

PATIENCE_S = 20
IN_THE_CLEAR = "tokens and records reach this node in the clear"
MEMBERS = 'name = "x"\noperator = "m"\n[[members]]\nid = "m"\nname = "M"\nroles = ["marketplace"]\n'


class Served:
    """A node with TLS, and what its clients need."""

    def __init__(self, tmp_path: Path) -> None:
        self.authority = Authority()
        self.files = tmp_path / "tls"
        self.certificate, self.key = self.authority.issue(self.files, "localhost", "127.0.0.1")
        self.ca = self.authority.save(tmp_path / "authority.pem")
        self.folder = tmp_path / "node"
        (tmp_path / "members.toml").write_text(MEMBERS)
        (tmp_path / "passphrase").touch(0o600)
        (tmp_path / "passphrase").write_text("pw\n")
        self.init: tuple[object, ...] = ("node", "init", "--dir", self.folder, "--members", tmp_path / "members.toml")
        self.init += ("--passphrase-file", tmp_path / "passphrase")
        said(*self.init, "--tls-certificate", self.certificate, "--tls-key", self.key)
        self.running: NodeProcess | None = None

    @property
    def url(self) -> str:
        """Where it is reached."""
        assert self.running is not None
        return self.running.url

    def seen(self) -> bytes:
        """Give the certificate that a new connection sees."""
        host, _, port = self.url.removeprefix("https://").partition(":")
        return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((host, int(port)), ca_certs=str(self.ca)))

    def readiness(self) -> dict[str, object]:
        """Ask how the node does."""
        found = httpx2.get(f"{self.url}/readyz", verify=ssl.create_default_context(cafile=self.ca)).json()
        assert isinstance(found, dict)
        return found


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Run a node with TLS."""
    found = Served(tmp_path)
    with running_node(found.folder) as found.running:
        yield found
        found.running.stop()


def wait_until(holds: object) -> None:
    """Wait for something that must come."""
    assert callable(holds)
    until = monotonic() + PATIENCE_S
    while not holds():
        assert monotonic() < until
        sleep(0.1)


def test_the_sdk_asks_over_tls(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the authority named, or by SSL_CERT_FILE; no other's word counts, and plain HTTP is not served."""
    assert served.url.startswith("https://127.0.0.1:")
    trust = served.folder / "trust.json"
    with Client(served.url, trust=trust, home=tmp_path / "home", ca=served.ca) as client:
        assert client.head().size in (1, 3)  # the node opens its member's office
    with (
        Client(served.url, trust=trust, home=tmp_path / "home", timeout_ms=5_000) as client,
        pytest.raises(NodeUnreachable),
    ):
        client.head()
    other = Authority().save(tmp_path / "other.pem")
    with (
        Client(served.url, trust=trust, home=tmp_path / "home", ca=other, timeout_ms=5_000) as client,
        pytest.raises(NodeUnreachable, match="certificate"),
    ):
        client.head()
    with pytest.raises(httpx2.TransportError):
        httpx2.get(served.url.replace("https", "http") + "/livez")
    status = said(
        "node", "status", "--node", served.url, "--trust", trust, "--home", tmp_path / "home", "--ca-file", served.ca
    )
    assert (status["ready"], status["size"] in (1, 3)) == (True, True)
    monkeypatch.setenv("SSL_CERT_FILE", str(served.ca))
    assert packages()["SSL_CERT_FILE"] == str(served.ca)
    assert said("node", "status", "--node", served.url, "--trust", trust, "--home", tmp_path / "home")["ready"]


def test_a_renewal_needs_no_stop(served: Served) -> None:
    """A connection that stands goes on, the next one sees the new certificate; a broken pair is said."""
    before = served.seen()
    with httpx2.Client(verify=ssl.create_default_context(cafile=served.ca), base_url=served.url) as standing:
        assert standing.get("/livez").status_code == 200
        served.authority.issue(served.files, "localhost", "127.0.0.1")
        after = ssl.PEM_cert_to_DER_cert(served.certificate.read_text())
        wait_until(lambda: served.seen() == after)
        assert after != before
        assert standing.get("/livez").status_code == 200
    served.key.write_bytes(Authority().issue(served.files / "other", "x")[1].read_bytes())
    wait_until(lambda: "warnings" in served.readiness())
    assert served.readiness()["status"] == "ready"
    assert served.seen() == after
    _, found = run_json("doctor", "--dir", served.folder)
    (finding,) = (each for each in found["findings"] if each["name"] == "clients' TLS")
    assert finding["level"] == "failure"
    served.authority.issue(served.files, "localhost", "127.0.0.1")
    wait_until(lambda: "warnings" not in served.readiness())
    assert served.seen() == ssl.PEM_cert_to_DER_cert(served.certificate.read_text())


def test_a_pair_that_does_not_fit_makes_no_node(tmp_path: Path) -> None:
    """`hanse node init` refuses it in words, and leaves nothing behind; a key without a certificate too."""
    served = Served(tmp_path)
    other = Authority().issue(tmp_path / "other", "x")[1]
    words = [*served.init]
    words[3] = tmp_path / "second"
    code, answer = run_json(*words, "--tls-certificate", served.certificate, "--tls-key", other)
    assert (code, "is not the unencrypted key of" in answer["error"]["message"]) == (30, True), answer
    code, answer = run_json(*words, "--tls-key", other)
    assert (code, "without its key" in answer["error"]["message"]) == (30, True), answer
    assert not (tmp_path / "second" / "node.toml").exists()


def test_authorities_that_are_none_are_refused(tmp_path: Path) -> None:
    """A file that is not there, that holds something else, or nothing."""
    for data in (
        None,
        b"",
        b"nothing",
        b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        os.urandom(64),
    ):
        file = tmp_path / "ca.pem"
        file.unlink(missing_ok=True)
        if data is not None:
            file.write_bytes(data)
        with pytest.raises(SetupError, match=r"ca\.pem"):
            Client("https://node.example", ca=file, home=tmp_path / "home")


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        ({"HANSE_NODE_LISTEN_HOST": "0.0.0.0"}, True),  # noqa: S104 (what the test is about)
        ({"HANSE_NODE_LISTEN_HOST": "127.0.0.1"}, False),
        # A proxy is named: it speaks TLS with those who come through it.
        ({"HANSE_NODE_LISTEN_HOST": "0.0.0.0", "HANSE_NODE_LISTEN_TRUSTED_PROXIES": "10.0.0.1"}, False),  # noqa: S104 (likewise)
    ],
)
def test_a_start_in_the_clear_off_loopback_warns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], warned: bool
) -> None:
    """What docs/tls.md promises: the node starts, and its log says that others read along, and what to do."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    folder, members = tmp_path / "node", tmp_path / "members.toml"
    members.write_text(MEMBERS)
    (tmp_path / "passphrase").touch(0o600)
    (tmp_path / "passphrase").write_text("pw\n")
    said("node", "init", "--dir", folder, "--members", members, "--passphrase-file", tmp_path / "passphrase")
    said("token", "create", "reader", "--dir", folder, "--scope", "read")
    with running_node(folder) as node:
        node.stop()
        node.wait_for_end()
        found = [line for line in node.log if line["message"] == IN_THE_CLEAR]
    assert [line["level"] for line in found] == (["warning"] if warned else []), node.log
    assert all("tls_certificate" in line["next_step"] for line in found)
