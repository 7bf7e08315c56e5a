"""`hanse party`: request, enrol, request-move, move, adopt, show, records; others beside, and in `acts.py`."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.consent import YesOption, need_consent
from hanse_cli.base.console import flatten, say
from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import read_text, write_file
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import ObjectArgument, moment_of
from hanse_cli.commands.acts import add_acts
from hanse_cli.commands.members.attestations import attest, attestations
from hanse_cli.commands.members.enrolall import enrol_all
from hanse_cli.output.results import answer_object, answer_receipt, answer_records
from hanse_client.base.errors import InvalidInput
from hanse_client.home.drafts import Draft
from hanse_client.home.enrolments import REQUEST_BYTES, EnrolmentRequest, is_enrolment
from hanse_ledger.kinds.party.bodies import MoveParty, PartyRole
from hanse_ledger.values.moments import moment_words

app = typer.Typer(name="party", help="Parties: sellers, buyers and agents, under pseudonyms.", no_args_is_help=True)

RepairOption = Annotated[
    str | None,
    typer.Option(
        "--repair",
        metavar="NAME",
        help="The second member that signs too where a lost key is replaced; by default none ever is.",
    ),
]


@app.command()
@in_session
def request(
    *,
    member: Annotated[str, typer.Option("--member", metavar="NAME", help="The member that shall enrol the party.")],
    role: Annotated[list[PartyRole], typer.Option("--role", help="What the party may do; may be repeated.")],
    term: Annotated[
        list[str],
        typer.Option("--term", metavar="NAME=VALUE", help="Of the legal identity: name=…, lei=…, vat=…, eori=…."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the request.")],
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="End of the enrolment; by default in a year.")
    ] = None,
    repair: RepairOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    session: CommandSession,
) -> None:
    """Prepare one's own enrolment for a member to countersign within a week. Prints the id that the party will have.

    The ledger gets a salted commitment to the legal identity. The request shows the identity itself, for the member
    that shall vouch for it: hand it to nobody else. A request before it, made with the same key, stays as it is.
    """
    terms = terms_of(term)
    valid_until = moment_of(until) if until else None
    if out.exists() and not force:
        raise WouldOverwrite(out)
    with session.client() as client:
        draft = client.parties.prepare(
            member=member, roles=role, valid_until_ms=valid_until, terms=terms, repair=repair
        )
        opening = client.parties.opening(draft.object_id)
    write_file(out, EnrolmentRequest(draft, opening.terms, opening.seed).to_json(), force=force, private=True)
    expires = moment_words(draft.record.expires)
    document = {"party": draft.object_id, "request": str(out), "member": member, "expires": expires}
    session.answer(document, draft.object_id.hex())
    say(f"Hand {out} to {member} alone, for it shows the identity; until {expires} it runs: hanse party enrol {out}")


@app.command()
@in_session
def enrol(
    file: Annotated[Path, typer.Argument(metavar="REQUEST", help="What `hanse party request` has written.")],
    *,
    yes: YesOption = False,
    session: CommandSession,
) -> None:
    """Enrol a party: look at who it is, countersign its request and send it. Prints the party's id.

    The member signs, and vouches for the identity that is shown: it is the one to which the record commits.
    """
    request = EnrolmentRequest.from_json(read_text(file, REQUEST_BYTES, "request"))
    countersign(
        session,
        request.draft,
        f"{request.body.member} vouches for this identity",
        (*request.terms.items(), *about_draft(request.draft)),
        yes=yes,
    )


@app.command("request-move")
@in_session
def request_move(
    *,
    member: Annotated[str, typer.Option("--member", metavar="NAME", help="The member that shall take the party over.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the request.")],
    repair: RepairOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    session: CommandSession,
) -> None:
    """Prepare the move of one's own party to another member, for the members to countersign.

    The present member signs too, unless it has left, is suspended or has no key. Name the present member to change the
    second one alone; without --repair no lost key is replaced from then on.
    """
    with session.client() as client:
        draft = client.parties.prepare_move(member, repair=repair)
    write_file(out, draft.to_json(), force=force)
    expires = moment_words(draft.record.expires)
    document = {
        "party": draft.object_id,
        "request": str(out),
        "member": member,
        "signatures": len(draft.missing),
        "expires": expires,
    }
    session.answer(document, draft.object_id.hex())
    both = ", then to its present member" if len(draft.missing) > 1 else ""
    say(f"Hand {out} to {member}{both}; until {expires} each runs: hanse party move {out}")


@app.command()
@in_session
def move(
    file: Annotated[Path, typer.Argument(metavar="REQUEST", help="What `hanse party request-move` has written.")],
    *,
    yes: YesOption = False,
    session: CommandSession,
) -> None:
    """Countersign a party's move; who signs last sends it, who signs before writes the signature into the file."""
    draft = read_request(file)
    body = draft.record.body
    if not isinstance(body, MoveParty):
        raise InvalidInput(f"{file} is no move, but {draft.record.kind}.", "Nothing was signed.")
    what = f"Party {body.party.hex()} moves to {body.member}"
    countersign(session, draft, what, about_draft(draft), yes=yes, hand_on=file)


def read_request(file: Path) -> Draft:
    """Read what a party or a member has prepared for others to countersign."""
    data = read_text(file, REQUEST_BYTES, "request")
    return EnrolmentRequest.from_json(data).draft if is_enrolment(data) else Draft.from_json(data)


def about_draft(draft: Draft, what: str = "party") -> Iterator[tuple[str, str]]:
    """Say what a request is about, and how long it may be on its way."""
    yield what, draft.object_id.hex()
    for name, value in flatten(draft.record.body):
        if name != what:
            yield name.replace("_", " "), moment_words(int(value)) if name.startswith("valid_") else value
    yield "request expires", moment_words(draft.record.expires)


def countersign(
    session: CommandSession,
    draft: Draft,
    what: str,
    rows: Iterable[tuple[str, str]],
    *,
    yes: bool,
    hand_on: Path | None = None,
    noun: str = "party",
) -> None:
    """Show what a member is asked to sign, ask, sign, and send it; where others sign too, write it for them instead."""
    identity = session.signer()
    need_consent(what, rows, yes=yes)
    signed = draft.sign(identity) if hand_on is not None or identity.public_key in draft.missing else draft
    if signed.complete or hand_on is None:
        with session.client() as client:
            answer_receipt(session, client.submit_draft(signed))
        return
    write_file(hand_on, signed.to_json(), force=True)
    missing = [key.hex() for key in signed.missing]
    session.answer({noun: signed.object_id, "request": str(hand_on), "missing": missing}, signed.object_id.hex())
    say(f"{hand_on} bears this signature now; {len(missing)} more to come: hand it on.")


@app.command()
@in_session
def adopt(party: ObjectArgument, *, session: CommandSession) -> None:
    """Note in the home folder that the identity's key is this party's, after proving that it is."""
    with session.client() as client:
        answer_object(session, client, client.parties.adopt(party))


app.command("attest")(in_session(attest))
app.command("attestations")(in_session(attestations))
app.command("enrol-all")(in_session(enrol_all))
add_acts(app, "party")


@app.command()
@in_session
def show(
    party: ObjectArgument,
    *,
    opening: Annotated[
        Path | None,
        typer.Option("--opening", metavar="FILE", help="Write one's own party's legal identity there, for partners."),
    ] = None,
    session: CommandSession,
) -> None:
    """Show a party as it stands, from a proof that has been checked.

    With --opening who it is, too, in a file for those with whom it trades: they check it against the enrolment.
    """
    with session.client(signs=False) as client:
        if opening is not None:
            write_file(opening, client.parties.show_identity(party), private=True)
            say(f"{opening} shows who the party is: hand it to those alone with whom it trades.")
        answer_object(session, client, client.parties.show(party))


@app.command()
@in_session
def records(
    party: ObjectArgument,
    *,
    most: Annotated[int, typer.Option("--most", min=1, max=100_000, help="How many at most.")] = 50,
    session: CommandSession,
) -> None:
    """List a party's records, newest first; each is proven, and none between them is left out."""
    with session.client(signs=False) as client:
        answer_records(session, client.parties.records(party), most)


def terms_of(texts: list[str]) -> dict[str, str]:
    """Read NAME=VALUE pairs. Raises InvalidInput: one is none, or a name stands twice."""
    terms: dict[str, str] = {}
    for pair in texts:
        name, mark, value = pair.partition("=")
        if not (name and mark and value):
            raise InvalidInput(f"{pair[:80]!r} is no term.", "Write it as name=Qingwan Kiln Studio.")
        if name in terms:
            raise InvalidInput(f"The term {name[:80]!r} is given twice.", "Give it once.")
        terms[name] = value
    return terms
