"""Keys that are made for members of a new ledger, where they are put, and what a small number of members means."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.console import say
from hanse_cli.base.session import open_identity
from hanse_client.base.errors import InvalidInput
from hanse_client.home.identity import Identity

MEMBER_KEYS = Path("keys") / "members"
SPARE_KEYS = Path("keys") / "spare"
"""The members' second keys. Nothing ever reads them there: they are to be taken away."""

FEW = 4
"""With fewer members than these every change needs all of them."""

FewOption = Annotated[
    bool, typer.Option("--yes", help="Do not ask whether two or three members are meant; for scripts.")
]


def save_keys(
    folder: Path, identities: Mapping[str, Identity], spares: Mapping[str, Identity], passphrase: bytes | None
) -> dict[str, tuple[str, str]]:
    """Save the members' first and second identities; give their files by member. Raises IdentityError."""
    for place, kept in ((MEMBER_KEYS, identities), (SPARE_KEYS, spares)):
        for name, identity in kept.items():
            identity.save(folder / place / f"{name}.pem", passphrase)
    return {
        name: (str(folder / MEMBER_KEYS / f"{name}.pem"), str(folder / SPARE_KEYS / f"{name}.pem")) for name in spares
    }


def say_spares(folder: Path, spares: Mapping[str, Identity]) -> None:
    """Say what to do with the second keys, if any were made."""
    if spares:
        say(
            f"Every member has a second key, in {folder / SPARE_KEYS}: copy it to a medium that is kept offline, check "
            "the copy with `hanse key show`, and delete it here. If the first is lost or ends, only the second can "
            "sign for new ones: hanse member propose --key …"
        )


def say_offices(opened: Sequence[str], members: Sequence[str]) -> None:
    """Say whose offices are opened by the nodes when they run, and who has to open its own."""
    if opened:
        say(f"The offices of {', '.join(opened)} are opened when the node runs, within seven days from now.")
    left = [name for name in members if name not in opened]
    if left:
        say(f"Each opens its own office, once, with its own key: {', '.join(left)}: hanse office open")


def prepared_identity(folder: Path, member: str, passphrase_file: Path | None) -> dict[str, Identity]:
    """Open the identity that was made for a member in its node's folder; none where it is elsewhere, or its passphrase.

    Raises IdentityError: it is damaged, or the passphrase is another one.
    """
    path = folder / MEMBER_KEYS / f"{member}.pem"
    if not path.is_file() or (passphrase_file is None and not sys.stdin.isatty()):
        return {}
    return {member: open_identity(path, passphrase_file)}


def settle_few(members: int, *, yes: bool) -> None:
    """Have somebody confirm that a ledger shall have two or three members.

    Raises:
        InvalidInput: it is not confirmed, or there is no terminal to ask.
    """
    if yes or not 1 < members < FEW:
        return
    words = (
        f"With {members} members every change of the members needs all of them: if one loses its keys, or refuses, "
        "nothing can ever be changed, nobody suspended or removed."
    )
    if not sys.stdin.isatty():
        raise InvalidInput(words, "Name four members or more, or say that you mean it: --yes.")
    say(words)
    if not typer.confirm("Make it so all the same?", err=True):
        raise InvalidInput("Nothing was made.", "Name four members or more.")
