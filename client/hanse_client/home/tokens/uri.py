"""The name of a key in a token: a `pkcs11:` URI (RFC 7512), as far as one says a key that signs.

`pkcs11:token=desk;object=seller?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/hanse/pin`
"""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from msgspec import Struct

from hanse_client.base.errors import IdentityError

SCHEME = "pkcs11:"
URI_LETTERS = 4_096
_PATH = frozenset({"token", "serial", "manufacturer", "model", "object", "id", "type"})
_QUERY = frozenset({"module-path", "pin-source"})
_ATTRIBUTE = re.compile(r"([a-z-]+)=((?:[A-Za-z0-9\-._~:\[\]@!$'()*+,/=]|%[0-9A-Fa-f]{2})*)")
_NEXT = "Write it so: pkcs11:token=LABEL;object=LABEL?module-path=/path/to/module.so&pin-source=file:/path/to/pin"


class TokenKeyName(Struct, frozen=True, kw_only=True):
    """Where a key is. `id` is its CKA_ID; `pin_file` where its PIN stands, nil where somebody is asked."""

    module: Path
    token: str
    serial: str = ""
    manufacturer: str = ""
    model: str = ""
    label: str = ""
    id: bytes = b""
    pin_file: Path | None = None

    def __str__(self) -> str:
        """Write the URI."""
        path = {"token": self.token, "serial": self.serial, "manufacturer": self.manufacturer, "model": self.model}
        shown = [f"{name}={quote(value, safe='')}" for name, value in path.items() if value]
        shown += [f"object={quote(self.label, safe='')}"] if self.label else []
        shown += ["id=" + "".join(f"%{byte:02X}" for byte in self.id)] if self.id else []
        query = [f"module-path={quote(str(self.module))}"]
        query += [f"pin-source=file:{quote(str(self.pin_file))}"] if self.pin_file else []
        return f"{SCHEME}{';'.join(shown)}?{'&'.join(query)}"

    @property
    def words(self) -> str:
        """Name the key for people."""
        named = f"{self.label!r}" if self.label else f"with the id {self.id.hex()}"
        return f"{named} in the token {self.token!r}"


def read_uri(text: str) -> TokenKeyName:
    """Read a URI.

    Raises:
        IdentityError: it is none, lacks what names a key, or says what is not read here, such as a PIN itself.
    """
    if not text.startswith(SCHEME) or len(text) > URI_LETTERS:
        raise IdentityError(f"{text[:80]!r} is no pkcs11: URI.", _NEXT)
    path, _, query = text.removeprefix(SCHEME).partition("?")
    named = {**_attributes(path, ";", _PATH), **_attributes(query, "&", _QUERY)}
    if missing := [name for name in ("token", "module-path") if not named.get(name)]:
        raise IdentityError(f"The URI does not say its {missing[0]}.", _NEXT)
    if not named.get("object") and not named.get("id"):
        raise IdentityError("The URI names no key: neither object nor id.", _NEXT)
    if named.get("type", b"private") != b"private":
        raise IdentityError("The URI is not that of a private key.", "Leave the type out, or say private.")
    source = _text(named, "pin-source").removeprefix("file://").removeprefix("file:")
    return TokenKeyName(
        module=_absolute(_text(named, "module-path"), "module-path"),
        token=_text(named, "token"),
        serial=_text(named, "serial"),
        manufacturer=_text(named, "manufacturer"),
        model=_text(named, "model"),
        label=_text(named, "object"),
        id=named.get("id", b""),
        pin_file=_absolute(source, "pin-source") if source else None,
    )


def _attributes(part: str, between: str, known: frozenset[str]) -> Mapping[str, bytes]:
    found: dict[str, bytes] = {}
    for each in filter(None, part.split(between)):
        matched = _ATTRIBUTE.fullmatch(each)
        name = matched[1] if matched else each.partition("=")[0]
        if name == "pin-value":
            raise IdentityError(
                "The URI has a PIN in it, which anybody sees who sees the URI.",
                "Write it into a file of mode 0600, and name that as pin-source.",
            )
        if matched is None or name not in known or name in found:
            raise IdentityError(f"{name[:80]!r} of the URI is not read here, or stands twice.", _NEXT)
        found[name] = unquote_to_bytes(matched[2])
    return found


def _text(named: Mapping[str, bytes], name: str) -> str:
    try:
        text = named.get(name, b"").decode()
    except UnicodeDecodeError as error:
        raise IdentityError(f"The URI's {name} is no text in UTF-8.", _NEXT) from error
    if not text.isprintable():
        raise IdentityError(f"The URI's {name} is no printable text.", _NEXT)
    return text


def _absolute(text: str, name: str) -> Path:
    if not Path(text).is_absolute() or text.startswith("|"):
        raise IdentityError(f"The URI's {name} is no absolute path: {text[:80]!r}.", _NEXT)
    return Path(text)
