"""`hanse member`: show, propose, vote, report."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from hanse_client.cli.answers import words_of_receipt
from hanse_client.cli.console import say, table
from hanse_client.cli.corridor import YEAR_MS
from hanse_client.cli.extras import load_node
from hanse_client.cli.files import read_file, write_file
from hanse_client.cli.session import Session, in_session
from hanse_client.cli.values import key_of, moment_of
from hanse_client.clock import now_ms
from hanse_client.errors import InvalidInput
from hanse_client.resources.members import (
    admit,
    no_change,
    remove,
    set_key,
    set_parameters,
    set_roles,
    suspend,
)
from hanse_client.views import Receipt
from hanse_client.wording import moment_words
from hanse_ledger import limits
from hanse_ledger.errors import Malformed
from hanse_ledger.membership import Change, Member, MemberRole, Membership, Proposal, awaited, electorate
from hanse_ledger.trustfile import TrustFile

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
    session: Session,
) -> None:
    """Show the members as they are now, and the open proposal, if there is one."""
    with session.client(signs=False) as client:
        trust = client.members.present()
    if out is not None:
        write_file(out, trust.to_bytes(), force=force)
        say(f"{out} is the trust file of epoch {trust.membership.epoch}.")
    session.answer(_document(trust), table(_rows(trust.membership)))


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
        typer.Option("--key", metavar="NAME=KEY", help="Give a member this signing key and no other, for five years."),
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
    session: Session,
) -> None:
    """Propose a change to the other members, and so vote for it. Prints the proposal's id.

    All that is named is one change: it takes effect as a whole, or not at all. Nodes that it brings must run, and be
    known to the other members' nodes: `hanse network peer`.
    """
    with session.client() as client:
        members = client.members.present().membership
        change = _of_members(members, removed or [], suspended or [], reinstated or [], _pairs(roles), _pairs(keys))
        for path in admitted or []:
            change = _admit(change, path)
        if new_quorum is not None or tag_epochs:
            change = set_parameters(change, members, quorum=new_quorum, tag_epochs=tag_epochs or None)
        if change == no_change():
            raise InvalidInput("Nothing is proposed.", "Name what shall change; see --help.")
        say("What is about to be proposed:\n" + table(_words(change)))
        receipt = client.members.propose(change, closes_ms=moment_of(closes) if closes else None)
        _answer(session, receipt, client.trust())


@app.command()
@in_session
def vote(
    proposal: Annotated[str, typer.Argument(metavar="PROPOSAL", help="The proposal's id, 64 hexadecimal digits.")],
    *,
    approve: Annotated[bool, typer.Option("--approve/--refuse", help="For or against it.")],
    session: Session,
) -> None:
    """Vote on the open proposal; a vote cannot be changed. More than two thirds accept it, a third and more end it."""
    with session.client() as client:
        trust = client.members.present()
        standing = trust.membership.proposal
        if standing is not None and standing.id.hex() == proposal.strip().lower():
            say("What the vote is about:\n" + table(_words(standing.change)))
        receipt = client.members.vote(proposal, approve=approve)
        _answer(session, receipt, client.trust())


@app.command()
@in_session
def report(
    file: Annotated[Path, typer.Argument(metavar="EVIDENCE", help="What a node, or the SDK, has found and kept.")],
    *,
    session: Session,
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
        change = set_roles(change, members, name, [_role(each) for each in value.split(",")])
    for name, value in keys:
        change = set_key(change, members, name, key_of(value), now_ms() + KEY_YEARS * YEAR_MS)
    return change


def _admit(change: Change, path: Path) -> Change:
    forms = load_node("parts")
    try:
        part = forms.read_part(read_file(path, forms.PART_BYTES, "part"))
    except Malformed as error:
        raise InvalidInput(f"{path} is no part: {error.detail}.", "Get that member's member.json.") from error
    return admit(change, part.member, None if part.node is None else part.node.cosigner)


def _pairs(given: list[str] | None) -> Iterator[tuple[str, str]]:
    for pair in given or []:
        name, mark, value = pair.partition("=")
        if not (name and mark and value):
            raise InvalidInput(f"{pair[:80]!r} names no member and value.", f"Write it as {NAME_AND_VALUE}.")
        yield name, value


def _role(text: str) -> MemberRole:
    try:
        return MemberRole(text.strip())
    except ValueError as error:
        raise InvalidInput(f"{text[:80]!r} is no role.", f"Roles are: {', '.join(MemberRole)}.") from error


def _document(trust: TrustFile) -> dict[str, object]:
    membership = trust.membership
    return {
        "ledger": trust.ledger,
        "epoch": membership.epoch,
        "quorum": membership.parameters.quorum,
        "parameters": membership.parameters,
        "members": membership.members,
        "cosigners": membership.cosigners,
        "proposal": membership.proposal,
    }


def _rows(membership: Membership) -> Iterator[tuple[str, str]]:
    yield "epoch", str(membership.epoch)
    yield "quorum", f"{membership.parameters.quorum} of {len(membership.cosigners)}"
    yield "tag epochs", ", ".join(str(each) for each in membership.parameters.tag_epochs)
    for member in membership.members:
        yield member.id, _member_words(member, cosigns=membership.cosigner(member.id) is not None)
    for cosigner in membership.cosigners:
        if membership.member(cosigner.id) is None:
            yield cosigner.id, "a cosigner that is no member"
    if membership.proposal is not None:
        yield from _proposal_rows(membership, membership.proposal)


def _proposal_rows(membership: Membership, proposal: Proposal) -> Iterator[tuple[str, str]]:
    yield "proposal", f"{proposal.id.hex()} of {proposal.proposer}, until {moment_words(proposal.closes)}"
    yield from (("", f"{name} {words}") for name, words in _words(proposal.change))
    yield "", f"for it: {', '.join(proposal.approvals) or 'nobody'}"
    if proposal.refusals:
        yield "", f"against it: {', '.join(proposal.refusals)}"
    yield "", _standing_words(membership, proposal)


def _member_words(member: Member, *, cosigns: bool) -> str:
    ends = moment_words(max(held.valid_until for held in member.keys))
    parts = [f"{member.name} ({', '.join(member.roles)})", f"key until {ends}"]
    parts += ["runs a node"] if cosigns else []
    parts += ["suspended"] if member.suspended else []
    return "; ".join(parts)


def _words(change: Change) -> Iterator[tuple[str, str]]:
    for member in change.members:
        node = any(each.id == member.id for each in change.cosigners)
        yield f"put {member.id}", _member_words(member, cosigns=node)
        for held in member.keys:
            yield "", f"key {held.key.hex()}"
    for cosigner in change.cosigners:
        yield f"node of {cosigner.id}", f"cosigning key {cosigner.cosigning_key.hex()}"
    for name in change.removed:
        yield "remove", name
    if change.parameters is not None:
        epochs = ", ".join(str(each) for each in change.parameters.tag_epochs)
        yield "parameters", f"quorum {change.parameters.quorum}, tag epochs {epochs}"


def _standing_words(membership: Membership, proposal: Proposal) -> str:
    if proposal.accepted:
        waits = [name for name in awaited(membership, proposal.change) if name not in proposal.ready]
        return f"accepted; waits for the nodes of {', '.join(waits)} to be ready"
    voters = electorate(membership, proposal.change)
    needed = len(voters) * 2 // 3 + 1
    return f"{len(proposal.approvals)} of {len(voters)} have approved; {needed} are needed"


def _answer(session: Session, receipt: Receipt, trust: TrustFile) -> None:
    """Give what became of a proposal or a vote: the proposal's id as data, how it stands as a message."""
    session.answer({**_document(trust), "receipt": receipt}, receipt.object_id.hex())
    say(words_of_receipt(receipt))
    membership = trust.membership
    proposal = membership.proposal
    if proposal is None:
        say(f"No proposal is open; the members are of epoch {membership.epoch}.")
    else:
        say(f"The proposal is open: {_standing_words(membership, proposal)}.")
