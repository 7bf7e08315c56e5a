"""`hanse reads`: who has read at a node what concerns one's party."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from hanse_cli.base.console import as_fields, say, table
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import moment_of
from hanse_ledger.values.moments import moment_words

if TYPE_CHECKING:
    from hanse_client.resources.sharing.partyreads import PartyRead

NODES_WORD = "a node's word"

_READERS = {
    "member": "the node of {member}",
    "member-key": "{member}, by its own key",
    "node": "the node of {member}",
    "nobody": "somebody on the machine of the node of {member}",
    "observer": "an observer's node",
    "office": "the office of {member}",
    "officer": "an officer of {member}",
    "party": "a party",
    "token": "a token of {member}'s node",
}
_RIGHTS = {
    "member": "members see every header",
    "open": "that node asks nobody who reads",
    "operator": "by a webhook of the node's operator",
    "own": "its own",
    "reader": "it is sealed to it, or its own",
    "shared": "it is the reader's too",
    "standing": "every party sees how it stands",
    "token": "by the token's scope",
}


@in_session
def reads(
    *,
    party: Annotated[
        str | None, typer.Option("--party", help="Whom the reads concern; by default one's own party.")
    ] = None,
    everybody: Annotated[
        bool, typer.Option("--all", help="Of all parties: for an auditor, with a token of the scope reads.")
    ] = False,
    object_id: Annotated[
        str | None, typer.Option("--object", metavar="ID", help="Only reads of this object, or of this record.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="TIME", help="Read then or later.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="First read before.")] = None,
    before: Annotated[
        str | None, typer.Option("--before", metavar="CURSOR", help="Only what comes behind this row.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most, the newest.")] = 100,
    session: CommandSession,
) -> None:
    """List who has read, at the node that is asked, what concerns one's party: what, when, and under which right.

    A row is an hour of one reader. Of an office it says which it was, and no person; of one that decides or settles
    only after the delay that the node's member has set. Each node has written down its own reads: ask others with
    --node. It is that node's word.
    """
    with session.client(signs=session.identity is not None) as client:
        found = client.parties.reads(
            party=party,
            everybody=everybody,
            object_id=object_id,
            since_ms=None if since is None else moment_of(since),
            until_ms=None if until is None else moment_of(until),
            before=before,
        )
        rows = list(islice(found, limit))
        more = next(found, None) is not None
        cursor = rows[-1].cursor if more else None
        document = {"complete": NODES_WORD, "more": more, "cursor": cursor, "reads": [as_fields(row) for row in rows]}
        session.answer(document, table((moment_words(row.last_ms), _words(row)) for row in rows))
        say("This is the word of the node that was asked, of what was read there.")
        if more:
            say(f"There are more: --before {cursor}")


def _words(row: "PartyRead") -> str:
    """Say who it was, what he has read, how often, and under which right."""
    reader = _READERS.get(row.reader.kind, row.reader.kind).format(member=row.reader.member)
    known = row.reader.party.hex() if row.reader.party is not None else row.reader.name
    what = row.kind or ("everything" if row.party is None else "what happened")
    parts = [
        reader if known is None else f"{reader} ({known})",
        f"{row.way} of {what}" + ("" if row.object_id is None else f" {row.object_id.hex()}"),
        "" if row.times == 1 else f"{row.times} times",
        _RIGHTS.get(row.right, row.right),
    ]
    return "  ".join(part for part in parts if part)
