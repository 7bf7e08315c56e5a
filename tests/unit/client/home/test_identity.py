"""Identities and their key files."""

import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey, SealedBox

from hanse_client.base.errors import IdentityError
from hanse_client.home.identity import Identity
from hanse_client.home.keyfile import CERTIFICATE, ENCRYPTED, PLAIN, read_keyfile, write_keyfile
from hanse_client.home.pem import PEM_BYTES, PemBlock, read_pem, write_pem
from hanse_ledger.values.keys import verify_signature

SEEDS = (bytes(range(32)), bytes(range(32, 64)))
labels = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ", min_size=1, max_size=64)


@given(st.lists(st.tuples(labels, st.binary(min_size=1, max_size=500)), max_size=4))
def test_pem_blocks_come_back(blocks: list[tuple[str, bytes]]) -> None:
    """What is written as PEM is read again, whatever text stands between."""
    written = [PemBlock(label, data) for label, data in blocks]
    assert read_pem(b"a word before\n" + write_pem(written) + b"and one behind") == written


@pytest.mark.parametrize("passphrase", [None, b"correct horse"])
def test_an_identity_comes_back_from_its_file(tmp_path: Path, passphrase: bytes | None) -> None:
    """A saved identity has the same keys and name, in a file that only its owner can read."""
    made = Identity.generate("seller of pots")
    made.save(tmp_path / "keys" / "seller.pem", passphrase)
    path = tmp_path / "keys" / "seller.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["seller.pem"]
    loaded = Identity.load(path, passphrase)
    assert (loaded.public_key, loaded.encryption_key) == (made.public_key, made.encryption_key)
    assert (loaded.name, loaded.fingerprint) == ("seller of pots", made.fingerprint)
    assert loaded.sign(b"words") == made.sign(b"words")


def test_a_signature_is_the_keys() -> None:
    """What an identity signs verifies under its public key, as the ledger decides it."""
    identity = Identity("", *SEEDS)
    assert len(identity.public_key) == 33
    verify_signature(identity.public_key, b"message", identity.sign(b"message"))


def test_the_encryption_key_opens_what_is_sealed_to_it() -> None:
    """The X25519 key in an identity is the one whose private half it holds."""
    identity = Identity("", *SEEDS)
    sealed = SealedBox(PrivateKey(SEEDS[1]).public_key)
    assert identity.encryption_key == bytes(PrivateKey(SEEDS[1]).public_key)
    assert SealedBox(PrivateKey(SEEDS[1])).decrypt(sealed.encrypt(b"payload")) == b"payload"


def test_an_encrypted_file_holds_no_key_in_the_clear() -> None:
    """With a passphrase both private keys are encrypted blocks, and neither seed stands in the file."""
    data = write_keyfile("name", *SEEDS, b"passphrase")
    blocks = read_pem(data)
    assert [block.label for block in blocks] == [ENCRYPTED, ENCRYPTED, CERTIFICATE]
    assert not any(seed in block.data for seed in SEEDS for block in blocks)
    assert [block.label for block in read_pem(write_keyfile("name", *SEEDS, None))] == [PLAIN, PLAIN, CERTIFICATE]


def test_openssl_opens_the_keys(require_tool: Callable[[str], Path], tmp_path: Path) -> None:
    """The encrypted private key and the certificate are what OpenSSL understands."""
    openssl = str(require_tool("openssl"))
    path = tmp_path / "keys.pem"
    path.write_bytes(write_keyfile("name", *SEEDS, b"passphrase"))
    shown = subprocess.run(
        [openssl, "pkey", "-in", path, "-passin", "pass:passphrase", "-noout", "-text"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "ED25519 Private-Key" in shown.stdout
    subject = subprocess.run(
        [openssl, "x509", "-in", path, "-noout", "-subject"], capture_output=True, text=True, check=True
    )
    assert "hanse" in subject.stdout


def test_cryptography_opens_the_keys() -> None:
    """The first private key in the file is PKCS#8 for any library that knows scrypt."""
    key = load_pem_private_key(write_keyfile("name", *SEEDS, b"passphrase"), b"passphrase")
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert raw == Identity("", *SEEDS).public_key[1:]


def test_the_certificate_names_nobody() -> None:
    """The subject of the self-signed certificate is the key itself, not the owner's name for the file."""
    block = read_pem(write_keyfile("Lin Yun", *SEEDS, None))[2]
    certificate = x509.load_der_x509_certificate(block.data)
    certificate.verify_directly_issued_by(certificate)
    assert "Lin" not in certificate.subject.rfc4514_string()
    assert Identity("", *SEEDS).public_key[1:].hex()[:40] in certificate.subject.rfc4514_string()


@pytest.mark.parametrize(
    ("passphrase", "says"), [(None, "encrypted"), (b"wrong", "passphrase is wrong"), (b"", "passphrase is wrong")]
)
def test_a_wrong_passphrase_is_told_apart(passphrase: bytes | None, says: str) -> None:
    """A missing passphrase and a wrong one are two messages, and neither opens the file."""
    data = write_keyfile("name", *SEEDS, b"right")
    with pytest.raises(IdentityError, match=says):
        read_keyfile(data, passphrase)


def _swap_certificate(data: bytes) -> bytes:
    other = read_pem(write_keyfile("other", SEEDS[1], SEEDS[0], None))
    return write_pem([*read_pem(data)[:2], other[2]])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda data: data[: len(data) // 2],
        lambda data: write_pem(reversed(read_pem(data))),
        lambda data: write_pem([read_pem(data)[0], read_pem(data)[0], read_pem(data)[2]]),
        lambda data: write_pem([*read_pem(data)[:2], PemBlock(CERTIFICATE, b"\x30\x00")]),
        lambda data: write_pem([PemBlock(PLAIN, b"junk"), *read_pem(data)[1:]]),
        lambda data: data.replace(b"-----END PRIVATE KEY-----", b"=\n-----END PRIVATE KEY-----"),
        lambda data: data + bytes(PEM_BYTES),
        _swap_certificate,
    ],
)
def test_a_damaged_file_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    """A key file that is cut, reordered, swapped or too large is refused with an error that its owner understands."""
    with pytest.raises(IdentityError) as caught:
        read_keyfile(spoil(write_keyfile("name", *SEEDS, None)), None)
    assert caught.value.action


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """A key that other users could have copied is not used, and the message says how to close the file."""
    path = tmp_path / "key.pem"
    Identity.generate("a").save(path, None)
    path.chmod(0o640)
    with pytest.raises(IdentityError, match=r"chmod 600"):
        Identity.load(path)


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    """Saving over a file fails and leaves the old key as it was."""
    path = tmp_path / "key.pem"
    first = Identity.generate("first")
    first.save(path, None)
    with pytest.raises(IdentityError, match="there already"):
        Identity.generate("second").save(path, None)
    assert Identity.load(path).public_key == first.public_key
    with pytest.raises(IdentityError, match="passphrase is empty"):
        first.save(tmp_path / "other.pem", b"")
    with pytest.raises(IdentityError, match="cannot be read"):
        Identity.load(tmp_path / "missing.pem")


@pytest.mark.parametrize("name", ["two\nlines", "x" * 65, "\x1b[31m"])
def test_a_name_is_one_plain_line(name: str) -> None:
    """A name cannot forge the lines of the key file or write to a terminal."""
    with pytest.raises(IdentityError, match="one line"):
        Identity.generate(name)


def test_nothing_prints_a_secret() -> None:
    """Neither repr nor str of an identity shows its private halves."""
    identity = Identity("name", *SEEDS)
    shown = f"{identity!r} {identity} {identity.fingerprint}"
    assert not any(seed.hex() in shown or repr(seed) in shown for seed in SEEDS)
