"""What the commands of the key ring share: its options, its identities, and what seals it."""

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanse_cli.base.files import read_file, read_passphrase
from hanse_cli.base.session import PANEL, open_identity
from hanse_client.base.errors import InvalidInput
from hanse_client.ring.ringfile import NAME
from hanse_ledger.values.hashing import hash_bytes

if TYPE_CHECKING:
    from hanse_client.ring.ringmaking import NamedIdentity

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", envvar="HANSE_HOME", help="Folder for checkpoints and openings.", rich_help_panel=PANEL),
]
SealFileOption = Annotated[
    Path | None,
    typer.Option(
        "--backup-passphrase-file",
        envvar="HANSE_BACKUP_PASSPHRASE_FILE",
        help="File with what seals the ring, a passphrase or a recovery code, mode 0600; without it the terminal is "
        "asked.",
    ),
]
IdentityFiles = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[IDENTITY]...", help="Identity files, besides those of the home folder and --identity."),
]
IdentityOption = Annotated[
    Path | None,
    typer.Option(
        "--identity", envvar="HANSE_IDENTITY", help="Identity file, such as seller.pem.", rich_help_panel=PANEL
    ),
]


def home_of(home: Path | None) -> Path:
    """Give the home folder: the one that is named, else the user's. Raises SetupError."""
    from hanse_client.home.knowledge import user_home

    return user_home() if home is None else home


def open_all(
    home: Path, files: list[Path], identity: Path | None, passphrase_file: Path | None
) -> "list[NamedIdentity]":
    """Open the identities of a home folder and those that are named, each once, with one passphrase or several.

    A backup of a key that cannot be opened is none: so each is opened. Raises IdentityError, InvalidInput.
    """
    from hanse_client.ring.ringkeys import KeyRing
    from hanse_client.ring.ringmaking import NamedIdentity

    opened: dict[bytes, NamedIdentity] = {}
    ring = KeyRing(home)
    if identity is not None and (identity.exists() or identity.name not in ring.names()):
        files = [*files, identity]
    for path in [*ring.files(), *files]:
        each = open_identity(path, passphrase_file)
        opened.setdefault(each.public_key, NamedIdentity(name=ring_name(path, each.public_key), identity=each))
    return list(opened.values())


def ring_name(path: Path, key: bytes) -> str:
    """Give the name of an identity in a ring: its file's, where that can be one."""
    return path.stem if NAME.fullmatch(f"{path.stem}.pem") else f"key-{hash_bytes(key)[:4].hex()}"


def ask_seal(path: Path, seal_file: Path | None) -> str:
    """Get what a ring was sealed by: a passphrase or a recovery code, whose mistyped groups are named.

    Raises:
        InvalidInput: there is neither file nor terminal, or a group of the code is mistyped.
    """
    from hanse_client.ring.recoverycodes import is_code, read_code

    typed = _seal_text(path, seal_file, "Passphrase or recovery code of")
    return read_code(typed) if is_code(typed) else typed


def choose_seal(path: Path, seal_file: Path | None) -> str:
    """Get the passphrase to which a ring is about to be sealed; the terminal is asked twice.

    Raises:
        InvalidInput: there is neither file nor terminal, what is typed twice differs, or it is too short.
    """
    from hanse_client.ring.agering import PASSPHRASE_LETTERS
    from hanse_client.ring.recoverycodes import is_code, read_code

    chosen = _seal_text(path, seal_file, "New passphrase for")
    if seal_file is None and getpass.getpass("The same again: ") != chosen:
        raise InvalidInput("The two passphrases differ.", "Try again.")
    if is_code(chosen):
        return read_code(chosen)
    if len(chosen) < PASSPHRASE_LETTERS:
        raise InvalidInput(
            f"The passphrase has {len(chosen)} letters; who finds the file has all the time to guess it.",
            f"Choose one of at least {PASSPHRASE_LETTERS}, such as five words, or have a code made: --recovery-code.",
        )
    return chosen


def _seal_text(path: Path, seal_file: Path | None, words: str) -> str:
    if seal_file is not None:
        data = read_passphrase(seal_file)
    elif sys.stdin.isatty():
        data = getpass.getpass(f"{words} {path}: ").encode(errors="surrogateescape")
    else:
        raise InvalidInput(
            f"{path} needs a passphrase, and there is no terminal to ask.",
            "Name a file of mode 0600 with --backup-passphrase-file or HANSE_BACKUP_PASSPHRASE_FILE.",
        )
    try:
        text = data.decode().strip()
    except UnicodeDecodeError as error:
        raise InvalidInput("The passphrase is no text in UTF-8.", "Save its file as UTF-8.") from error
    if not text:
        raise InvalidInput("The passphrase is empty.", "Type one, or name a file with --backup-passphrase-file.")
    return text


def read_sealed(path: Path) -> bytes:
    """Read a sealed ring. Raises InvalidInput."""
    from hanse_client.ring.agering import SEALED_RING_BYTES

    return read_file(path, SEALED_RING_BYTES, "key ring")
