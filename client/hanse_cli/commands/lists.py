"""`hanse inbox`, and `list` of each kind of object: one row each, for `acts.py` to add to its group."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from hanse_cli.base.console import as_fields, say, table
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import moment_of
from hanse_cli.output.results import fields_of
from hanse_client.base.objects import ObjectView

if TYPE_CHECKING:
    from hanse_client.client import Client

Walk = Callable[..., Iterator[ObjectView]]

LISTS: "Mapping[str, Callable[[Client], Walk]]" = {
    "office": lambda client: client.offices.list,
    "party": lambda client: client.parties.list,
    "mandate": lambda client: client.mandates.list,
    "invoice": lambda client: client.invoices.list,
    "certificate": lambda client: client.certificates.list,
    "declaration": lambda client: client.declarations.list,
    "order": lambda client: client.orders.list,
    "shipment": lambda client: client.shipments.list,
    "payment": lambda client: client.payments.list,
    "pledge": lambda client: client.pledges.list,
    "title": lambda client: client.titles.list,
    "consignment": lambda client: client.consignments.list,
    "document": lambda client: client.documents.list,
}
"""The SDK's list of each kind of object."""

NODES_WORD, PROVEN, HOME_FOLDER = "a node's word", "proven", "this home folder"

StateOption = Annotated[list[str] | None, typer.Option("--state", help="Only of this state; may be repeated.")]
OpenOption = Annotated[
    bool | None, typer.Option("--open/--ended", help="Only what something is left to do for, or only what has ended.")
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most, the newest.")]


def add_list(app: typer.Typer, noun: str) -> None:
    """Add the list of one kind of object to its group, if it has one."""
    walk = LISTS.get(noun)
    if walk is None:
        return

    def listed(
        *,
        state: StateOption = None,
        opened: OpenOption = None,
        whose: Annotated[
            str | None, typer.Option("--whose", help="A party's id, or a member's name; by default one's own.")
        ] = None,
        other: Annotated[
            str | None, typer.Option("--other", help="Only those that are this party's or member's too.")
        ] = None,
        since: Annotated[str | None, typer.Option("--since", metavar="TIME", help="Created then or later.")] = None,
        until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Created before.")] = None,
        limit: LimitOption = 50,
        session: CommandSession,
    ) -> None:
        with session.client(signs=session.identity is not None) as client:
            found = walk(client)(
                state=state,
                open=opened,
                whose=whose,
                other=other,
                since_ms=None if since is None else moment_of(since),
                until_ms=None if until is None else moment_of(until),
            )
            answer_list(session, found, limit, NODES_WORD)

    words = "List what is one's own, or another's, the newest first; each is proven as it stands.\n\n"
    app.command("list", help=f"{words}That none is left out is the node's word.")(in_session(listed))


@in_session
def inbox(
    *,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Only of this kind of object, such as declaration.")
    ] = None,
    state: StateOption = None,
    opened: OpenOption = None,
    limit: LimitOption = 50,
    session: CommandSession,
) -> None:
    """List what others have addressed to one's member or party, the newest first, as it stands: proven, none left out.

    Of a member it is what its office's inbox leads to; of a party what others have opened that names it.
    """
    with session.client(signs=session.identity is not None) as client:
        answer_list(session, client.inbox(kind=kind, state=state, open=opened), limit, PROVEN)


def answer_list(session: CommandSession, found: Iterator[ObjectView], limit: int, complete: str) -> None:
    """Give what was found, whose word it is that none is left out, and whether there is more."""
    views = list(islice(found, limit))
    more = next(found, None) is not None
    document = {"complete": complete, "more": more, "objects": [as_fields(fields_of(view)) for view in views]}
    session.answer(document, table(_rows(views)))
    if complete == NODES_WORD:
        say("Each is proven as it stands. That none is left out is the node's word.")
    if complete == HOME_FOLDER:
        say("Each is proven as it stands. What was sent from another home folder is not among them.")
    if more:
        say(f"There are more: --limit {2 * limit}")


def _rows(views: Iterable[ObjectView]) -> Iterator[tuple[str, str]]:
    return ((view.id.hex(), f"{view.kind}  {view.state}") for view in views)
