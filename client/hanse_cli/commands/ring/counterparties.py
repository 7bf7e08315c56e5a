"""`hanse key add`, `hanse key use`: identities in the home folder, and for whom each is meant."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.console import say, table
from hanse_cli.base.session import JsonOption, answer
from hanse_cli.commands.ring.sealoptions import HomeOption, home_of, ring_name


def add_identity(
    file: Annotated[Path, typer.Argument(help="The identity file, such as seller.pem.")],
    *,
    name: Annotated[
        str | None, typer.Option("--name", help="How it is called in the home folder; by default as its file is.")
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Copy an identity file into the home folder, as it is: commands that name none then sign with it."""
    from hanse_client.home.identity import read_private
    from hanse_client.home.tokens.tokenfile import public_key_in
    from hanse_client.ring.ringkeys import KeyRing

    data, folder = read_private(file), home_of(home)
    key = public_key_in(data)
    path = KeyRing(folder).add(name or ring_name(file, key), data)
    document = {"file": str(path), "name": path.stem, "public_key": key}
    answer(document, table([("file", str(path)), ("name", path.stem), ("public key", key.hex())]), as_json=json)
    say(f"Every backup of this home folder has it. {file} is needed no more: hanse key backup, then remove it.")


def use_identity(
    name: Annotated[str, typer.Argument(help="An identity of the home folder, by its name: hanse key status")],
    *,
    buyer: Annotated[str, typer.Option("--buyer", metavar="ID", help="The counterparty's party.")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Say which identity is meant for a counterparty: what is issued to it is signed by that one, and no other.

    Enrol one for each counterparty that shall not see that it trades with the same firm as the others. Which is whose
    stands in the home folder alone; the member that enrols them knows.
    """
    from hanse_client.base.identifiers import parse_id
    from hanse_client.ring.ringkeys import KeyRing

    party = parse_id(buyer, "buyer")
    before = KeyRing(home_of(home)).use(name, party)
    document = {"counterparty": party, "identity": name, "before": before}
    answer(document, table([("counterparty", party.hex()), ("identity", name)]), as_json=json)
    if before not in (None, name):
        say(f"Until now it was {before!r}: whoever sees both signs of you knows that they are one.")
