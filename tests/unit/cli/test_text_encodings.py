"""Text that an editor has saved in its own way: a mark and other line ends are read; another encoding is named."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_cli.base.files import read_passphrase, read_text
from hanse_cli.base.session import read_trust_file
from hanse_cli.folders.corridor import PLAN_BYTES, Plan, read_plan
from hanse_client import Identity
from hanse_client.base.errors import HanseError
from hanse_client.exchange.transport import read_authorities, read_token
from hanse_io.durable import not_utf8
from hanse_ledger.proofs.trustfile import write_trust
from hanse_node.base.errors import CannotStart
from hanse_node.base.folder import CONFIG, LOG_KEY, read_folder, read_keys
from hanse_node.front.clientcertificate import load_pair
from hanse_node.signing.tls import create_authority
from hanse_node.signing.tls import read_authorities as read_peer
from hanse_node.signing.tokens import Scope, Token, create_token, read_tokens
from tests.world.certificates import Authority
from tests.world.corridor_genesis import GENESIS
from tests.world.node_ledger import START, make_folder

MARK = b"\xef\xbb\xbf"
MEMBERS = """\
# Zwölf Mitglieder
name = "Köln to Åbo"
operator = "market"

[[members]]
id = "market"
name = "Märkte"
roles = ["marketplace"]
"""
PASSPHRASE = b"a long secret\n"

Read = Callable[[], object]


def _crlf(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


READ: dict[str, Callable[[bytes], bytes]] = {
    "a mark": lambda data: MARK + data,
    "line ends of Windows": _crlf,
    "both": lambda data: MARK + _crlf(data),
    "no line end": lambda data: data.rstrip(b"\n"),
}
NAMED: dict[str, Callable[[bytes], bytes]] = {
    "UTF-16": lambda data: _crlf(data).decode().encode("utf-16"),
    "UTF-16, big end first": lambda data: b"\xfe\xff" + data.decode().encode("utf-16-be"),
    "UTF-16 without a mark": lambda data: data.decode().encode("utf-16-le"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with one of each file that a person may open in an editor."""
    folder = tmp_path_factory.mktemp("texts")
    make_folder(folder / "node")
    create_authority(folder / "node", "market", START)
    create_token(folder / "tokens", "reader", (Scope.READ,), ends=START + 1, now=START)
    Authority().issue(folder, "localhost")
    for name, data in {
        "passphrase": PASSPHRASE,
        "members.toml": MEMBERS.encode(),
        "token": b"hanse_secret\n",
        "trust.json": write_trust(GENESIS),
    }.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(data)
    Identity.generate("seller").save(folder / "seller.pem", PASSPHRASE.strip())
    return folder


def _texts(place: Path) -> dict[str, tuple[Path, Read]]:
    node, key = place / "node", place / "seller.pem"

    def plan() -> Plan:
        return read_plan(read_text(place / "members.toml", PLAN_BYTES, "list of members"))

    def log_key() -> bytes:
        return read_keys(node).log.encode()

    def tokens() -> tuple[Token, ...]:
        return read_tokens(place / "tokens")

    return {
        "members.toml": (place / "members.toml", plan),
        "node.toml": (node / CONFIG, lambda: read_folder(node, {})[0]),
        "a node's key": (node / LOG_KEY, log_key),
        "a member's authority": (node / "tls" / "authority.pem", lambda: read_peer(node / "tls" / "authority.pem")),
        "tokens": (place / "tokens", tokens),
        "certificate": (
            place / "fullchain.pem",
            lambda: load_pair(place / "fullchain.pem", place / "privkey.pem").ends,
        ),
        "its key": (place / "privkey.pem", lambda: load_pair(place / "fullchain.pem", place / "privkey.pem").ends),
        "authorities": (place / "fullchain.pem", lambda: read_authorities(place / "fullchain.pem").cert_store_stats()),
        "passphrase": (place / "passphrase", lambda: read_passphrase(place / "passphrase")),
        "passphrase of the SDK": (
            place / "passphrase",
            lambda: Identity.load(key, passphrase_file=place / "passphrase").public_key,
        ),
        "identity": (key, lambda: Identity.load(key, PASSPHRASE.strip()).public_key),
        "a reader's token": (place / "token", lambda: read_token(place / "token")),
        "trust.json": (place / "trust.json", lambda: read_trust_file(place / "trust.json").ledger),
    }


NAMES = list(_texts(Path()))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", READ)
def test_what_an_editor_adds_is_read(place: Path, name: str, form: str) -> None:
    """A byte order mark, other line ends, or none: the file says the same."""
    path, read = _texts(place)[name]
    own, said = path.read_bytes(), read()
    try:
        path.write_bytes(READ[form](own))
        assert read() == said
    finally:
        path.write_bytes(own)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", NAMED)
def test_another_encoding_is_named(place: Path, name: str, form: str) -> None:
    """UTF-16, with its mark or without: nothing is said to be damaged, and no passphrase wrong."""
    path, read = _texts(place)[name]
    own = path.read_bytes()
    try:
        path.write_bytes(NAMED[form](own))
        with pytest.raises((HanseError, CannotStart)) as caught:
            read()
        assert "UTF-16" in str(caught.value) or name == "authorities"
    finally:
        path.write_bytes(own)


@pytest.mark.parametrize("name", ["members.toml", "node.toml"])
def test_letters_of_one_byte_are_named_by_line(place: Path, name: str) -> None:
    """What Windows calls ANSI holds no text in UTF-8 where a letter is beyond ASCII."""
    path, read = _texts(place)[name]
    own = path.read_bytes()
    try:
        path.write_bytes(own + b"\n# M\xfcller\n")
        with pytest.raises(
            (HanseError, CannotStart), match=r"no text in UTF-8 \(line \d+ holds the byte fc\)"
        ) as caught:
            read()
        assert "Save it as UTF-8" in str(caught.value)
    finally:
        path.write_bytes(own)


def test_authorities_have_comments_in_any_letters(place: Path, tmp_path: Path) -> None:
    """What stands between certificates is nobody's: bundles name their authorities in the authorities' own letters."""
    path = tmp_path / "authorities.pem"
    path.write_bytes("# Türktrust, Microsec e-Szignó\n".encode() + (place / "fullchain.pem").read_bytes())
    assert read_authorities(path).cert_store_stats()["x509"] == 1


@given(st.text())
def test_text_in_utf8_is_text(text: str) -> None:
    """Whatever is text is not refused, but for a zero byte at its beginning, which no such file holds."""
    data = text.encode()
    assert not not_utf8(data) or b"\0" in data[:2]
