"""`hanse bundle`: several steps in one record, all or none, signed by all who must sign any of them."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.consent import YesOption
from hanse_cli.base.console import say
from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import read_text, write_file
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.commands.members import record
from hanse_cli.commands.members.record import DraftArgument, rows_of
from hanse_cli.commands.party import countersign
from hanse_client.base.errors import InvalidInput
from hanse_client.home.drafts import DRAFT_BYTES, Draft
from hanse_ledger.kinds.bundle.bodies import TakeSteps
from hanse_ledger.values.moments import moment_words

app = typer.Typer(
    name="bundle",
    help="Several steps in one record, all or none: delivery against payment, title against acceptance, pledge with "
    "payout.",
    no_args_is_help=True,
)


@app.command()
@in_session
def make(
    steps: Annotated[
        list[Path], typer.Argument(metavar="DRAFT...", help="The steps, in their order: what --draft, -o have written.")
    ],
    *,
    signers: Annotated[
        list[str] | None,
        typer.Option("--signer", metavar="KEY", help="Key of another who signs, besides those whom the drafts name."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write the bundle's draft.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    session: CommandSession,
) -> None:
    """Put drafts into one record that does all of them or none, for its signers to sign within a week. Sends nothing.

    A step may name what an earlier one creates, by the id that was printed for it. Hand on the bundle alone, and not
    the drafts: what a draft says can be done without the others once its signers have signed it.
    """
    if out.exists() and not force:
        raise WouldOverwrite(out)
    drafts = [Draft.from_json(read_text(path, DRAFT_BYTES, "draft")) for path in steps]
    with session.client(signs=session.identity is not None) as client:
        draft = client.bundles.prepare(drafts, signers=signers or ())
    write_file(out, draft.to_json(), force=force)
    missing, expires = [key.hex() for key in draft.missing], moment_words(draft.record.expires)
    document = {"bundle": draft.id, "draft": str(out), "missing": missing, "expires": expires}
    session.answer(document, draft.id.hex())
    say(f"Hand {out} on; until {expires} each of {len(missing)} more signers runs: hanse bundle sign {out}")


app.command()(record.show)


@app.command()
@in_session
def sign(file: DraftArgument, *, yes: YesOption = False, session: CommandSession) -> None:
    """Look at every step of a bundle, agree, and sign it; the last one's signature sends it.

    The record stands with all its steps or is refused with all of them. While others lack, the signature is written
    into the file, to be handed on.
    """
    draft = Draft.from_json(read_text(file, DRAFT_BYTES, "draft"))
    if not isinstance(draft.record.body, TakeSteps):
        raise InvalidInput(f"{file} is no bundle, but {draft.record.kind}.", "Nothing was signed.")
    what = f"All of these {len(draft.record.body.steps)} steps are done, or none"
    countersign(session, draft, what, rows_of(draft, session.trusted()), yes=yes, hand_on=file, noun="bundle")


app.command()(record.submit)
