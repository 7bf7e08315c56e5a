"""`hanse key backup`, `hanse key recover`: everything that a signer must not lose, in one sealed file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanse_cli.base.console import patience, progress, say, table
from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import is_there
from hanse_cli.base.session import (
    JsonOption,
    PassphraseOption,
    TrustOption,
    answer,
    passphrase_for,
    read_trust_file,
)
from hanse_cli.commands.ring.sealoptions import (
    HomeOption,
    IdentityFiles,
    IdentityOption,
    SealFileOption,
    ask_seal,
    choose_seal,
    home_of,
    open_all,
    read_sealed,
)
from hanse_client.base.errors import HanseError, InvalidInput
from hanse_client.base.streams import is_stream

if TYPE_CHECKING:
    from hanse_client.ring.recovering import Placed
    from hanse_client.ring.ringfile import Ring


def make_ring_backup(  # noqa: PLR0913 (a command's options)
    files: IdentityFiles = None,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the backup, such as ring.age.")],
    recovery_code: Annotated[
        bool, typer.Option("--recovery-code", help="Seal it to a code that is made now and shown once, to be printed.")
    ] = False,
    backup_passphrase_file: SealFileOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    identity: IdentityOption = None,
    home: HomeOption = None,
    trust: TrustOption = None,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Put keys, openings and everything else that cannot be made again into one sealed file.

    It is sealed to a passphrase of its own, or to a recovery code, and read back before this command says that it is
    made. Either opens everything in it, the identities too, without their own passphrases: keep it as you keep money.
    """
    from hanse_client.ring.agering import open_by_passphrase, seal_by_passphrase
    from hanse_client.ring.backups import made_note, note_backup
    from hanse_client.ring.recoverycodes import new_code
    from hanse_client.ring.ringfile import read_ring

    if recovery_code and backup_passphrase_file is not None:
        raise InvalidInput("A backup is sealed to one thing.", "Give --recovery-code or --backup-passphrase-file.")
    if is_there(out) and not force:
        raise WouldOverwrite(out)
    folder = home_of(home)
    ring, plain = gathered(folder, files or [], identity, trust, passphrase_file)
    seal = new_code() if recovery_code else choose_seal(out, backup_passphrase_file)
    with patience("Sealing the ring, which takes its time on purpose"):
        sealed = seal_by_passphrase(plain, seal)
        write_sealed(out, sealed, force=force)
        # Opened again with what its owner will type: only then is it a backup.
        kept = open_by_passphrase(read_sealed(out), seal)
    if kept != plain or read_ring(kept).manifest != ring.manifest:
        raise HanseError(f"{out} does not hold what was sealed into it.", "This is a bug of ours: please report it.")
    keys = tuple(each.public_key for each in ring.manifest.identities)
    note_backup(folder, made_note(out, keys, ring.manifest.made))
    document = {"backup": str(out), "files": len(ring.files), "identities": [each.hex() for each in keys]}
    rows = [("backup", str(out)), ("files", str(len(ring.files))), ("identities", str(len(keys)))]
    if recovery_code:
        document["recovery_code"] = seal
        rows.append(("recovery code", seal))
    answer(document, table(rows), as_json=json)
    if recovery_code:
        show_code(seal, as_json=json)
    say(f"{out} was read back and opens. Keep it, and what opens it, in two places that do not burn together.")


def recover_ring(
    file: Annotated[Path, typer.Argument(help="What `hanse key backup` has written.")],
    *,
    backup_passphrase_file: SealFileOption = None,
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Put a backup back into a home folder, whole or not at all; nothing that is there is replaced.

    The identities are encrypted under a passphrase that is chosen now. Interrupted, run it again.
    """
    from hanse_client.ring.agering import open_by_passphrase
    from hanse_client.ring.ringfile import read_ring

    sealed = read_sealed(file)
    seal = ask_seal(file, backup_passphrase_file)
    with patience("Opening the ring, which takes its time on purpose"):
        ring = read_ring(open_by_passphrase(sealed, seal))
    folder = home_of(home)
    placed = place_ring(ring, folder, passphrase_file)
    note_recovered(ring, folder, file)
    answer_placed(placed, folder, as_json=json)


def gathered(
    home: Path, files: list[Path], identity: Path | None, trust: Path | None, passphrase_file: Path | None
) -> "tuple[Ring, bytes]":
    """Take up a ring; give it, and its bytes that are not sealed yet. Raises InvalidInput, SetupError."""
    from hanse_client.ring.ringfile import write_ring
    from hanse_client.ring.ringmaking import gather

    trusted = None if trust is None else read_trust_file(trust)
    identities = open_all(home, files, identity, passphrase_file)
    with progress() as ticker:
        ring = gather(home, identities, trusted, lambda done: ticker.at(done, f"{done} files"))
    return ring, write_ring(ring)


def write_sealed(path: Path, sealed: bytes, *, force: bool) -> None:
    """Write a sealed ring and read it back. Raises WouldOverwrite, InvalidInput."""
    from hanse_client.ring.backups import write_backup

    if is_stream(path):
        raise InvalidInput(f"{path} is no file, and cannot be read back.", "Name a file with -o.")
    try:
        write_backup(path, sealed, replace=force)
    except FileExistsError as error:
        raise WouldOverwrite(path) from error
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written: {error.strerror}.", "Check the folder, its rights and the space on its disk."
        ) from error


def place_ring(ring: "Ring", home: Path, passphrase_file: Path | None) -> "Placed":
    """Put an opened ring into a home folder, its identities under a passphrase asked for. Raises as `recover`."""
    from hanse_client.ring.recovering import recover
    from hanse_client.ring.ringkeys import KeyRing

    known = KeyRing(home).public_keys()
    missing = [each for each in ring.manifest.identities if each.public_key not in known]
    passphrase = passphrase_for(home / "keys", passphrase_file, new=True) if missing else None
    with progress(len(ring.files)) as ticker:
        return recover(
            ring, home, passphrase, known, lambda done: ticker.at(done, f"{done} of {len(ring.files)} files")
        )


def note_recovered(ring: "Ring", home: Path, file: Path) -> None:
    """Note that what was recovered is in a backup, unless a newer one was noted. Raises SetupError."""
    from hanse_client.ring.backups import last_backup, made_note, note_backup

    last = last_backup(home)
    if last is None or last.made < ring.manifest.made:
        keys = tuple(each.public_key for each in ring.manifest.identities)
        note_backup(home, made_note(file, keys, ring.manifest.made))


def answer_placed(placed: "Placed", home: Path, *, as_json: bool, more: dict[str, object] | None = None) -> None:
    """Say what was recovered, where, and what stayed as it was."""
    document = {
        "home": str(home),
        "written": placed.placed,
        "there_already": placed.equal,
        "stayed": list(placed.stayed),
        "identities": {key.hex(): str(path) for key, path in placed.identities.items()},
        **(more or {}),
    }
    rows = [("home", str(home)), ("written", str(placed.placed)), ("there already", str(placed.equal))]
    rows += [("stays as it is", name) for name in placed.stayed[:8]]
    rows += [("identity", str(path)) for path in placed.identities.values()]
    answer(document, table(rows), as_json=as_json)
    if placed.stayed:
        say(f"{len(placed.stayed)} files are there already and other ones; they are taken as newer, and stay.")
    if (home / "trust.json").exists():
        say(f"The trust file of the ring is {home / 'trust.json'}: --trust.")
    say(f"Sign with --home {home} --identity {next(iter(placed.identities.values()))}")


def show_code(code: str, *, as_json: bool) -> None:
    """Show a recovery code as a QR code too, on a terminal, and say what to do with it."""
    import sys

    from hanse_cli.output.qrcodes import terminal_code

    if not as_json and sys.stderr.isatty():
        say(terminal_code(code))
    say("Print the recovery code, or write it down, now: it is not shown again, and stands in no file.")
