"""`hanse party`: request, enrol, request-move, move, adopt, show, records."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.consent import YesOption, need_consent
from hanse_cli.base.console import emit, emit_json, flatten, say
from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import read_text, write_file
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import ObjectArgument, moment_of
from hanse_cli.commands.acts import add_acts
from hanse_cli.output.answers import answer_object, answer_receipt, words_of_record
from hanse_client.base.errors import InvalidInput
from hanse_client.home.drafts import Draft
from hanse_client.home.enrolments import REQUEST_BYTES, EnrolmentRequest, is_enrolment
from hanse_ledger.kinds.party.bodies import MoveParty, PartyRole
from hanse_ledger.values.moments import moment_words

app = typer.Typer(name="party", help="Parties: sellers, buyers and agents, under pseudonyms.", no_args_is_help=True)


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
        draft = client.parties.prepare(member=member, roles=role, valid_until_ms=valid_until, terms=terms)
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
    _countersign(
        session,
        request.draft,
        f"{request.body.member} vouches for this identity",
        (*request.terms.items(), *_about(request.draft)),
        yes=yes,
    )


@app.command("request-move")
@in_session
def request_move(
    *,
    member: Annotated[str, typer.Option("--member", metavar="NAME", help="The member that shall take the party over.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the request.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    session: CommandSession,
) -> None:
    """Prepare the move of one's own party to another member, for the members to countersign.

    The present member signs too, unless it has left, is suspended or has no key.
    """
    with session.client() as client:
        draft = client.parties.prepare_move(member)
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
    data = read_text(file, REQUEST_BYTES, "request")
    draft = EnrolmentRequest.from_json(data).draft if is_enrolment(data) else Draft.from_json(data)
    body = draft.record.body
    if not isinstance(body, MoveParty):
        raise InvalidInput(f"{file} is no move, but {draft.record.kind}.", "Nothing was signed.")
    what = f"Party {body.party.hex()} moves to {body.member}"
    _countersign(session, draft, what, _about(draft), yes=yes, hand_on=file)


def _about(draft: Draft) -> Iterator[tuple[str, str]]:
    """Say what a request is about, and how long it may be on its way."""
    yield "party", draft.object_id.hex()
    for name, value in flatten(draft.record.body):
        if name != "party":
            yield name.replace("_", " "), moment_words(int(value)) if name.startswith("valid_") else value
    yield "request expires", moment_words(draft.record.expires)


def _countersign(
    session: CommandSession,
    draft: Draft,
    what: str,
    rows: Iterable[tuple[str, str]],
    *,
    yes: bool,
    hand_on: Path | None = None,
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
    session.answer({"party": signed.object_id, "request": str(hand_on), "missing": missing}, signed.object_id.hex())
    say(f"{hand_on} bears this signature now; {len(missing)} more to come: hand it on.")


@app.command()
@in_session
def adopt(party: ObjectArgument, *, session: CommandSession) -> None:
    """Note in the home folder that the identity's key is this party's, after proving that it is."""
    with session.client() as client:
        answer_object(session, client, client.parties.adopt(party))


add_acts(app, "party")


@app.command()
@in_session
def records(
    party: ObjectArgument,
    *,
    most: Annotated[int, typer.Option("--most", min=1, max=100_000, help="How many at most.")] = 50,
    session: CommandSession,
) -> None:
    """List a party's records, newest first; each is proven, and none between them is left out."""
    shown = []
    with session.client(signs=False) as client:
        for place, record in enumerate(client.parties.records(party), 1):
            if session.json:
                shown.append(record)
            else:
                emit(words_of_record(record))
            if place == most:
                break
    if session.json:
        emit_json({"records": shown})


def terms_of(given: list[str]) -> dict[str, str]:
    """Read NAME=VALUE pairs. Raises InvalidInput: one is none, or a name stands twice."""
    terms: dict[str, str] = {}
    for pair in given:
        name, mark, value = pair.partition("=")
        if not (name and mark and value):
            raise InvalidInput(f"{pair[:80]!r} is no term.", "Write it as name=Qingwan Kiln Studio.")
        if name in terms:
            raise InvalidInput(f"The term {name[:80]!r} is given twice.", "Give it once.")
        terms[name] = value
    return terms
