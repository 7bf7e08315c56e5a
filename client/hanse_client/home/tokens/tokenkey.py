"""An Ed25519 key in a token: found by its name, and used there (PKCS#11 3.0, CKM_EDDSA). It never leaves the token.

A wrong PIN is tried once: tokens count, and lock themselves. A session that was lost is opened once more.
"""

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any

from hanse_client.base.errors import HanseError, IdentityError, SetupError
from hanse_client.home.tokens.uri import TokenKeyName
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.keys import ed25519_key, verify_signature
from hanse_ledger.values.types import PublicKey

if TYPE_CHECKING:
    import pkcs11
    from pkcs11.types import Token

AskPin = Callable[[TokenKeyName], str]
"""Gets the PIN of a key's token from somebody, or from a file."""

ED25519 = "1.3.101.112"
"""RFC 8410."""

POINT_BYTES = 32
_OCTETS = b"\x04\x20"
"""In front of a point that a token gives as a DER OCTET STRING, as PKCS#11 asks for; some give the bare 32 bytes."""


class TokenKey:
    """A key in a token. Any thread may sign; one does at a time."""

    def __init__(self, name: TokenKeyName, public_key: PublicKey, ask_pin: AskPin | None) -> None:
        """Take a key that is known; nothing is opened before it signs.

        Args:
            name: where it is.
            public_key: which one it is: whatever the token signs is verified under it.
            ask_pin: gets the PIN where the name says no file; nil where nobody is there to ask.
        """
        self.name, self.public_key = name, public_key
        self._ask_pin, self._turn = ask_pin, Lock()
        self._opened: tuple[pkcs11.Session, Any] | None = None
        self._locked_out: HanseError | None = None

    def sign(self, message: bytes) -> bytes:
        """Sign bytes with Ed25519: 64 bytes.

        Raises:
            SetupError: the module or the token is not there, or has gone.
            IdentityError: the PIN is wrong or locked, or the key is not there, or not the one that it should be.
        """
        pkcs11 = load_library()
        with self._turn:
            try:
                signature = self._sign(message)
            except pkcs11.PKCS11Error as error:
                # The session is another's affair: a token that was put in again, or a module that began anew.
                self._opened = None
                try:
                    signature = self._sign(message)
                except pkcs11.PKCS11Error as again:
                    raise explained(again, self.name) from error
        try:
            verify_signature(self.public_key, message, signature)
        except ProofInvalid as error:
            raise IdentityError(
                f"What the key {self.name.words} signs is not of the key {self.public_key.hex()}.",
                "The token has another key of that name: check label and id, or make the identity file anew.",
            ) from error
        return signature

    def _sign(self, message: bytes) -> bytes:
        pkcs11 = load_library()
        if self._opened is None:
            session = self._open()
            self._opened = session, find_private(session, self.name)
        signature: bytes = self._opened[1].sign(message, mechanism=pkcs11.Mechanism.EDDSA)
        return signature

    def _open(self) -> "pkcs11.Session":
        if self._locked_out is not None:
            raise self._locked_out
        try:
            return open_session(self.name, self._ask_pin)
        except PinRefused as error:
            self._locked_out = error
            raise


class PinRefused(IdentityError):
    """The token does not take the PIN. It is not tried again by this program: tokens count, and lock themselves."""


def load_library() -> Any:
    """Load what speaks PKCS#11. Raises SetupError: the extra is not installed."""
    try:
        import pkcs11  # noqa: PLC0415 (an extra, which most do without)
    except ImportError as error:
        raise SetupError(
            "A key in a token needs python-pkcs11, which is not installed.", "Run: pip install 'hanse[pkcs11]'"
        ) from error
    return pkcs11


def find_token(name: TokenKeyName) -> "Token":
    """Find the token. Raises SetupError: its module cannot be loaded, or it is not there, or there are several."""
    pkcs11 = load_library()
    try:
        library = pkcs11.lib(str(name.module))
        tokens = [each for each in library.get_tokens(token_label=name.token) if _is_meant(each, name)]
    except pkcs11.PKCS11Error as error:
        raise SetupError(
            f"The PKCS#11 module {name.module} cannot be loaded: {error or type(error).__name__}.",
            "Check module-path, and that the token's software is installed.",
        ) from error
    if len(tokens) != 1:
        labels = {slot.get_token().label for slot in library.get_slots(token_present=True)}
        known = ", ".join(repr(label) for label in sorted(labels) if label)
        raise SetupError(
            f"The module {name.module} shows {len(tokens) or 'no'} tokens {name.token!r}; it has {known or 'none'}.",
            "Put the token in, or correct its label." if not tokens else "Say its serial number too, as serial.",
        )
    found: Token = tokens[0]
    return found


def _is_meant(token: "Token", name: TokenKeyName) -> bool:
    said = (name.serial, token.serial.decode(errors="replace")), (name.manufacturer, token.manufacturer_id)
    return all(not wanted or wanted == seen.strip() for wanted, seen in (*said, (name.model, token.model)))


def open_session(name: TokenKeyName, ask_pin: AskPin | None, *, writes: bool = False) -> "pkcs11.Session":
    """Log in to the token.

    Raises:
        SetupError: as `find_token`.
        PinRefused: the PIN is wrong, or locked, or one more wrong one would lock it.
        IdentityError: there is no PIN at hand.
    """
    pkcs11 = load_library()
    token = find_token(name)
    need_tries(token.flags, name)
    if name.pin_file is None and ask_pin is None:
        raise IdentityError(
            f"The token {name.token!r} needs its PIN, and there is nobody to ask.",
            "Name a file of mode 0600 as pin-source in the identity file.",
        )
    try:
        return token.open(rw=writes, user_pin=_pin(name, ask_pin))
    except pkcs11.UserAlreadyLoggedIn:  # another identity of this program is in the same token
        return token.open(rw=writes)
    except (pkcs11.PinIncorrect, pkcs11.PinLenRange, pkcs11.PinInvalid) as error:
        raise PinRefused(
            f"The PIN of the token {name.token!r} is wrong.{tries_left(find_token(name).flags)}",
            f"Correct {name.pin_file}." if name.pin_file else "Type it again; think first, for the token counts.",
        ) from error
    except pkcs11.PinLocked as error:
        raise _pin_locked(name) from error
    except pkcs11.PKCS11Error as error:
        raise explained(error, name) from error


def need_tries(flags: int, name: TokenKeyName) -> None:
    """Insist that one wrong PIN more would not lock the token.

    Args:
        flags: the token's, as it says them itself.
        name: the key, for the error.

    Raises:
        PinRefused: it is locked, or has one try left.
    """
    pkcs11 = load_library()
    if flags & pkcs11.TokenFlag.USER_PIN_LOCKED:
        raise _pin_locked(name)
    if flags & pkcs11.TokenFlag.USER_PIN_FINAL_TRY:
        raise PinRefused(
            f"One more wrong PIN locks the token {name.token!r}; none was tried.",
            "Log in once with the token's own tool, such as pkcs11-tool, and the right PIN: then it counts anew.",
        )


def tries_left(flags: int) -> str:
    """Say what the token says of the tries that are left, a sentence or nothing."""
    pkcs11 = load_library()
    if flags & pkcs11.TokenFlag.USER_PIN_LOCKED:
        return " It is locked now."
    if flags & pkcs11.TokenFlag.USER_PIN_FINAL_TRY:
        return " The next wrong one locks it."
    if flags & pkcs11.TokenFlag.USER_PIN_COUNT_LOW:
        return " It has counted wrong ones, and locks itself after some more."
    return ""


def _pin_locked(name: TokenKeyName) -> PinRefused:
    return PinRefused(
        f"The PIN of the token {name.token!r} is locked, after too many wrong ones.",
        "Its security officer sets a new one with the token's own tool, such as pkcs11-tool.",
    )


def _pin(name: TokenKeyName, ask_pin: AskPin | None) -> str:
    if name.pin_file is None:
        assert ask_pin is not None, "it was looked at before"
        return ask_pin(name)
    # Only here: the key file needs what reads tokens to be read.
    from hanse_client.home.identity import first_line, read_private  # noqa: PLC0415 (it would import in a circle)

    try:
        pin = first_line(read_private(name.pin_file, "PIN file")).decode()
    except UnicodeDecodeError as error:
        raise IdentityError(f"The PIN file {name.pin_file} is no text in UTF-8.", "Save it as UTF-8.") from error
    if not pin:
        raise IdentityError(f"The PIN file {name.pin_file} is empty.", "Write the PIN into its first line.")
    return pin


def find_private(session: "pkcs11.Session", name: TokenKeyName) -> Any:
    """Find the private key. Raises IdentityError: it is not there, there are several, or it is no Ed25519 key."""
    pkcs11 = load_library()
    found: list[Any] = list(session.get_objects(_wanted(name, pkcs11.ObjectClass.PRIVATE_KEY)))
    if not found:
        raise IdentityError(
            f"There is no private key {name.words}.",
            "Correct object or id, or have one made there: hanse key new FILE --token URI",
        )
    if len(found) > 1:
        raise IdentityError(f"There are {len(found)} private keys {name.words}.", "Say which by its id too.")
    if found[0].key_type is not pkcs11.KeyType.EC_EDWARDS:
        raise IdentityError(
            f"The key {name.words} is no Ed25519 key, but {found[0].key_type.name}.", "Records are signed by Ed25519."
        )
    return found[0]


def find_public(session: "pkcs11.Session", name: TokenKeyName) -> PublicKey:
    """Read the public key beside a private one. Raises IdentityError: it is not there, or no Ed25519 key."""
    pkcs11 = load_library()
    found = list(session.get_objects(_wanted(name, pkcs11.ObjectClass.PUBLIC_KEY)))
    if len(found) != 1:
        raise IdentityError(
            f"There are {len(found)} public keys {name.words}, and one is needed beside the private one.",
            "Have the token's tool write it there, or name the key by its id too.",
        )
    point = bytes(found[0][pkcs11.Attribute.EC_POINT])
    point = point.removeprefix(_OCTETS) if len(point) > POINT_BYTES else point
    if len(point) != POINT_BYTES:
        raise IdentityError(f"The key {name.words} is no Ed25519 key.", "Records are signed by Ed25519.")
    return ed25519_key(point)


def is_there(session: "pkcs11.Session", name: TokenKeyName) -> bool:
    """Tell whether the token has a private key of that name, whatever its kind."""
    return any(True for _ in session.get_objects(_wanted(name, load_library().ObjectClass.PRIVATE_KEY)))


def make_key(session: "pkcs11.Session", name: TokenKeyName) -> None:
    """Have the token make a key pair, whose private half it never gives away. Raises IdentityError, SetupError."""
    pkcs11 = load_library()
    from pkcs11.util.ec import encode_named_curve_parameters  # noqa: PLC0415 (an extra)

    try:
        curve = session.create_domain_parameters(
            pkcs11.KeyType.EC_EDWARDS,
            {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(ED25519)},
            local=True,
        )
        secret = {pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False}
        curve.generate_keypair(
            mechanism=pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
            store=True,
            label=name.label or None,
            id=name.id or None,
            private_template=secret,
        )
    except pkcs11.PKCS11Error as error:
        raise explained(error, name) from error


def _wanted(name: TokenKeyName, kind: "pkcs11.ObjectClass") -> dict[Any, Any]:
    pkcs11 = load_library()
    wanted: dict[Any, Any] = {pkcs11.Attribute.CLASS: kind}
    if name.label:
        wanted[pkcs11.Attribute.LABEL] = name.label
    if name.id:
        wanted[pkcs11.Attribute.ID] = name.id
    return wanted


def explained(error: Exception, name: TokenKeyName) -> HanseError:
    """Say in words what a token answered."""
    pkcs11 = load_library()
    gone = (pkcs11.DeviceRemoved, pkcs11.TokenNotPresent, pkcs11.SessionHandleInvalid, pkcs11.SessionClosed)
    if isinstance(error, gone):
        return SetupError(
            f"The token {name.token!r} went away while it was used, and cannot be opened again.",
            "Put it in, and run the command again: what was sent is not sent twice.",
        )
    if isinstance(error, pkcs11.MechanismInvalid | pkcs11.FunctionNotSupported):
        return IdentityError(
            f"The token {name.token!r} does not sign with Ed25519 (CKM_EDDSA).", "Use another one, or a key file."
        )
    if isinstance(error, pkcs11.UserPinNotInitialized):
        return IdentityError(f"The token {name.token!r} has no PIN yet.", "Set one with the token's own tool.")
    why = f"{type(error).__name__} {error}".strip()
    return SetupError(f"The token {name.token!r} does not answer: {why}.", "Look at it with its own tool.")
