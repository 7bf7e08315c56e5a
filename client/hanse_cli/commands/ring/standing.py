"""`hanse key status`: which identities are here, when the last backup was made, and what has come since."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanse_cli.base.console import say, table
from hanse_cli.base.session import ENCRYPTED, CommandSession, in_session
from hanse_cli.commands.ring.sealoptions import home_of
from hanse_cli.output.exits import ExitCode
from hanse_client.base.errors import HanseError
from hanse_ledger.values.moments import moment_words

if TYPE_CHECKING:
    from hanse_client.base.views import KeyStanding
    from hanse_client.client import Client
    from hanse_client.ring.backups import RingStatus
    from hanse_ledger.values.types import PublicKey

FOLDER_WORDS = {"keys": "counterparties"}


@in_session
def show_ring(
    *,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask the node too whether these are the ledger's keys now.")
    ] = False,
    session: CommandSession,
) -> None:
    """List the identities of the home folder, when the last backup was made, and what has come since.

    With --ask a key that the ledger has no longer gives exit code 11, one that could not be checked 20.
    """
    from hanse_client.ring.backups import ring_status
    from hanse_client.ring.marker import need_whole
    from hanse_client.ring.ringkeys import KeyRing

    home = home_of(session.home)
    need_whole(home)
    keys = _identities(home, session.identity)
    standings: dict[PublicKey, KeyStanding | str] = {}
    if ask:
        with session.client(signs=False) as client:
            standings = ask_ledger(client, list(keys))
    status = ring_status(home)
    document = {
        "home": str(home),
        "identities": [_identity(key, path, status, standings) for key, path in keys.items()],
        "last_backup": None if status.last is None else {"made_ms": status.last.made, "file": status.last.file},
        "newer": status.newer,
        "counterparties": {party.hex(): name for party, name in KeyRing(home).counterparties().items()},
    }
    session.answer(document, table(_rows(home, keys, status, standings)))
    _advise(keys, status)
    if code := exit_of(list(standings.values())):
        raise typer.Exit(code)


def ask_ledger(client: "Client", keys: "list[PublicKey]") -> "dict[PublicKey, KeyStanding | str]":
    """Find out of each key whether the ledger has it now; why not, where that could not be checked."""
    found: dict[PublicKey, KeyStanding | str] = {}
    for key in keys:
        try:
            found[key] = client.keys.standing(key)
        except HanseError as error:
            found[key] = str(error)
    return found


def standing_words(standing: "KeyStanding | str") -> str:
    """Say in words what the ledger has of a key."""
    if isinstance(standing, str):
        return f"could not be checked: {standing}"
    if standing.stands is None:
        return "could not be checked: nothing here says whose it is; hanse party adopt notes it"
    return f"{standing.holder}: {'the key that counts now' if standing.stands else 'NOT the key that counts now'}"


def exit_of(standings: "list[KeyStanding | str]") -> int:
    """Give the exit code: a key that the ledger has no longer is worse than one that could not be checked."""
    stand = [None if isinstance(each, str) else each.stands for each in standings]
    if False in stand:
        return ExitCode.NOT_IN_FORCE
    return ExitCode.CANNOT_CHECK if None in stand else ExitCode.SUCCESS


def _identities(home: Path, named: Path | None) -> "dict[PublicKey, Path]":
    """Give the identities of the home folder, and the one that is named, without opening them."""
    from hanse_client.home.identity import read_private
    from hanse_client.home.tokens.tokenfile import public_key_in
    from hanse_client.ring.ringkeys import KeyRing

    keys = KeyRing(home).public_keys()
    if named is not None:
        keys.setdefault(public_key_in(read_private(named)), named)
    return keys


def _identity(
    key: "PublicKey", path: Path, status: "RingStatus", standings: "dict[PublicKey, KeyStanding | str]"
) -> dict[str, object]:
    document: dict[str, object] = {
        "file": str(path),
        "public_key": key.hex(),
        "encrypted": _encrypted(path),
        "in_backup": status.last is not None and key in status.last.keys,
    }
    if standing := standings.get(key):
        document["stands"] = None if isinstance(standing, str) else standing.stands
        document["holder"] = "" if isinstance(standing, str) else standing.holder
        document["words"] = standing_words(standing)
    return document


def _rows(
    home: Path,
    keys: "dict[PublicKey, Path]",
    status: "RingStatus",
    standings: "dict[PublicKey, KeyStanding | str]",
) -> list[tuple[str, str]]:
    rows = [("home", str(home))]
    for key, path in keys.items():
        kept = "in the last backup" if status.last is not None and key in status.last.keys else "in NO backup"
        shut = "under a passphrase" if _encrypted(path) else "NOT encrypted"
        rows += [("identity", str(path)), ("", f"{key.hex()}, {shut}, {kept}")]
        if standing := standings.get(key):
            rows.append(("", standing_words(standing)))
    made = "never" if status.last is None else f"{moment_words(status.last.made)}, in {status.last.file}"
    rows.append(("last backup", made))
    rows += [(f"{FOLDER_WORDS.get(name, name)} since", str(count)) for name, count in sorted(status.newer.items())]
    return rows


def _advise(keys: "dict[PublicKey, Path]", status: "RingStatus") -> None:
    left = status.last is None or any(key not in status.last.keys for key in keys)
    if keys and left:
        say("An identity is in no backup: if this machine is lost, so is its key. hanse key backup -o ring.age")
    elif any(status.newer.get(name) for name in ("openings", "publications", "registered", "keys")):
        say("What has come since the last backup is on this machine alone. hanse key backup -o ring.age")
    for path in keys.values():
        if not _encrypted(path):
            say(f"{path} is not encrypted: whoever gets the file signs with it.")


def _encrypted(path: Path) -> bool:
    from hanse_client.home.identity import read_private

    return ENCRYPTED in read_private(path)
