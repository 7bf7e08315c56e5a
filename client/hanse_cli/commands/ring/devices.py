"""`hanse key move`: a key ring from the old device to the new one, by a file that the new one alone opens."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.consent import YesOption, need_consent
from hanse_cli.base.console import say, table
from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import is_there
from hanse_cli.base.session import CommandSession, JsonOption, PassphraseOption, TrustOption, answer, in_session
from hanse_cli.base.values import in_groups
from hanse_cli.commands.ring.backingup import answer_placed, gathered, place_ring, write_sealed
from hanse_cli.commands.ring.sealoptions import HomeOption, IdentityFiles, IdentityOption, home_of, read_sealed
from hanse_cli.commands.ring.standing import ask_ledger, exit_of, standing_words

app = typer.Typer(name="move", help="Move the key ring to another device.", no_args_is_help=True)


@app.command()
def request(*, home: HomeOption = None, json: JsonOption = False) -> None:
    """On the new device: show the one-time key to which the old one seals the ring, as a code too."""
    from hanse_cli.output.qrcodes import terminal_code
    from hanse_client.ring.moving import device_fingerprint, request_move

    folder = home_of(home)
    public = request_move(folder)
    fingerprint = in_groups(device_fingerprint(public))
    answer({"device": public, "fingerprint": fingerprint, "home": str(folder)}, public, as_json=json)
    if not json and sys.stderr.isatty():
        say(terminal_code(public.upper()))
    say(f"Fingerprint: {fingerprint}")
    say(f"On the old device, after comparing the fingerprint by eye: hanse key move send {public} -o moving.age")


@app.command()
def send(  # noqa: PLR0913 (a command's options)
    device: Annotated[str, typer.Argument(metavar="DEVICE", help="What `hanse key move request` shows, age1….")],
    files: IdentityFiles = None,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the sealed ring, such as moving.age.")],
    yes: YesOption = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    identity: IdentityOption = None,
    home: HomeOption = None,
    trust: TrustOption = None,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """On the old device: seal the ring to the new one. The file may travel any way; nobody else opens it."""
    from hanse_client.ring.agering import need_recipient, seal_to_device
    from hanse_client.ring.moving import device_fingerprint

    public = need_recipient(device)
    if is_there(out) and not force:
        raise WouldOverwrite(out)
    folder = home_of(home)
    rows = [("device", public), ("fingerprint", in_groups(device_fingerprint(public)))]
    need_consent("Whoever has this device gets every key and opening of this one", rows, yes=yes)
    ring, plain = gathered(folder, files or [], identity, trust, passphrase_file)
    write_sealed(out, seal_to_device(plain, public), force=force)
    document = {"ring": str(out), "files": len(ring.files), "identities": len(ring.manifest.identities)}
    answer(document, table([(name, str(value)) for name, value in document.items()]), as_json=json)
    say(f"Bring {out} to the new device, and take it there: hanse key move receive {out.name}")
    say("Sign nothing here any more: what is issued here from now on, the new device does not know.")


@app.command()
@in_session
def receive(
    file: Annotated[Path, typer.Argument(metavar="RING", help="What `hanse key move send` has written.")],
    *,
    session: CommandSession,
) -> None:
    """On the new device: take the ring, prove that its keys are those of the ledger now, and say what is left to do.

    The ring is taken whole or not at all, and whatever the ledger says of its keys: one that it has no longer gives
    exit code 11, one that could not be checked 20. Interrupted, run it again.
    """
    from hanse_client.ring.agering import open_on_device
    from hanse_client.ring.moving import end_move, waiting_key
    from hanse_client.ring.ringfile import TRUST, read_ring

    home = home_of(session.home)
    ring = read_ring(open_on_device(read_sealed(file), waiting_key(home)))
    placed = place_ring(ring, home, session.passphrase_file)
    # From here it is on this device; what is asked of the ledger takes nothing back.
    end_move(home)
    with session.client(signs=False, trust=home / TRUST if TRUST in ring.files else None) as client:
        standings = ask_ledger(client, list(placed.identities))
    words = {key.hex(): standing_words(standing) for key, standing in standings.items()}
    answer_placed(placed, home, as_json=session.json, more={"ledger": words})
    for key, path in placed.identities.items():
        say(f"{path}: {words[key.hex()]}")
    say(
        "On the old device, if it stays yours: remove its identity files and its home folder. If somebody else may "
        "have it, make a new key here and put it in the place of the old one at once: hanse key new, hanse key rotate."
    )
    if code := exit_of(list(standings.values())):
        raise typer.Exit(code)
