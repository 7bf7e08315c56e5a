"""A key ring that moves to another device: sealed to a key that the new device made for this once.

The key lies in the new device's home folder, `<home>/moving.key`, as age writes such files, until the ring was taken.
"""

from pathlib import Path

from hanse_client.base.errors import InvalidInput, SetupError
from hanse_client.ring.agering import one_time_key, public_half
from hanse_io.durable import make_private, open_to_others, read_bounded, write_durably
from hanse_ledger.values.hashing import hash_bytes

NAME = "moving.key"
KEY_BYTES = 4_096


def request_move(home: Path) -> str:
    """Make this device's one-time key, or take the one that waits already; durable on return.

    Returns:
        Its public half, `age1…`, to which the old device seals the ring.

    Raises:
        SetupError: the home folder cannot be written, or what lies there is open to others.
    """
    path = home / NAME
    if path.exists():
        return public_half(waiting_key(home))
    secret, public = one_time_key()
    try:
        make_private(home)
        write_durably(path, f"# public key: {public}\n{secret}\n".encode(), replace=False)
    except FileExistsError:
        return public_half(waiting_key(home))
    except OSError as error:
        raise SetupError(f"{path} cannot be written: {error.strerror}.", "Check the home folder.") from error
    return public


def waiting_key(home: Path) -> str:
    """Give the secret of this device's one-time key.

    Raises:
        InvalidInput: this device waits for no ring, or the key is damaged.
        SetupError: it cannot be read, or is open to others.
    """
    path = home / NAME
    try:
        data, exposed = read_bounded(path, KEY_BYTES), open_to_others(path)
    except FileNotFoundError as error:
        raise InvalidInput(
            f"This device waits for no key ring: {path} is not there.",
            "Begin here: hanse key move request. A ring that was taken already is in the home folder.",
        ) from error
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}.", "Check the home folder.") from error
    if exposed:
        raise SetupError(f"{path} is open to other users.", f"Run: chmod 600 {path}")
    lines = [line for line in data.decode(errors="replace").splitlines() if line and not line.startswith("#")]
    secret = lines[0] if len(lines) == 1 else ""
    public_half(secret)
    return secret


def end_move(home: Path) -> None:
    """Forget the one-time key, once the ring is in the home folder. Raises SetupError."""
    try:
        (home / NAME).unlink(missing_ok=True)
    except OSError as error:
        raise SetupError(f"{home / NAME} cannot be removed: {error.strerror}.", "Remove it yourself.") from error


def device_fingerprint(public: str) -> bytes:
    """Give what two people compare of a device's one-time key: 16 bytes."""
    return hash_bytes(public.encode())[:16]
