"""Sealed bytes: what one seals, another program that nobody here wrote opens, and the other way round."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanse_client.home.identity import Identity
from hanse_client.sealing.agefile import SEALED_BYTES, STANZAS, _bech32, recipient_of, seal, unseal
from hanse_ledger.values.errors import Malformed, ProofInvalid
from tests.tables.agefile import b64, public, seal_by_hand, unseal_by_hand

SECRET, OTHER = bytes(range(32)), bytes(range(1, 33))
SMALL_ORDER = (
    bytes(32),
    b"\x01" + bytes(31),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
)


@given(st.binary(max_size=400), st.sampled_from([0, 65_535, 65_536, 65_537]), st.integers(0, 4))
@settings(deadline=None)
def test_the_specification_opens_what_is_sealed(data: bytes, zeros: int, others: int) -> None:
    """Written by age's specification alone, a reader opens what is sealed here, and what it seals is opened here."""
    plain = data + bytes(zeros)
    keys = [public(SECRET), *(public(os.urandom(32)) for _ in range(others))]
    assert unseal_by_hand(seal(plain, keys), SECRET) == plain
    assert unseal(seal_by_hand(plain, keys, b"chance"), SECRET) == plain


def test_age_itself_opens_what_is_sealed(tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    """`age -d`, with a key as age writes it, gives the document; what `age` seals is opened with the identity."""
    age, identity = require_tool("age"), Identity("reader", bytes(32), SECRET)
    plain, key = os.urandom(100_000), tmp_path / "key.txt"
    key.write_text(_bech32("age-secret-key-", SECRET).upper() + "\n")
    (tmp_path / "sealed.age").write_bytes(seal(plain, [public(OTHER), identity.encryption_key]))
    opened = subprocess.run(
        [age, "-d", "-i", key, tmp_path / "sealed.age"], capture_output=True, check=True, timeout=60
    )
    assert opened.stdout == plain
    sealed = subprocess.run(
        [age, "-r", recipient_of(public(SECRET))], input=plain, capture_output=True, check=True, timeout=60
    )
    assert identity.unseal(sealed.stdout) == plain


def test_only_who_it_is_sealed_to_opens_it() -> None:
    """With another key, or a bit changed anywhere, nothing comes out."""
    sealed = seal(b"a document", [public(SECRET)])
    assert unseal(sealed, SECRET) == b"a document"
    with pytest.raises(ProofInvalid):
        unseal(sealed, OTHER)
    for at in range(len(sealed)):
        with pytest.raises((ProofInvalid, Malformed)):
            unseal(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], SECRET)
    for end in (0, 1, 30, len(sealed) - 1):
        with pytest.raises((ProofInvalid, Malformed)):
            unseal(sealed[:end], SECRET)


@pytest.mark.parametrize("key", SMALL_ORDER, ids=range(len(SMALL_ORDER)))
def test_nothing_is_sealed_to_a_key_of_small_order(key: bytes) -> None:
    """To such a key everybody has the secret: it is refused before the library, which would panic."""
    with pytest.raises(Malformed, match="small order"):
        seal(b"a document", [public(SECRET), key])


@pytest.mark.parametrize("share", SMALL_ORDER, ids=range(len(SMALL_ORDER)))
def test_a_stanza_of_small_order_opens_nothing(share: bytes) -> None:
    """A hostile stanza whose secret everybody knows is an answer, not a panic."""
    header, end, rest = seal_by_hand(b"x", [public(SECRET)], b"chance").partition(b"\n---")
    lines = header.split(b"\n")
    lines[1] = b"-> X25519 " + b64(share)
    with pytest.raises(ProofInvalid):
        unseal(b"\n".join(lines) + end + rest, SECRET)


def test_bounds() -> None:
    """No readers, too many, too large a document, too many stanzas: each is refused, the last before any is tried."""
    keys = [public(os.urandom(32)) for _ in range(STANZAS + 1)]
    for few_or_many in ([], keys):
        with pytest.raises(Malformed, match="1 to 64 keys"):
            seal(b"x", few_or_many)
    assert unseal(seal(b"x", [*keys[1:-1], public(SECRET)]), SECRET) == b"x"
    with pytest.raises(Malformed, match="bytes"):
        seal(bytes(SEALED_BYTES), keys[:1])
    with pytest.raises(Malformed, match="8388608 bytes"):
        unseal(bytes(SEALED_BYTES + 1), SECRET)
    with pytest.raises(Malformed, match="too many"):
        unseal(seal_by_hand(b"x", [public(SECRET)] * (STANZAS + 2), b"chance"), SECRET)


def test_keys_in_bech32() -> None:
    """The two examples of age's own documentation's form: letters, length, checksum as the library reads them."""
    import pyrage  # noqa: PLC0415 (the library is the judge here)

    identity = pyrage.x25519.Identity.from_str(_bech32("age-secret-key-", SECRET).upper())
    assert str(identity.to_public()) == recipient_of(public(SECRET))
