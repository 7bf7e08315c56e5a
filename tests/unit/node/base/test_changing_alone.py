"""Two commands at the same moment: neither takes back what the other has written."""

import multiprocessing
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec.structs import replace

from hanse_node.base import changing
from hanse_node.base.changing import alone_with
from hanse_node.base.config import Config, parse_config, write_config
from hanse_node.base.errors import CannotStart
from hanse_node.base.folder import CONFIG
from hanse_node.operate.joinforms import MemberPart, read_part
from hanse_node.operate.network import add_peer, forget_peer
from hanse_node.signing import tls
from hanse_node.signing.tokens import Scope, create_token, read_tokens, revoke_token
from tests.unit.node.base.test_toml import part_with
from tests.world.node_ledger import START, digest

PROCESSES, EACH = 4, 6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a node's settings and certificates."""
    path = tmp_path / "node"
    tls.create_authority(path, "chamber", START)
    (path / CONFIG).write_bytes(write_config(Config(cosigner="chamber")))
    return path


def part_of(name: str) -> MemberPart:
    """Make the part of a member with a node of its own."""
    part = read_part(part_with(id=name, url=f"https://{name}.example:8443"))
    assert part.node is not None
    return replace(part, node=replace(part.node, node_key=digest("node", name)))


def names(process: int) -> list[str]:
    """Name what one process adds."""
    return [f"bank-{process}-{number}" for number in range(EACH)]


def add_peers(folder: Path, process: int) -> None:
    """Let the node know some members, one by one."""
    for name in names(process):
        add_peer(folder, part_of(name))


def add_tokens(folder: Path, process: int) -> None:
    """Make some tokens, one by one."""
    for name in names(process):
        create_token(folder / "tokens", name, (Scope.READ,), ends=START + 1, now=START)


def make_authorities(folder: Path, process: int) -> None:
    """Make another authority, and the certificate that it signs."""
    for _ in names(process):
        tls.create_authority(folder, "chamber", START)


def all_at_once(work: Callable[[Path, int], None], folder: Path) -> None:
    """Do it in several processes at the same time."""
    context = multiprocessing.get_context("spawn")
    started = [context.Process(target=work, args=(folder, number)) for number in range(PROCESSES)]
    for process in started:
        process.start()
    for process in started:
        process.join()
    assert [process.exitcode for process in started] == [0] * PROCESSES


def test_no_peer_is_lost(folder: Path) -> None:
    """Every member that any of the processes has added is known."""
    all_at_once(add_peers, folder)
    wanted = {name for number in range(PROCESSES) for name in names(number)}
    config = parse_config((folder / CONFIG).read_bytes(), {})
    assert set(config.peers) == wanted
    assert {engine.member for engine in config.engines.values()} == wanted


def test_no_token_is_lost(folder: Path) -> None:
    """Every token that any of the processes has made is there."""
    all_at_once(add_tokens, folder)
    wanted = {name for number in range(PROCESSES) for name in names(number)}
    assert {token.name for token in read_tokens(folder / "tokens")} == wanted


def test_an_authority_and_its_key_are_of_one_hand(folder: Path) -> None:
    """Never the key of one and the certificate of another, nor a certificate that a third has signed."""
    all_at_once(make_authorities, folder)
    place = folder / tls.FOLDER
    authority = x509.load_pem_x509_certificate((place / tls.AUTHORITY).read_bytes())
    key = load_pem_private_key((place / tls.AUTHORITY_KEY).read_bytes(), password=None)
    assert key.public_key() == authority.public_key()
    x509.load_pem_x509_certificate((place / tls.CERTIFICATE).read_bytes()).verify_directly_issued_by(authority)


PEER = f"{tls.FOLDER}/{tls.PEERS}/bank.pem"


def authority_of(folder: Path) -> bytes:
    """Give the node's own authority."""
    return (folder / tls.FOLDER / tls.AUTHORITY).read_bytes()


CHANGES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "peer": (CONFIG, lambda folder: add_peer(folder, part_of("bank"))),
    "forget": (CONFIG, lambda folder: forget_peer(folder, "chamber")),
    "peer's authority": (PEER, lambda folder: add_peer(folder, part_of("bank"))),
    "another authority of a peer": (PEER, lambda folder: tls.add_authority(folder, "bank", authority_of(folder))),
    "a peer's to forget": (PEER, lambda folder: forget_peer(folder, "bank")),
    "authority": (f"{tls.FOLDER}/{tls.AUTHORITY}", lambda folder: tls.renew(folder, START)),
    "token": ("tokens", lambda folder: add_tokens(folder, 0)),
    "revoke": ("tokens", lambda folder: revoke_token(folder / "tokens", "reader")),
}


@pytest.mark.parametrize(("name", "change"), CHANGES.values(), ids=CHANGES)
def test_who_waits_too_long_changes_nothing(
    folder: Path, name: str, change: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another program has the file it is left alone, and the refusal says what to do."""
    monkeypatch.setattr(changing, "LOCK_SECONDS", 0.05)
    add_peer(folder, part_of("bank"))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    refused: list[CannotStart] = []

    def try_it() -> None:
        try:
            change(folder)
        except CannotStart as error:
            refused.append(error)

    with alone_with(folder / name):
        other = Thread(target=try_it)
        other.start()
        other.join()
    (error,) = refused
    assert error.reason == f"Another program changes {folder / name}"
    assert error.next_step == "Try again when it has ended"
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}
    assert after == {path: data for path, data in before.items() if path.suffix != ".lock"}


def test_no_folder_is_made_for_a_lock(tmp_path: Path) -> None:
    """Where nothing is, nothing begins to be."""
    with pytest.raises(CannotStart, match="holds no node"):
        add_peer(tmp_path / "nothing", part_of("bank"))
    with pytest.raises(CannotStart, match="cannot be read"):
        tls.renew(tmp_path / "nothing", START)
    assert not list(tmp_path.iterdir())
