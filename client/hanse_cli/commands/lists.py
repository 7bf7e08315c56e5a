"""`hanse inbox`: what waits for one; and `list` of each kind of object, for `acts.py` to add to its group."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from hanse_cli.base.console import as_fields, emit, emit_json_text, say, table
from hanse_cli.base.money import MONEY, money_of
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import moment_of
from hanse_cli.output.results import fields_of
from hanse_client.base.errors import InvalidInput
from hanse_client.base.objects import ObjectView
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.moments import moment_words

if TYPE_CHECKING:
    from hanse_client.client import Client
    from hanse_client.resources.inbox.cases import InboxCase, InboxWorth
    from hanse_client.resources.inbox.comings import InboxChange

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
SinceOption = Annotated[str | None, typer.Option("--since", metavar="TIME", help="Created then or later.")]
UntilOption = Annotated[str | None, typer.Option("--until", metavar="TIME", help="Created before.")]
KindOption = Annotated[str | None, typer.Option("--kind", help="Only of this kind of object, such as declaration.")]
RecordOption = Annotated[
    str | None,
    typer.Option("--record", metavar="KIND", help="Only what waits for this record, such as declaration.release."),
]
LeastOption = Annotated[
    str | None, typer.Option("--worth-from", metavar=MONEY, help="Only what is about so much money, or more.")
]
MostOption = Annotated[
    str | None, typer.Option("--worth-to", metavar=MONEY, help="Only what is about so much money, or less.")
]
OrderOption = Annotated[
    str | None,
    typer.Option("--order", help="By age, what waits longest first; or by value, the most first: of 1,000 at most."),
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
        since: SinceOption = None,
        until: UntilOption = None,
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
def inbox(  # noqa: PLR0913 (a command's options)
    *,
    kind: KindOption = None,
    record: RecordOption = None,
    state: StateOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    least: LeastOption = None,
    most: MostOption = None,
    order: OrderOption = None,
    after: Annotated[
        int | None, typer.Option("--after", metavar="CURSOR", min=0, help="Only what comes behind this case.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most, the oldest.")] = 50,
    follow: Annotated[
        bool, typer.Option("--follow", help="Then tell what comes and what has gone, until it is interrupted.")
    ] = False,
    addressed: Annotated[
        bool,
        typer.Option(
            "--addressed", help="List instead what others have addressed to one, newest first: proven, none left out."
        ),
    ] = False,
    opened: OpenOption = None,
    session: CommandSession,
) -> None:
    """List what waits for one's party, office or officer, the oldest first: what is to be done, since when, how much.

    An officer sees what its powers are for. Each is proven as it stands; that none is left out is the node's word.
    With --addressed it is proven: of a member it is what its office's inbox leads to; of a party what others have
    opened that names it.
    """
    narrowed = any(each is not None for each in (since, until, least, most, order, after))
    if addressed and (follow or narrowed or record is not None):
        raise InvalidInput("What others have addressed to one is listed by kind and state.", "Leave --addressed out.")
    if opened is not None and not addressed:
        raise InvalidInput("What waits is open.", "Leave --open and --ended out, or add --addressed.")
    if follow and (narrowed or state is not None):
        raise InvalidInput("What comes and goes is told by kind and record.", "Leave the other options out.")
    with session.client(signs=session.identity is not None) as client:
        if addressed:
            found = client.parties.addressed(kind=kind, state=state, open=opened)
            return answer_list(session, found, limit, PROVEN)
        if follow:
            for change in client.follow_inbox(kind=kind, record=record):
                _tell(session, change)
            return None
        cases = client.inbox(
            kind=kind,
            record=record,
            state=state,
            since_ms=None if since is None else moment_of(since),
            until_ms=None if until is None else moment_of(until),
            worth=_worth_of(least, most),
            order=order,
            after=after,
        )
        return _answer_cases(session, cases, limit)


def _worth_of(least: str | None, most: str | None) -> "InboxWorth | None":
    """Read from how much to how much, both in one currency. Raises InvalidInput."""
    from hanse_client.resources.inbox.cases import InboxWorth

    if least is None and most is None:
        return None
    bounds = [money_of(text, "amount") for text in (least, most) if text is not None]
    if len({currency for _, currency, _ in bounds}) > 1:
        raise InvalidInput("The two amounts are in different currencies.", "Give both in one.")
    return InboxWorth(
        currency=bounds[0][1],
        least_minor=0 if least is None else bounds[0][0],
        most_minor=None if most is None else bounds[-1][0],
    )


def _answer_cases(session: CommandSession, cases: "Iterator[InboxCase]", limit: int) -> None:
    """Give what waits, and the cursor behind which another call goes on."""
    found = list(islice(cases, limit))
    more = next(cases, None) is not None
    cursor = found[-1].cursor if more else None
    document = {
        "complete": NODES_WORD,
        "more": more,
        "cursor": cursor,
        "cases": [as_fields(_fields(case)) for case in found],
    }
    session.answer(document, table((case.view.id.hex(), _words(case)) for case in found))
    each = "Each is proven as it stands." if found else "Nothing waits."
    say(f"{each} That none is left out is the node's word: --addressed proves it.")
    if more:
        say("There are more: raise --limit." if cursor is None else f"There are more: --after {cursor}")


def _tell(session: CommandSession, change: "InboxChange") -> None:
    """Tell what has come, or gone: a line each, also of JSON."""
    record = None if change.record is None else change.record.id.hex()
    if session.json:
        case = None if change.case is None else as_fields(_fields(change.case))
        told = {"gone": None if change.gone is None else change.gone.hex(), "case": case, "record": record}
        emit_json_text(msgspec.json.encode(told).decode())
    elif change.case is not None:
        emit(f"{'+' if record else ' '} {change.case.view.id.hex()}  {_words(change.case)}")
    else:
        assert change.gone is not None, "something came, or has gone"
        emit(f"- {change.gone.hex()}")


def _fields(case: "InboxCase") -> dict[str, object]:
    """Give a case for programs."""
    worth = case.worth
    return {
        **fields_of(case.view),
        "waits": [{"record": each.record, "since_ms": each.since_ms, "until_ms": each.until_ms} for each in case.waits],
        "created_ms": case.created_ms,
        "worth": None
        if worth is None
        else {"minor": worth.minor, "currency": worth.currency, "minor_digits": worth.minor_digits},
        "names": [
            {"party": each.party, "name": each.name, "source": each.source.value, "stated_in": each.stated_in}
            for each in case.names
        ],
        "cursor": case.cursor,
    }


def _words(case: "InboxCase") -> str:
    """Say of a case what it is, for what it waits, since when, how much it is about, and whom it names."""
    wait = case.waits[0]
    since = case.created_ms if wait.since_ms is None else wait.since_ms
    parts = [
        f"{case.view.kind} {case.view.state}",
        "for " + ", ".join(each.record for each in case.waits),
        "" if since is None else f"since {moment_words(since)}",
        "" if wait.until_ms is None else f"until {moment_words(wait.until_ms)}",
        "" if case.worth is None else money_text(case.worth.minor, case.worth),
        *(each.name for each in case.names),
    ]
    return "  ".join(part for part in parts if part)


def answer_list(session: CommandSession, found: Iterator[ObjectView], limit: int, complete: str) -> None:
    """Give what was found, whose word it is that none is left out, and whether there is more."""
    views = list(islice(found, limit))
    more = next(found, None) is not None
    document = {"complete": complete, "more": more, "objects": [as_fields(fields_of(view)) for view in views]}
    session.answer(document, table(_rows(views)))
    each = "Each is proven as it stands." if views else "There is none."
    if complete == NODES_WORD:
        say(f"{each} That none is left out is the node's word.")
    elif complete == HOME_FOLDER:
        say(f"{each} What was sent from another home folder is not among them.")
    elif not views:
        say(each)
    if more:
        say(f"There are more: --limit {2 * limit}")


def _rows(views: Iterable[ObjectView]) -> Iterator[tuple[str, str]]:
    """Say of each what it is, how it stands, and how much it is about, where it says so itself."""
    from hanse_client.resources.inbox.cases import own_worth

    for view in views:
        worth = own_worth(view)
        yield (
            view.id.hex(),
            "  ".join([view.kind, view.state, *([] if worth is None else [money_text(worth.minor, worth)])]),
        )
