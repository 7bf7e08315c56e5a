"""`hanse key`: new, show, rotate, revoke; request-repair, repair, take, contest; and the key ring."""

import os
from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.consent import YesOption
from hanse_cli.base.console import say, table
from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import write_file
from hanse_cli.base.session import (
    CommandSession,
    JsonOption,
    PassphraseOption,
    answer,
    in_session,
    open_identity,
    passphrase_for,
)
from hanse_cli.base.values import ObjectArgument, moment_of
from hanse_cli.commands.party import about_draft, countersign, read_request
from hanse_cli.commands.ring.backingup import make_ring_backup, recover_ring
from hanse_cli.commands.ring.counterparties import add_identity, use_identity
from hanse_cli.commands.ring.devices import app as move_app
from hanse_cli.commands.ring.standing import show_ring
from hanse_cli.commands.ring.tokening import in_token
from hanse_cli.output.results import answer_receipt
from hanse_client.base.errors import InvalidInput
from hanse_client.home.identity import Identity
from hanse_ledger.kinds.party.bodies import KeyRevocation, RepairKey
from hanse_ledger.values.moments import moment_words

app = typer.Typer(name="key", help="Keys: the identity file that signs.", no_args_is_help=True)
app.command("status")(show_ring)
app.command("backup")(make_ring_backup)
app.command("recover")(recover_ring)
app.command("add")(add_identity)
app.command("use")(use_identity)
app.add_typer(move_app)


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="Where to write the identity, such as seller.pem.")],
    *,
    name: Annotated[
        str, typer.Option("--name", help="A pseudonym for people, in the file alone; never a legal name.")
    ] = "",
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            metavar="URI",
            help="Have the key in a token or HSM, by its pkcs11: URI (RFC 7512); it is made there unless it is there.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file. The key in it is lost for good.")] = False,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Make a new identity, encrypted under a passphrase, and print its public key.

    With --token the signing key never leaves the token; the file holds where it is, and the key that opens documents.
    """
    if file.exists() and not force:
        raise WouldOverwrite(file, "A lost key cannot be made again. Name another file, or give --force.")
    identity = Identity.generate(name or file.stem)
    if token is not None:
        identity = in_token(identity, token)
    passphrase = passphrase_for(file, passphrase_file, new=True)
    if force:
        # The old key goes only when the new one is on disk.
        beside = file.with_name(f".{file.name}.{os.getpid()}.new")
        identity.save(beside, passphrase)
        beside.replace(file)
    else:
        identity.save(file, passphrase)
    _answer(identity, file, as_json=json)
    say(f"{file} is encrypted under your passphrase. Keep both: nobody can make them again.")


@app.command()
def show(
    file: Annotated[Path, typer.Argument(help="The identity file.")],
    *,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Print the public half of an identity."""
    _answer(open_identity(file, passphrase_file), file, as_json=json)


@app.command()
@in_session
def rotate(
    new_identity: Annotated[Path, typer.Argument(metavar="NEW", help="The identity file that signs from then on.")],
    *,
    new_passphrase_file: Annotated[
        Path | None, typer.Option("--new-passphrase-file", help="Its passphrase, where it is another one.")
    ] = None,
    session: CommandSession,
) -> None:
    """Replace a party's key; the old key (--identity) and the new one sign."""
    identity = open_identity(new_identity, new_passphrase_file or session.passphrase_file)
    with session.client() as client:
        answer_receipt(session, client.keys.rotate(identity))
    say(f"From now on sign with --identity {new_identity}.")


@app.command()
@in_session
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The public key, 66 hexadecimal digits.")],
    *,
    reason: Annotated[KeyRevocation, typer.Option("--reason", help="Why.")],
    of_party: Annotated[
        str | None, typer.Option("--of", metavar="ID", help="Whose key it is, where a member revokes it.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--compromised-since", metavar="TIME", help="Since when others may have had it.")
    ] = None,
    session: CommandSession,
) -> None:
    """Revoke a party's key from now on; the party signs, or the member that enrolled it."""
    compromised = moment_of(since) if since else None
    with session.client() as client:
        answer_receipt(session, client.keys.revoke(key, reason, party=of_party, compromised_since_ms=compromised))


@app.command("request-repair")
@in_session
def request_repair(
    party: ObjectArgument,
    *,
    key: Annotated[
        str, typer.Option("--key", metavar="KEY", help="The party's new public key, 66 hexadecimal digits.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the request.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    session: CommandSession,
) -> None:
    """Prepare the repair of a party's lost key, for the second member to countersign; the party's member signs.

    Look first at who asks: whoever has that key is the party in a week, unless the old one contests.
    """
    with session.client() as client:
        draft = client.keys.prepare_repair(key, party)
        second = client.parties.show(party).links.repair
    write_file(out, draft.to_json(), force=force)
    expires = moment_words(draft.record.expires)
    session.answer({"party": draft.object_id, "request": str(out), "repair": second, "expires": expires}, str(out))
    say(f"Hand {out} to {second}; until {expires} it runs: hanse key repair {out}")


@app.command()
@in_session
def repair(
    file: Annotated[Path, typer.Argument(metavar="REQUEST", help="What `hanse key request-repair` has written.")],
    *,
    yes: YesOption = False,
    session: CommandSession,
) -> None:
    """Countersign the repair of a party's lost key and send it; the second member signs.

    A week later the new key may take its place. The old key signs until then, and may contest.
    """
    draft = read_request(file)
    body = draft.record.body
    if not isinstance(body, RepairKey):
        raise InvalidInput(f"{file} is no repair, but {draft.record.kind}.", "Nothing was signed.")
    what = f"Whoever has the key {body.new_key.hex()} may be party {body.party.hex()} in a week"
    countersign(session, draft, what, about_draft(draft), yes=yes, hand_on=file)


@app.command()
@in_session
def take(party: ObjectArgument, *, session: CommandSession) -> None:
    """Put one's new key in the place of a party's lost one, a week after its repair; the new key signs."""
    with session.client() as client:
        answer_receipt(session, client.keys.take(party))


@app.command()
@in_session
def contest(*, session: CommandSession) -> None:
    """End the repair of one's own key, which is not lost; the old key signs."""
    with session.client() as client:
        answer_receipt(session, client.keys.contest())


def _answer(identity: Identity, file: Path, *, as_json: bool) -> None:
    document = {
        "file": str(file),
        "public_key": identity.public_key,
        "encryption_key": identity.encryption_key,
        "fingerprint": identity.fingerprint,
    }
    rows = [
        (name.replace("_", " "), value.hex() if isinstance(value, bytes) else str(value))
        for name, value in document.items()
    ]
    answer(document, table(rows), as_json=as_json)
