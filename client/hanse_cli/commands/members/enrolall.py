"""`hanse party enrol-all`: many parties at once, each shown before anything is signed, and resumed where it was."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from hanse_cli.base.consent import YesOption, need_consent
from hanse_cli.base.console import format_json, say
from hanse_cli.base.files import write_file
from hanse_cli.base.session import CommandSession, open_identity, passphrase_for
from hanse_cli.base.values import moment_of
from hanse_cli.output.exits import ExitCode
from hanse_client.base.errors import HanseError, InvalidInput
from hanse_client.base.views import Outcome, Receipt, Refusal
from hanse_client.home.enrolmentlists import (
    SUFFIX,
    EnrolmentLine,
    ListedParty,
    listed,
    once,
    read_folder,
    read_request_file,
    read_table,
)
from hanse_client.home.enrolments import EnrolmentRequest
from hanse_ledger.values.moments import moment_words

if TYPE_CHECKING:
    from hanse_client.client import Client
    from hanse_client.home.identity import Identity

BATCH = 100
"""So many go in one request: after each, what has become of them is told and written."""


class Become(NamedTuple):
    """What has become of one party of many."""

    place: str
    party: bytes | None
    outcome: str
    detail: str = ""


NOT_SENT = "not sent"
READ_WRONG = "not enrolled"


def enrol_all(
    source: Annotated[
        Path, typer.Argument(metavar="FOLDER|FILE.csv", help="A folder of parties' requests, or a table of them.")
    ],
    *,
    keys: Annotated[
        Path | None,
        typer.Option("--keys", metavar="FOLDER", help="Of a table: where its parties' keys and requests are, or go."),
    ] = None,
    new_passphrase_file: Annotated[
        Path | None, typer.Option("--new-passphrase-file", help="Of a table: the passphrase of its parties' keys.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Where to write what has become of each, as JSON.")
    ] = None,
    yes: YesOption = False,
    session: CommandSession,
) -> None:
    """Enrol many parties: look at who they are, countersign their requests and send them. The member signs.

    A folder holds what `hanse party request` has written (*.request). A table is CSV that begins with a line such as
    key,role,name,vat: a line a party. For each its key and its request are made in the folder of --keys, once.

    All identities are shown first. A line that is wrong hinders no other: the report says what it was. Whoever was
    interrupted runs the same again: what stands stays, under the same ids, and the rest goes on.
    """
    signer = session.signer()
    with session.client() as client:
        if source.is_dir():
            found = read_folder(source)
        else:
            found = list(_requests_of(client, source, keys, new_passphrase_file))
        parties = [_for_signer(each, signer) for each in once(found)]
        ready = [each for each in parties if each.request is not None]
        names = ", ".join(sorted({each.request.body.member for each in ready if each.request}))
        vouching = f"{names or 'The member'} vouches for {_identities(len(ready))}"
        need_consent(vouching, map(_shown, parties), yes=yes)
        become = {each.place: _begun(each) for each in parties}
        try:
            _send(client, ready, become, report)
        finally:
            if report is not None:
                _write(report, become)
    _answer(session, become)


def _requests_of(
    client: "Client", table: Path, keys: Path | None, new_passphrase_file: Path | None
) -> Iterator[ListedParty]:
    """Give the requests of a table's lines: those that lie in the folder of keys, and else made there."""
    lines = read_table(table)
    if keys is None:
        raise InvalidInput("The keys of a table's parties need a folder.", "Name it with --keys.")
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    passphrase: list[bytes] = []
    for number, each in enumerate(lines, 1):
        if isinstance(each, ListedParty):
            yield each
            continue
        file = keys / f"{each.key}{SUFFIX}"
        if not file.exists() and not passphrase:
            passphrase.append(passphrase_for(keys, new_passphrase_file, new=True))
        place = f"line {each.line}"
        yield listed(place, partial(_request_of, client, each, file, new_passphrase_file, passphrase))
        if number % BATCH == 0:
            say(f"{number} of {len(lines)} requests are there.")


def _request_of(
    client: "Client", line: EnrolmentLine, file: Path, passphrase_file: Path | None, passphrase: Sequence[bytes]
) -> EnrolmentRequest:
    """Read the request of a line, or make it. Raises InvalidInput: one was made of other words."""
    until = moment_of(line.until) if line.until else None
    if file.exists():
        request = read_request_file(file)
        body = request.body
        same = (request.terms, body.roles, body.repair or "") == (line.terms, line.roles, line.repair)
        if not same or until not in (None, body.valid_until):
            raise InvalidInput(
                f"{file} was made before, and says something else than this line.",
                "Remove it to have another one made; the key stays.",
            )
        return request
    request = client.parties.request_for(
        _identity_of(line, file.with_suffix(".pem"), passphrase_file, passphrase[0]),
        roles=line.roles,
        terms=line.terms,
        repair=line.repair or None,
        valid_until_ms=until,
    )
    # From here the same run sends the same record: its id stays, whatever is interrupted.
    write_file(file, request.to_json(), private=True)
    return request


def _identity_of(line: EnrolmentLine, file: Path, passphrase_file: Path | None, passphrase: bytes) -> "Identity":
    """Open a party's identity, or make it; it is on the disk before anything is made with it."""
    from hanse_client.home.identity import Identity

    if file.exists():
        return open_identity(file, passphrase_file)
    made = Identity.generate(line.key)
    made.save(file, passphrase)
    return made


def _for_signer(each: ListedParty, signer: "Identity") -> ListedParty:
    """Say of a request that is made for another key that it is."""
    if each.request is None or signer.public_key in each.request.draft.record.signers:
        return each
    member = each.request.body.member
    return ListedParty(place=each.place, request=None, fault=f"The request is made for another key, of {member}.")


def _shown(each: ListedParty) -> tuple[str, str]:
    """Show whom a request is about, in one line."""
    if each.request is None:
        return each.place, f"NOT ENROLLED: {each.fault}"
    body = each.request.body
    terms = "; ".join(f"{name} {value}" for name, value in each.request.terms.items())
    second = f"; repair with {body.repair}" if body.repair else ""
    rest = f"{', '.join(body.roles)} until {moment_words(body.valid_until)}{second}"
    return each.place, f"{terms}; {rest}; party {each.request.draft.object_id.hex()}"


def _begun(each: ListedParty) -> Become:
    if each.request is None:
        return Become(each.place, None, READ_WRONG, each.fault)
    return Become(each.place, each.request.draft.object_id, NOT_SENT)


def _send(client: "Client", ready: Sequence[ListedParty], become: dict[str, Become], report: Path | None) -> None:
    """Send what was agreed to, some at a time; after each part what has become of it stands in the report."""
    for start in range(0, len(ready), BATCH):
        part = ready[start : start + BATCH]
        try:
            answers = client.parties.enrol_requests([each.request for each in part if each.request is not None])
        except HanseError as error:
            _note(part, error.answers, become)
            raise
        _note(part, answers, become)
        if report is not None:
            _write(report, become)
        say(f"{min(start + BATCH, len(ready))} of {len(ready)} sent.")


def _note(part: Sequence[ListedParty], answers: Sequence[Receipt | Refusal | None], become: dict[str, Become]) -> None:
    for each, answer in zip(part, answers, strict=False):
        party = become[each.place].party
        if isinstance(answer, Receipt):
            outcome = "enrolled" if answer.outcome is Outcome.CREATED else "stood already"
            become[each.place] = Become(each.place, party, outcome, f"position {answer.position}")
        elif isinstance(answer, Refusal):
            become[each.place] = Become(each.place, party, READ_WRONG, answer.text())


def _document(become: dict[str, Become]) -> dict[str, object]:
    counts = dict.fromkeys(("enrolled", "stood already", READ_WRONG, NOT_SENT), 0)
    for each in become.values():
        counts[each.outcome] += 1
    return {
        **{name.replace(" ", "_"): count for name, count in counts.items()},
        "parties": [
            {"place": each.place, "party": each.party, "outcome": each.outcome, "detail": each.detail}
            for each in become.values()
        ],
    }


def _write(report: Path, become: dict[str, Become]) -> None:
    write_file(report, f"{format_json(_document(become))}\n".encode(), force=True, private=True)


def _answer(session: CommandSession, become: dict[str, Become]) -> None:
    """Give the report. Raises Exit where one was not enrolled."""
    lines = [
        f"{each.party.hex() if each.party else '-'}  {each.outcome}  {each.place}  {each.detail}"
        for each in become.values()
    ]
    session.answer(_document(become), "\n".join(lines))
    failed = sum(each.outcome == READ_WRONG for each in become.values())
    say(f"{len(become) - failed} of {len(become)} parties stand; {failed} were not enrolled.")
    if failed:
        raise typer.Exit(ExitCode.REFUSED)


def _identities(count: int) -> str:
    return "this identity" if count == 1 else f"these {count} identities"
