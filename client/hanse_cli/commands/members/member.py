"""`hanse member`: show, propose, vote, withdraw, report."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.console import say, table
from hanse_cli.base.files import read_file, write_file
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import key_of, moment_of
from hanse_cli.folders.corridor import YEAR_MS
from hanse_cli.output.gone import gone_members
from hanse_cli.output.memberwords import document_of, rows_of, standing_words, words_of
from hanse_cli.output.results import words_of_receipt
from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput
from hanse_client.base.views import Receipt
from hanse_client.client import Client
from hanse_client.home.tagkeys import new_key
from hanse_client.resources.members import admit, no_change, remove, set_keys, set_parameters, set_roles, suspend
from hanse_client.resources.tagepochs import begin_tags, next_epoch
from hanse_ledger.values import limits
from hanse_ledger.wire.membership import Change, MemberRole, Membership

app = typer.Typer(name="member", help="Members: who they are, and how they change themselves.", no_args_is_help=True)

NAME_AND_VALUE = "NAME=VALUE"
KEY_YEARS = 5


@app.command()
@in_session
def show(
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the newest trust file here, every change in it verified.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    session: CommandSession,
) -> None:
    """Show the members as they are now, the open proposals, and whose keys are about to end."""
    with session.client(signs=False) as client:
        trust, proposals = client.members.present(), client.members.proposals()
    if out is not None:
        write_file(out, trust.to_bytes(), force=force)
        say(f"{out} is the trust file of epoch {trust.membership.epoch}.")
    warnings = gone_members(trust.membership, now_ms())
    document = {**document_of(trust, proposals), "warnings": warnings}
    session.answer(document, table(rows_of(trust.membership, proposals)))
    for warning in warnings:
        say(warning.text())


@app.command()
@in_session
def propose(  # noqa: PLR0913 (a command's options)
    *,
    admitted: Annotated[
        list[Path] | None,
        typer.Option("--admit", metavar="PART", help="Admit who made this member.json, or take up its new keys."),
    ] = None,
    removed: Annotated[
        list[str] | None, typer.Option("--remove", metavar="NAME", help="Remove a member, with its node.")
    ] = None,
    suspended: Annotated[
        list[str] | None, typer.Option("--suspend", metavar="NAME", help="Let a member sign nothing.")
    ] = None,
    reinstated: Annotated[
        list[str] | None, typer.Option("--reinstate", metavar="NAME", help="Let it sign again.")
    ] = None,
    roles: Annotated[
        list[str] | None,
        typer.Option("--roles", metavar="NAME=ROLE,ROLE", help="Give a member these roles and no others."),
    ] = None,
    keys: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            metavar="NAME=KEY,KEY",
            help="Give a member these signing keys and no others; new ones count for five years.",
        ),
    ] = None,
    new_quorum: Annotated[
        int | None, typer.Option("--set-quorum", min=1, help="So many cosigners are a quorum, for everybody.")
    ] = None,
    tag_epochs: Annotated[
        list[int] | None, typer.Option("--tag-epoch", min=0, help="An epoch of the tag key in use; may be repeated.")
    ] = None,
    closes: Annotated[
        str | None, typer.Option("--closes", metavar="TIME", help="When it is void; by default in a week.")
    ] = None,
    session: CommandSession,
) -> None:
    """Propose a change to the other members, and so vote for it. Prints the proposal's id.

    All that is named is one change: it takes effect as a whole, or not at all. Nodes that it brings must run, and be
    known to the other members' nodes: `hanse network peer`. Each member has one proposal open at a time; the first to
    take effect ends all others. A removal begins a new epoch of tags, where the members have voted for their keys.
    """
    with session.client() as client:
        members = client.members.present().membership
        change = _of_members(members, removed or [], suspended or [], reinstated or [], _pairs(roles), _pairs(keys))
        if admitted:
            change = _admit(change, admitted)
        if new_quorum is not None or tag_epochs:
            change = set_parameters(change, members, quorum=new_quorum, tag_epochs=tag_epochs or None)
        if change.removed and members.parameters.tag_keys and not tag_epochs:
            # Whoever leaves knows the keys in use.
            change = begin_tags(change, members, new_key(next_epoch(members)), client.members.tag_recipients())
        if change == no_change():
            raise InvalidInput("Nothing is proposed.", "Name what shall change; see --help.")
        say("What is about to be proposed:\n" + table(words_of(change)))
        receipt = client.members.propose(change, closes_ms=moment_of(closes) if closes else None)
        _answer(session, client, receipt)


@app.command()
@in_session
def vote(
    proposal: Annotated[str, typer.Argument(metavar="PROPOSAL", help="The proposal's id, 64 hexadecimal digits.")],
    *,
    approve: Annotated[bool, typer.Option("--approve/--refuse", help="For or against it.")],
    session: CommandSession,
) -> None:
    """Vote on an open proposal; a vote cannot be changed.

    More than two thirds of all members carry it, suspended ones counted; it ends when those who may still approve no
    longer suffice. What is voted on is read from the proposer's own signed record.
    """
    with session.client() as client:
        found = [each for each in client.members.proposals() if each.id.hex() == proposal.strip().lower()]
        for standing in found:
            say(f"What the vote is about, proposed by {standing.proposer}:\n" + table(words_of(standing.change)))
        receipt = client.members.vote(proposal, approve=approve)
        _answer(session, client, receipt)


@app.command()
@in_session
def withdraw(
    proposal: Annotated[str, typer.Argument(metavar="PROPOSAL", help="The proposal's id, 64 hexadecimal digits.")],
    *,
    session: CommandSession,
) -> None:
    """Take your own proposal back, accepted or not, as long as it has not taken effect."""
    with session.client() as client:
        _answer(session, client, client.members.withdraw(proposal))


@app.command()
@in_session
def report(
    file: Annotated[Path, typer.Argument(metavar="EVIDENCE", help="What a node, or the SDK, has found and kept.")],
    *,
    session: CommandSession,
) -> None:
    """Put evidence against a member on the record, for everybody to check. It must prove what it says."""
    data = read_file(file, limits.EVIDENCE_BYTES, "evidence")
    with session.client() as client:
        receipt = client.members.report(data)
    session.answer(receipt, receipt.record_id.hex())
    say(words_of_receipt(receipt))


def _of_members(
    members: Membership,
    removed: Iterable[str],
    suspended: Iterable[str],
    reinstated: Iterable[str],
    roles: Iterable[tuple[str, str]],
    keys: Iterable[tuple[str, str]],
) -> Change:
    """Put together what is to change about members who are there."""
    change = no_change()
    for name in removed:
        change = remove(change, name)
    for name in suspended:
        change = suspend(change, members, name)
    for name in reinstated:
        change = suspend(change, members, name, suspended=False)
    for name, value in roles:
        change = set_roles(change, members, name, [_role(part) for part in value.split(",")])
    for name, value in keys:
        given = [key_of(part.strip()) for part in value.split(",")]
        change = set_keys(change, members, name, given, now_ms() + KEY_YEARS * YEAR_MS)
    return change


def _admit(change: Change, paths: Iterable[Path]) -> Change:
    """Have a change admit who made these parts. Raises InvalidInput."""
    from hanse_cli.with_node.joinforms import part_of

    for path in paths:
        part = part_of(path)
        change = admit(change, part.member, None if part.node is None else part.node.cosigner)
    return change


def _pairs(texts: list[str] | None) -> Iterator[tuple[str, str]]:
    for pair in texts or []:
        name, mark, value = pair.partition("=")
        if not (name and mark and value):
            raise InvalidInput(f"{pair[:80]!r} names no member and value.", f"Write it as {NAME_AND_VALUE}.")
        yield name, value


def _role(text: str) -> MemberRole:
    try:
        return MemberRole(text.strip())
    except ValueError as error:
        raise InvalidInput(f"{text[:80]!r} is no role.", f"Roles are: {', '.join(MemberRole)}.") from error


def _answer(session: CommandSession, client: Client, receipt: Receipt) -> None:
    """Give what became of a proposal or a vote: the proposal's id as data, how it stands as a message."""
    trust, proposals = client.trust(), client.members.proposals()
    session.answer({**document_of(trust, proposals), "receipt": receipt}, receipt.object_id.hex())
    say(words_of_receipt(receipt))
    standing = [proposal for proposal in proposals if proposal.id == receipt.object_id]
    if standing:
        say(f"The proposal is open: {standing_words(trust.membership, standing[0])}.")
    else:
        say(f"The proposal is not open; the members are of epoch {trust.membership.epoch}.")
