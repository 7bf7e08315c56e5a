"""The clients' certificate is taken up without a stop, and a broken one changes nothing."""

import os
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from hanse_ledger.values.types import Moment
from hanse_node.base.errors import CannotStart
from hanse_node.front import clientcertificate
from hanse_node.front.clientcertificate import ClientCertificate, check_pair
from tests.world.certificates import Authority


def now() -> Moment:
    """Give the present."""
    return time.time_ns() // 10**6


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Give an authority."""
    return Authority()


def shake_hands(held: ClientCertificate, client: ssl.SSLContext) -> tuple[bytes, str, str]:
    """Shake hands over a pair of sockets: the certificate that the client sees, the version, the cipher."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with suppress(OSError), ours, held.context().wrap_socket(ours, server_side=True) as served:
            served.recv(1)

    thread = Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(theirs, server_hostname="node.example") as asked:
            certificate, cipher = asked.getpeercert(binary_form=True), asked.cipher()
            assert certificate is not None
            assert cipher is not None
            return certificate, str(asked.version()), cipher[0]
    finally:
        theirs.close()
        thread.join()


def seen(held: ClientCertificate, authority: Authority) -> bytes:
    """Give the certificate that a client sees which trusts that authority alone."""
    return shake_hands(held, ssl.create_default_context(cadata=authority.pem))[0]


def der(path: Path) -> bytes:
    """Read a certificate."""
    return ssl.PEM_cert_to_DER_cert(path.read_text())


def test_a_renewed_pair_is_taken_up_without_a_stop(tmp_path: Path, authority: Authority) -> None:
    """The next connection sees it; whoever watches does so by himself."""
    certificate, key = authority.issue(tmp_path, "node.example")
    held = ClientCertificate(certificate, key, now)
    assert seen(held, authority) == der(certificate)
    before = der(certificate)
    authority.issue(tmp_path, "node.example")
    assert seen(held, authority) == before
    held.look()
    assert seen(held, authority) == der(certificate) != before
    assert held.warning == ""


def test_a_node_looks_by_itself(tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within its interval; a stop ends it."""
    monkeypatch.setattr(clientcertificate, "LOOK_SECONDS", 0.01)
    certificate, key = authority.issue(tmp_path, "node.example")
    held = ClientCertificate(certificate, key, now)
    held.start()
    authority.issue(tmp_path, "node.example")
    for _ in range(500):
        if seen(held, authority) == der(certificate):
            break
        time.sleep(0.01)
    assert seen(held, authority) == der(certificate)
    held.stop()
    held.stop()


def another_key(folder: Path) -> None:
    """Put the key of another certificate there."""
    (folder / "privkey.pem").write_bytes(Authority().issue(folder / "other", "x")[1].read_bytes())


def encrypted(folder: Path) -> None:
    """Put an encrypted key there, with its certificate."""
    Authority().issue(folder, "node.example", password=b"secret")


BROKEN: dict[str, Callable[[Path], object]] = {
    "the certificate is gone": lambda folder: (folder / "fullchain.pem").unlink(),
    "the key is gone": lambda folder: (folder / "privkey.pem").unlink(),
    "the certificate is cut": lambda folder: (folder / "fullchain.pem").write_bytes(
        b"-----BEGIN CERTIFICATE-----\nMIIB"
    ),
    "the certificate is empty": lambda folder: (folder / "fullchain.pem").write_bytes(b""),
    "the key is none": lambda folder: (folder / "privkey.pem").write_bytes(b"no key"),
    "the key is another one's": another_key,
    "the key is encrypted": encrypted,
    "others can read the key": lambda folder: (folder / "privkey.pem").chmod(0o644),
}


@pytest.mark.parametrize("break_it", BROKEN.values(), ids=BROKEN)
def test_a_broken_pair_changes_nothing(
    tmp_path: Path, authority: Authority, break_it: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    """The one before goes on, it is said once in the log and as long as it lasts elsewhere; mended, it is taken up."""
    certificate, key = authority.issue(tmp_path, "node.example")
    before = der(certificate)
    held = ClientCertificate(certificate, key, now)
    break_it(tmp_path)
    if key.exists() and key.stat().st_mode & 0o077 == 0:
        os.utime(key, ns=(1, 1))  # clocks of file systems are coarse
    for _ in range(3):
        held.look()
    assert seen(held, authority) == before
    assert "cannot be used" in held.warning
    assert str(tmp_path) not in held.warning, "it stands where everybody may read it"
    assert caplog.text.count("cannot be taken up") == 1
    with pytest.raises(CannotStart):
        ClientCertificate(certificate, key, now)
    key.unlink(missing_ok=True)
    authority.issue(tmp_path, "node.example")
    held.look()
    assert (seen(held, authority), held.warning) == (der(certificate), "")


def test_a_mode_that_is_mended_is_taken_up(tmp_path: Path, authority: Authority) -> None:
    """Though no byte of the files changes."""
    certificate, key = authority.issue(tmp_path, "node.example")
    held = ClientCertificate(certificate, key, now)
    authority.issue(tmp_path, "node.example")
    key.chmod(0o604)
    held.look()
    assert held.warning
    key.chmod(0o640)
    held.look()
    assert (seen(held, authority), held.warning) == (der(certificate), "")


def test_only_sound_tls_is_spoken(tmp_path: Path, authority: Authority) -> None:
    """1.3; 1.2 with forward secrecy and authenticated ciphers; nothing older, and no weak cipher."""
    held = ClientCertificate(*authority.issue(tmp_path, "node.example"), now)

    def client() -> ssl.SSLContext:
        return ssl.create_default_context(cadata=authority.pem)

    assert shake_hands(held, client())[1] == "TLSv1.3"
    older = client()
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    _, version, cipher = shake_hands(held, older)
    assert version == "TLSv1.2"
    assert cipher.startswith("ECDHE-")
    weak = client()
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("AES128-SHA:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA")
    with pytest.raises(OSError, match=r"handshake failure|HANDSHAKE_FAILURE|reset|closed|EOF"):
        shake_hands(held, weak)
    assert held.context().minimum_version is ssl.TLSVersion.TLSv1_2
    assert all("CBC" not in each["description"] for each in held.context().get_ciphers())


def test_an_end_is_said_in_time(tmp_path: Path, authority: Authority) -> None:
    """Two weeks before, and once it has come."""
    certificate, key = authority.issue(tmp_path, "node.example")
    assert check_pair(certificate, key, now())[1] == ""
    authority.issue(tmp_path, "node.example", lasts=timedelta(days=5))
    assert check_pair(certificate, key, now())[1] == "it ends in 4 days"
    authority.issue(tmp_path, "node.example", lasts=-timedelta(days=1))
    with pytest.raises(CannotStart, match="ended on"):
        check_pair(certificate, key, now())
    assert ClientCertificate(certificate, key, now).warning == "the clients' certificate has ended"
