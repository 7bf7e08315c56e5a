"""Which identity signs: the one that is named, else the one meant for a counterparty, else the home folder's own."""

from pathlib import Path

from hanse_client.base.errors import InvalidInput
from hanse_client.base.identifiers import parse_id

NO_IDENTITY = (
    "Name the identity file with --identity or HANSE_IDENTITY, or put one into the home folder: hanse key add."
)


def choose_identity(named: Path | None, home: Path | None, counterparty: str | None) -> Path:
    """Choose the identity file that signs.

    Args:
        named: what --identity says: a file, or the name of one in the home folder.
        home: the home folder, where one is named.
        counterparty: the id of the party with which is traded, where there is one.

    Raises:
        InvalidInput: none is named, and the home folder has none or several.
        SetupError, IdentityError: the home folder cannot be read, or an identity in it.
    """
    from hanse_client.home.knowledge import user_home  # noqa: PLC0415 — what signs nothing starts faster without it
    from hanse_client.ring.ringkeys import KeyRing  # noqa: PLC0415 — likewise

    if named is not None and named.exists():
        return named
    ring = KeyRing(user_home() if home is None else home)
    if named is not None:
        return ring.file(named.name) if named.name in ring.names() else named
    meant = None if counterparty is None else ring.for_counterparty(parse_id(counterparty, "counterparty"))
    if meant is not None:
        return meant
    files = ring.files()
    if len(files) == 1:
        return files[0]
    if files:
        known = ", ".join(path.stem for path in files[:8])
        what = "Several identities are in the home folder" if counterparty is None else "No identity is meant for it"
        raise InvalidInput(
            f"{what}: {known}.", "Name one with --identity, or say for whom it is meant: hanse key use NAME --buyer ID"
        )
    raise InvalidInput("This command signs.", NO_IDENTITY)
