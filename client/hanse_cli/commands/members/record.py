"""`hanse record`: show, sign and submit what several sign, each where its key is."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.consent import YesOption, need_consent
from hanse_cli.base.console import flatten, say, table
from hanse_cli.base.files import read_text, write_file
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.output.results import answer_receipt
from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput
from hanse_client.home.drafts import DRAFT_BYTES, Draft
from hanse_client.home.enrolments import is_enrolment
from hanse_ledger.kinds import kind_of
from hanse_ledger.kinds.bundle.bodies import TakeSteps
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.moments import moment_words
from hanse_ledger.wire.part import Body

app = typer.Typer(
    name="record",
    help="Records that several sign, each where its key is: files that --draft and `party request-move` have written.",
    no_args_is_help=True,
)

DraftArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The draft, as --draft has written it.")]


@app.command()
@in_session
def show(file: DraftArgument, *, session: CommandSession) -> None:
    """Say what a draft would record, who has signed it, and whose signatures it lacks. Asks no node.

    With --trust members are told by their names.
    """
    draft = _read(file)
    trust = session.trusted()
    expired = draft.record.expires <= now_ms()
    document = {
        "draft": str(file),
        "record": draft.id,
        "object_id": draft.object_id,
        "kind": draft.record.kind,
        "says": says(draft),
        "mandates": list(draft.record.mandates),
        "signed": [key.hex() for key in draft.record.signers if key not in draft.missing],
        "missing": [key.hex() for key in draft.missing],
        "expires": draft.record.expires,
        "expired": expired,
        "body": draft.record.body,
    }
    session.answer(document, f"{says(draft)}\n{table(rows_of(draft, trust))}")
    if expired:
        say("It has expired: no node takes it. Have it made again.")


@app.command()
@in_session
def sign(file: DraftArgument, *, yes: YesOption = False, session: CommandSession) -> None:
    """Sign a draft: look at what it says, agree, and hand it on. The signature is written into the file.

    Who signs is --identity, one of those whom the record names. Nothing is sent: hanse record submit.
    """
    draft = _read(file)
    draft.need_time(now_ms())
    identity = session.signer()
    need_consent(says(draft).rstrip("."), rows_of(draft, session.trusted()), yes=yes)
    signed = draft.sign(identity)
    write_file(file, signed.to_json(), force=True)
    missing = [key.hex() for key in signed.missing]
    session.answer({"draft": str(file), "object_id": signed.object_id, "missing": missing}, signed.object_id.hex())
    if missing:
        say(f"{file} bears this signature now; {len(missing)} more to come: hand it on.")
    else:
        say(f"{file} bears all signatures now: hanse record submit {file}")


@app.command()
@in_session
def submit(file: DraftArgument, *, session: CommandSession) -> None:
    """Send a draft that bears all signatures, and prove that its record stands. Anybody may: it is signed."""
    draft = _read(file)
    draft.need_time(now_ms())
    with session.client(signs=False) as client:
        answer_receipt(session, client.submit_draft(draft))


def says(draft: Draft) -> str:
    """Say in plain words what a record does, and who signs it: what stands above its kind in the pages."""
    return _says_of(draft.record.body)


def _says_of(body: Body) -> str:
    words = inspect.getdoc(type(body)) or kind_of(body).name
    return " ".join(words.split("\n\n")[0].split())


def rows_of(draft: Draft, trust: TrustFile | None) -> Iterator[tuple[str, str]]:
    """Write what a draft says as names and values, and its signers."""
    record = draft.record
    yield "kind", record.kind
    if isinstance(record.body, TakeSteps):
        for place, step in enumerate(record.body.steps):
            yield f"step {place}", f"{step.kind}: {_says_of(step.body)}"
    else:
        yield "creates" if kind_of(record.body).creates else "about", draft.object_id.hex()
    for name, value in flatten(record.body):
        yield name.replace("_", " "), moment_words(int(value)) if name.startswith("valid_") else value
    for mandate in record.mandates:
        yield "under mandate", mandate.hex()
    for key in record.signers:
        held = None if trust is None else trust.membership.holder(key)
        name = "" if held is None else f", of {held[0].id}"
        yield "lacks" if key in draft.missing else "signed by", f"{key.hex()}{name}"
    yield "ledger", record.ledger.hex()
    yield "expires", moment_words(record.expires)


def _read(file: Path) -> Draft:
    """Read a draft. Raises InvalidInput, of an enrolment too: who signs that looks at the identity first."""
    data = read_text(file, DRAFT_BYTES, "draft")
    if is_enrolment(data):
        raise InvalidInput(f"{file} asks for an enrolment.", f"Look at whom it is about: hanse party enrol {file}")
    return Draft.from_json(data)
