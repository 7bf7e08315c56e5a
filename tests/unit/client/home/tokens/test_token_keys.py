"""Keys in tokens, tried on SoftHSM2: what they sign, and what each thing that goes wrong is called."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pkcs11
import pytest
from msgspec.structs import replace
from pkcs11.util.ec import encode_named_curve_parameters

from hanse_client.base.errors import IdentityError, SetupError
from hanse_client.home.identity import Identity
from hanse_client.home.tokens import tokenkey
from hanse_client.home.tokens.tokenfile import public_key_in
from hanse_client.home.tokens.tokenkey import PinRefused, TokenKey, find_public, make_key, open_session
from hanse_client.home.tokens.uri import TokenKeyName, read_uri
from hanse_io.signedrequests import Stamp, read_signature, sign_request, signature_base
from hanse_ledger.values.keys import verify_signature


def pin_file(folder: Path, pin: str = "123456") -> Path:
    """Write a PIN into a file of mode 0600."""
    path = folder / "pin"
    path.write_text(f"{pin}\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def name(soft_tokens: Path, tmp_path: Path, request: pytest.FixtureRequest) -> TokenKeyName:
    """Name a key of this test alone in the token `desk`, whose PIN stands in a file; nobody has logged in."""
    pkcs11.lib(str(soft_tokens)).reinitialize()
    return TokenKeyName(module=soft_tokens, token="desk", label=request.node.name, pin_file=pin_file(tmp_path))


@pytest.fixture
def key(name: TokenKeyName) -> Iterator[TokenKey]:
    """Make a key in the token, and log out afterwards."""
    with open_session(name, None, writes=True) as session:
        make_key(session, name)
        public = find_public(session, name)
    made = TokenKey(name, public, None)
    yield made
    close(made)


def close(key: TokenKey) -> None:
    """Log out, so that the next test has to log in."""
    if key._opened is not None:
        key._opened[0].close()
        key._opened = None


def test_what_a_token_signs_the_ledger_takes(key: TokenKey) -> None:
    """A token's signature is plain Ed25519 of 64 bytes; the key itself cannot be read out of the token."""
    verify_signature(key.public_key, b"message", key.sign(b"message"))
    verify_signature(key.public_key, b"", key.sign(b""))
    assert key._opened is not None
    secret = key._opened[1]
    assert (secret[pkcs11.Attribute.SENSITIVE], secret[pkcs11.Attribute.EXTRACTABLE]) == (True, False)
    with pytest.raises(pkcs11.PKCS11Error):
        secret[pkcs11.Attribute.VALUE]


def test_a_token_signs_requests(key: TokenKey) -> None:
    """Whoever reads with a key in a token is known by it: a request's signature is one like any other."""
    stamp = Stamp(key=key.public_key, ledger=bytes(32), created=1_800_000_000, seconds=60, nonce=bytes(16))
    fields = dict(sign_request("POST", "node.example", "/v1/tags?a=b", b"{}", stamp, key.sign))
    found = read_signature(fields["Signature-Input"], fields["Signature"], fields["Content-Digest"])
    base = signature_base("POST", "node.example", "/v1/tags?a=b", found.digest, found.parameters)
    assert found.key == key.public_key
    verify_signature(found.key, base, found.signature)


def test_an_identity_file_names_the_key(key: TokenKey, tmp_path: Path) -> None:
    """The file has the URI, the public half and the encryption key; it signs as the token does, and has no seed."""
    made = Identity.generate("officer").with_token(key)
    made.save(tmp_path / "officer.pem", b"words")
    data = (tmp_path / "officer.pem").read_bytes()
    assert str(key.name).encode() in data
    assert public_key_in(data) == key.public_key
    loaded = Identity.load(tmp_path / "officer.pem", b"words")
    assert (loaded.public_key, loaded.encryption_key, loaded.name) == (key.public_key, made.encryption_key, "officer")
    assert loaded.in_token
    verify_signature(loaded.public_key, b"record", loaded.sign(b"record"))
    assert isinstance(loaded._signing, TokenKey)
    close(loaded._signing)
    with pytest.raises(IdentityError, match="passphrase is wrong"):
        Identity.load(tmp_path / "officer.pem", b"others")
    (tmp_path / "officer.pem").write_bytes(data.replace(b"PUBLIC KEY", b"CERTIFICATE"))
    with pytest.raises(IdentityError, match="its public half"):
        Identity.load(tmp_path / "officer.pem", b"words")


def test_a_pin_is_asked_for_once(key: TokenKey) -> None:
    """Without a file of it somebody is asked when something is signed first, and told of which token."""
    asked = list[TokenKeyName]()

    def ask(name: TokenKeyName) -> str:
        asked.append(name)
        return "123456"

    named = replace(key.name, pin_file=None)
    asking = TokenKey(named, key.public_key, ask)
    assert asked == []
    asking.sign(b"one")
    asking.sign(b"two")
    assert asked == [named]
    close(asking)
    with pytest.raises(IdentityError, match="needs its PIN, and there is nobody to ask"):
        TokenKey(named, key.public_key, None).sign(b"message")


def test_a_wrong_pin_is_tried_once_and_the_count_is_told(key: TokenKey, tmp_path: Path) -> None:
    """A token counts: the same program does not try the same PIN again, and says what the token says of its count."""
    pin_file(tmp_path, "000000")
    wrong = TokenKey(key.name, key.public_key, None)
    with pytest.raises(PinRefused, match=r"is wrong\. It has counted wrong ones, and locks itself") as first:
        wrong.sign(b"message")
    pin_file(tmp_path)
    with pytest.raises(PinRefused) as second:
        wrong.sign(b"message")
    assert second.value is first.value
    assert str(key.name.pin_file) in first.value.action
    TokenKey(key.name, key.public_key, None).sign(b"message")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (pkcs11.TokenFlag.USER_PIN_LOCKED, "is locked, after too many wrong ones"),
        (pkcs11.TokenFlag.USER_PIN_FINAL_TRY, "One more wrong PIN locks the token 'desk'; none was tried"),
    ],
)
def test_no_pin_is_tried_that_could_lock_the_token(name: TokenKeyName, flags: int, words: str) -> None:
    """Where the token says that one try is left, or none, nothing is tried."""
    with pytest.raises(PinRefused, match=words):
        tokenkey.need_tries(flags, name)
    tokenkey.need_tries(pkcs11.TokenFlag.USER_PIN_COUNT_LOW, name)
    assert "locks it" in tokenkey.tries_left(pkcs11.TokenFlag.USER_PIN_FINAL_TRY)
    assert "locked now" in tokenkey.tries_left(pkcs11.TokenFlag.USER_PIN_LOCKED)
    assert tokenkey.tries_left(0) == ""


def test_a_pin_file_that_others_read_is_refused(key: TokenKey) -> None:
    """It is as good as the key."""
    assert key.name.pin_file is not None
    key.name.pin_file.chmod(0o644)
    with pytest.raises(IdentityError, match=r"PIN file .* is open to other users"):
        key.sign(b"message")
    key.name.pin_file.chmod(0o600)
    key.name.pin_file.write_text("\n")
    with pytest.raises(IdentityError, match="is empty"):
        key.sign(b"message")
    key.name.pin_file.unlink()
    with pytest.raises(IdentityError, match="cannot be read"):
        key.sign(b"message")


@pytest.mark.parametrize("module", ["no-such-module.so", "no-module.so"])
def test_a_module_that_is_none_is_named(key: TokenKey, tmp_path: Path, module: str) -> None:
    """A file that is not there, and one that is no module, are named."""
    (tmp_path / "no-module.so").write_bytes(b"text")
    named = replace(key.name, module=tmp_path / module)
    with pytest.raises(SetupError, match=rf"The PKCS#11 module .*{module} cannot be loaded"):
        TokenKey(named, key.public_key, None).sign(b"message")


def test_a_token_that_is_not_there_is_named(key: TokenKey) -> None:
    """The error lists the tokens that are there; a serial number, a maker or a model that differs is another token."""
    for changes in ({"token": "gone"}, {"serial": "00"}, {"manufacturer": "Somebody"}, {"model": "Other"}):
        with pytest.raises(SetupError, match=r"shows no tokens '.*'; it has .*'desk', 'other'"):
            TokenKey(replace(key.name, **changes), key.public_key, None).sign(b"message")


def test_a_key_that_is_not_there_is_named(key: TokenKey) -> None:
    """So is one of another id, and one of which there are several."""
    with pytest.raises(IdentityError, match="There is no private key 'gone' in the token 'desk'"):
        TokenKey(replace(key.name, label="gone"), key.public_key, None).sign(b"message")
    with pytest.raises(IdentityError, match="There is no private key"):
        TokenKey(replace(key.name, id=b"\xfe"), key.public_key, None).sign(b"message")
    with open_session(key.name, None, writes=True) as session:
        make_key(session, key.name)
    with pytest.raises(IdentityError, match="There are 2 private keys"):
        key.sign(b"message")


def test_a_key_of_another_kind_is_named(name: TokenKeyName) -> None:
    """A key on another curve, and one of Ed448, are no Ed25519 keys."""
    with open_session(name, None, writes=True) as session:
        curve = session.create_domain_parameters(
            pkcs11.KeyType.EC, {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}, local=True
        )
        curve.generate_keypair(store=True, label=name.label)
        with pytest.raises(IdentityError, match="is no Ed25519 key, but EC"):
            tokenkey.find_private(session, name)
        with pytest.raises(IdentityError, match="is no Ed25519 key"):
            find_public(session, name)


def test_another_key_under_the_same_name_signs_nothing(key: TokenKey) -> None:
    """What a token signs is verified: an identity file whose key was replaced in the token is found out."""
    other = Identity.generate("other").public_key
    stale = TokenKey(key.name, other, None)
    with pytest.raises(IdentityError, match=f"is not of the key {other.hex()}"):
        stale.sign(b"message")
    close(stale)


def test_a_lost_session_is_opened_once_more(key: TokenKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that the token forgot is opened anew; a token that stays away is named."""
    key.sign(b"before")
    assert key._opened is not None
    key._opened[0].close()
    verify_signature(key.public_key, b"after", key.sign(b"after"))

    def away(*_: object, **__: object) -> None:
        raise pkcs11.DeviceRemoved

    close(key)
    monkeypatch.setattr(tokenkey, "find_private", away)
    with pytest.raises(SetupError, match="went away while it was used"):
        key.sign(b"message")
    close(key)


def test_two_identities_of_one_token_both_sign(key: TokenKey) -> None:
    """Whoever has logged in already is not asked to do it again by the token."""
    second = replace(key.name, label=f"{key.name.label} too")
    with open_session(second, None, writes=True) as session:
        make_key(session, second)
        public = find_public(session, second)
    other = TokenKey(second, public, None)
    for each in (key, other, key):
        verify_signature(each.public_key, b"message", each.sign(b"message"))
    close(other)


def test_several_threads_sign_with_one_key(key: TokenKey) -> None:
    """One after the other, and each signature is of its own message."""
    found: dict[int, bytes] = {}

    def sign(number: int) -> None:
        found[number] = key.sign(b"%d" % number)

    threads = [threading.Thread(target=sign, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    for number, signature in found.items():
        verify_signature(key.public_key, b"%d" % number, signature)


def test_without_the_library_the_extra_is_named(key: TokenKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has not installed it is told what to install."""
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(SetupError, match=r"pip install 'hanse\[pkcs11\]'"):
        key.sign(b"message")


def test_a_uri_comes_back() -> None:
    """What names a key is written as RFC 7512 says, and read again: blanks, umlauts and all bytes of an id."""
    name = TokenKeyName(
        module=Path("/opt/a token/mödule.so"),
        token="Büro; 1?",
        serial="00 1",
        label="seller/1",
        id=bytes(range(0, 256, 5)),
        pin_file=Path("/etc/hanse/pin of desk"),
    )
    assert read_uri(str(name)) == name
    assert "%C3%BC" in str(name)
    plain = read_uri("pkcs11:token=desk;object=a;type=private?pin-source=/etc/pin&module-path=/m.so")
    assert plain == TokenKeyName(module=Path("/m.so"), token="desk", label="a", pin_file=Path("/etc/pin"))


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("token=desk", "no pkcs11: URI"),
        ("pkcs11:object=a?module-path=/m.so", "does not say its token"),
        ("pkcs11:token=desk;object=a", "does not say its module-path"),
        ("pkcs11:token=desk?module-path=/m.so", "names no key"),
        ("pkcs11:token=desk;object=a?module-path=m.so", "is no absolute path"),
        ("pkcs11:token=desk;object=a?module-path=/m.so&pin-source=|cat", "'pin-source' of the URI|no absolute path"),
        ("pkcs11:token=desk;object=a?module-path=/m.so&pin-value=1234", "has a PIN in it"),
        ("pkcs11:token=desk;object=a;object=b?module-path=/m.so", "stands twice"),
        ("pkcs11:token=desk;colour=red;object=a?module-path=/m.so", "'colour' of the URI is not read"),
        ("pkcs11:token=desk;object=a;type=cert?module-path=/m.so", "not that of a private key"),
        ("pkcs11:token=%FF;object=a?module-path=/m.so", "is no text in UTF-8"),
        ("pkcs11:token=a%0Ab;object=a?module-path=/m.so", "no printable text"),
        ("pkcs11:" + "a" * 5_000, "no pkcs11: URI"),
    ],
)
def test_what_names_no_key_is_refused(uri: str, words: str) -> None:
    """Each thing that is missing, or is not read here, is named; a PIN never stands in a URI."""
    with pytest.raises(IdentityError, match=words) as refused:
        read_uri(uri)
    assert "1234" not in str(refused.value)
