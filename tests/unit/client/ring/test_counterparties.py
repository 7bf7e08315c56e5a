"""Identities of a home folder, and which is meant for which counterparty."""

from pathlib import Path

import msgspec
import pytest

from hanse_cli.base.ringchoice import choose_identity
from hanse_client.base.errors import HanseError, IdentityError, InvalidInput, SetupError
from hanse_client.home.identity import Identity
from hanse_client.ring.ringkeys import KeyRing, MeantIdentities

ONE, OTHER = Identity("one", bytes(32), bytes(range(32))), Identity("other", bytes(range(32)), bytes(range(32)))
BUYER, STRANGER = bytes([1]) * 32, bytes([2]) * 32


def a_ring(home: Path) -> KeyRing:
    """Make a ring of two identities, of which the second is meant for the buyer."""
    ring = KeyRing(home)
    ring.add("one", ONE.to_bytes(None))
    ring.add("other", OTHER.to_bytes(b"words"))
    assert ring.use("other", BUYER) is None
    return ring


def test_what_is_added_is_found(tmp_path: Path) -> None:
    """Identities are found by name and by public key, without a passphrase; the same one is added twice, no other."""
    ring = a_ring(tmp_path)
    assert ring.names() == ["one", "other"]
    assert ring.public_keys() == {ONE.public_key: ring.file("one"), OTHER.public_key: ring.file("other")}
    before = ring.file("one").read_bytes()
    assert ring.add("one", before) == ring.file("one")
    with pytest.raises(IdentityError, match="is there already"):
        ring.add("one", OTHER.to_bytes(None))
    assert ring.file("one").read_bytes() == before
    for name in ("../one", "", ".hidden", "a/b", "a" * 200):
        with pytest.raises(InvalidInput, match="is no name of an identity"):
            ring.add(name, before)
    with pytest.raises(InvalidInput, match="there are: one, other"):
        ring.file("gone")


def test_an_identity_is_meant_for_a_counterparty(tmp_path: Path) -> None:
    """What is said last counts, and what was said before is told; nothing is meant for others."""
    ring = a_ring(tmp_path)
    assert ring.for_counterparty(BUYER) == ring.file("other")
    assert ring.for_counterparty(STRANGER) is None
    assert ring.use("one", BUYER) == "other"
    assert KeyRing(tmp_path).counterparties() == {BUYER: "one"}
    with pytest.raises(InvalidInput, match="There is no identity 'gone'"):
        ring.use("gone", STRANGER)
    ring.file("one").unlink()
    with pytest.raises(InvalidInput, match="There is no identity 'one'"):
        ring.for_counterparty(BUYER)


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"nothing",
        msgspec.json.encode({"@type": "hanse.counterparties/1", "keys": {"0" * 64: "../../escaped"}}),
        msgspec.json.encode({"@type": "hanse.counterparties/2", "keys": {}}),
    ],
)
def test_a_damaged_file_is_no_empty_one(tmp_path: Path, data: bytes) -> None:
    """Whoever cannot read for whom an identity is meant signs for nobody."""
    a_ring(tmp_path)
    (tmp_path / "keys" / "counterparties.json").write_bytes(data)
    with pytest.raises(SetupError):
        KeyRing(tmp_path).counterparties()
    with pytest.raises(HanseError):
        MeantIdentities(tmp_path).need(ONE.public_key, BUYER)


def test_no_other_identity_signs_for_a_counterparty(tmp_path: Path) -> None:
    """An identity that is not meant for a buyer is refused by name, before anything is made of it."""
    a_ring(tmp_path)
    meant = MeantIdentities(tmp_path)
    meant.need(OTHER.public_key, BUYER)
    meant.need(ONE.public_key, STRANGER)
    with pytest.raises(InvalidInput, match=f"For the counterparty {BUYER.hex()} the identity 'other' is meant"):
        meant.need(ONE.public_key, BUYER)
    MeantIdentities(tmp_path / "empty").need(ONE.public_key, BUYER)


def test_the_identity_that_signs_is_chosen(tmp_path: Path) -> None:
    """A file, a name in the home folder, the one for the counterparty, the only one; else the names are told."""
    ring = a_ring(tmp_path)
    ONE.save(tmp_path / "file.pem", None)
    assert choose_identity(tmp_path / "file.pem", tmp_path, BUYER.hex()) == tmp_path / "file.pem"
    assert choose_identity(Path("one"), tmp_path, None) == ring.file("one")
    assert choose_identity(Path("gone.pem"), tmp_path, None) == Path("gone.pem")
    assert choose_identity(None, tmp_path, BUYER.hex()) == ring.file("other")
    with pytest.raises(InvalidInput, match="No identity is meant for it: one, other"):
        choose_identity(None, tmp_path, STRANGER.hex())
    with pytest.raises(InvalidInput, match="Several identities are in the home folder"):
        choose_identity(None, tmp_path, None)
    ring.file("other").unlink()
    assert choose_identity(None, tmp_path, None) == ring.file("one")
    with pytest.raises(InvalidInput, match="This command signs"):
        choose_identity(None, tmp_path / "empty", None)
