"""Members' certificates: shown to each other, believed of nobody else, made anew while nodes talk."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hanse_node.base.errors import CannotStart
from hanse_node.signing import tls
from hanse_node.signing.tlscertificates import TlsCertificates
from tests.world.node_ledger import START

DAY_MS = 86_400_000
NAMES = ("bank", "customs")


def folders(place: Path, *names: str) -> dict[str, Path]:
    """Make members' folders, each with the others' authorities."""
    made = {name: place / name for name in names}
    authorities = {name: tls.create_authority(folder, name, START) for name, folder in made.items()}
    for name, folder in made.items():
        for other, authority in authorities.items():
            if other != name:
                (folder / "tls" / "peers" / f"{other}.pem").write_bytes(authority)
    return made


@pytest.fixture
def members(tmp_path: Path) -> dict[str, Path]:
    """Give the folders of two members."""
    return folders(tmp_path, *NAMES)


def at(now: int) -> Callable[[], int]:
    """Make a clock that stands still."""
    return lambda: now


class Listener:
    """Answers each connection with the member whose certificate it shows, as long as it lives."""

    def __init__(self, context: Callable[[], ssl.SSLContext]) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._context = context
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()

    def _run(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            try:
                with self._context().wrap_socket(plain, server_side=True) as peer:
                    peer.sendall(repr(peer.getpeercert()).encode())
            except (ssl.SSLError, OSError):
                plain.close()


Server = tuple[TlsCertificates, Listener]


def call(port: int, context: ssl.SSLContext) -> tuple[bytes, x509.Certificate]:
    """Connect; give what the other side says, and the certificate that it shows."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as peer,
    ):
        said = peer.recv(4_096)
        shown = peer.getpeercert(binary_form=True)
        assert shown is not None
        return said, x509.load_der_x509_certificate(shown)


@pytest.fixture
def server(members: dict[str, Path]) -> Iterator[Server]:
    """Run the bank's listener. It lives in the present: OpenSSL reads the machine's clock."""
    certificates = TlsCertificates(members["bank"], at(START))
    with closing(Listener(lambda: certificates.server(certificates.known))) as listener:
        yield certificates, listener


@pytest.fixture(autouse=True)
def _present(monkeypatch: pytest.MonkeyPatch) -> None:
    """Certificates of these tests count now."""
    monkeypatch.setattr(tls, "GRACE", timedelta(days=3_650))


def test_members_know_each_other(members: dict[str, Path], server: Server) -> None:
    """Each shows a certificate of its own authority, with its id and nothing else."""
    contexts = TlsCertificates(members["customs"], at(START)).client("bank")
    said, shown = call(server[1].port, contexts)
    assert b"customs" in said
    assert shown.subject.rfc4514_string() == "CN=bank"


def test_strangers_are_not_let_in(members: dict[str, Path], server: Server, tmp_path: Path) -> None:
    """Neither who shows nothing nor who shows a stranger's certificate, be it of the same name; nor is it believed."""
    bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bare.check_hostname = False
    bare.load_verify_locations(members["customs"] / "tls" / "peers" / "bank.pem")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        assert call(server[1].port, bare)[0]
    stranger = folders(tmp_path / "strangers", *NAMES)
    (stranger["customs"] / "tls" / "peers" / "bank.pem").write_bytes(
        (members["bank"] / "tls" / "authority.pem").read_bytes()
    )
    contexts = TlsCertificates(stranger["customs"], at(START)).client("bank")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        assert call(server[1].port, contexts)[0]
    fooled = folders(tmp_path / "fooled", *NAMES)
    contexts = TlsCertificates(fooled["customs"], at(START)).client("bank")
    with pytest.raises(ssl.SSLCertVerificationError):
        call(server[1].port, contexts)


def test_certificates_change_without_a_stop(members: dict[str, Path], server: Server) -> None:
    """A renewed certificate is shown from the next connection on; one of another authority once its file is there."""
    certificates, listener = server
    client = TlsCertificates(members["customs"], at(START))
    context = client.client("bank")
    _, before = call(listener.port, context)
    certificates.renew_now()
    _, after = call(listener.port, context)
    assert before.serial_number != after.serial_number
    authority = tls.create_authority(members["customs"], "customs", START)
    (members["bank"] / "tls" / "peers" / "customs.pem").write_bytes(authority)
    client.look()
    certificates.look()
    assert b"customs" in call(listener.port, client.client("bank"))[0]
    # A file that cannot be used leaves what was taken up before.
    (members["bank"] / "tls" / "peers" / "customs.pem").write_bytes(b"nothing")
    with pytest.raises(CannotStart, match="no certificate"):
        certificates.look()
    # One that is gone is believed no more.
    (members["bank"] / "tls" / "peers" / "customs.pem").unlink()
    certificates.look()
    with pytest.raises((ssl.SSLError, ConnectionError)):
        assert call(listener.port, client.client("bank"))[0]


def test_a_certificate_is_its_own_member_s_alone(members: dict[str, Path], tmp_path: Path) -> None:
    """Whose node it is says the name in it and the authority of that name: a member signs for nobody else."""
    certificates = TlsCertificates(members["bank"], at(START))

    def shown(folder: Path) -> bytes:
        return x509.load_pem_x509_certificate((folder / "tls" / "node.pem").read_bytes()).public_bytes(Encoding.DER)

    assert certificates.holder(shown(members["customs"])) == "customs"
    # Customs makes an authority of another's name, which nobody has been given.
    posing = folders(tmp_path / "posing", "chamber", "customs")
    assert certificates.holder(shown(posing["chamber"])) is None
    assert certificates.holder(shown(posing["customs"])) is None
    assert certificates.holder(shown(members["bank"])) is None, "a node does not ask itself"
    assert certificates.holder(b"nothing") is None
    # Also one that was let in while it counted ends.
    later = TlsCertificates(members["bank"], at(START))
    later._clock = at(START + 91 * DAY_MS)
    assert later.holder(shown(members["customs"])) is None


def test_a_member_s_next_node_is_believed_beside_its_present_one(members: dict[str, Path], tmp_path: Path) -> None:
    """While one node takes another's place both count; with a third the first is forgotten, and nothing twice."""
    bank = members["bank"]

    def shown(folder: Path) -> bytes:
        return x509.load_pem_x509_certificate((folder / "tls" / "node.pem").read_bytes()).public_bytes(Encoding.DER)

    nodes = [members["customs"], tmp_path / "second", tmp_path / "third"]
    for folder in nodes[1:]:
        tls.create_authority(folder, "customs", START)
    steps = [(nodes[1], [True, True, False]), (nodes[1], [True, True, False]), (nodes[2], [False, True, True])]
    for folder, believed in steps:
        tls.add_authority(bank, "customs", (folder / "tls" / "authority.pem").read_bytes())
        certificates = TlsCertificates(bank, at(START))
        assert [certificates.holder(shown(each)) == "customs" for each in nodes] == believed


def test_a_certificate_is_renewed_in_time(members: dict[str, Path]) -> None:
    """A month before its end, at a start or while the node runs; not before."""
    folder, now = members["bank"], [START + 30 * DAY_MS]
    ends = tls.ends_at(folder)
    certificates = TlsCertificates(folder, lambda: now[0])
    certificates.look()
    assert tls.ends_at(folder) == ends
    now[0] = START + 61 * DAY_MS
    certificates.look()
    assert tls.ends_at(folder) > ends
    ends = tls.ends_at(folder)
    TlsCertificates(folder, at(START + 400 * DAY_MS))
    assert tls.ends_at(folder) > ends


def test_what_is_wrong_is_named(members: dict[str, Path]) -> None:
    """A missing, damaged or open file, an authority at its end: each with its name and what to do."""
    folder = members["bank"]
    assert "the node's until" in tls.check(folder, START)
    with pytest.raises(CannotStart, match="ended on"):
        tls.check(folder, START + 100 * DAY_MS)
    with pytest.raises(CannotStart, match="ends on"):
        tls.renew(folder, START + 7_290 * DAY_MS)
    secret = folder / "tls" / "node.key.pem"
    secret.chmod(0o644)
    with pytest.raises(CannotStart, match="other users"):
        TlsCertificates(folder, at(START))
    secret.chmod(0o600)
    secret.write_bytes(b"nothing")
    with pytest.raises(CannotStart, match="no certificate"):
        TlsCertificates(folder, at(START))
    secret.unlink()
    with pytest.raises(CannotStart, match="cannot be read"):
        tls.check(folder, START)
    with pytest.raises(CannotStart, match="Ask that member"):
        TlsCertificates(members["customs"], at(START)).client("nobody")
