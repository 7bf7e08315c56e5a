"""`hanse invoice`: issue and what follows, of-number; template and write of sheets; those of an id alone: `acts.py`."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, ParamSpec

import msgspec
import typer

from hanse_cli.base.consent import YesOption, need_consent
from hanse_cli.base.console import say
from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import read_text, write_file
from hanse_cli.base.money import asked_amount
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import ConsignmentOption, ObjectArgument, scaled_of
from hanse_cli.commands.acts import add_acts
from hanse_cli.commands.lists import HOME_FOLDER, LimitOption, answer_list
from hanse_cli.commands.papers.bulk import (
    Bulk,
    BulkOption,
    OutOption,
    ReportOption,
    issue_bulk,
)
from hanse_cli.commands.papers.buyeridentities import IdentitiesOption, identities_in
from hanse_cli.commands.papers.filling import template, write
from hanse_cli.commands.papers.getting import ShareBuyerOption, ShareOption, readers_of
from hanse_cli.output.planned import answer_planned, say_credited, say_planned
from hanse_cli.output.results import AgainOption, answer_receipt, answer_registration, ask_all_the_same
from hanse_client.base.errors import InvalidInput, NearDuplicate
from hanse_ledger.kinds.invoice.bodies import Tag
from hanse_ledger.values import limits
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.moments import moment_words

TAG = "EPOCH:VALUE"

P = ParamSpec("P")

DiscoverableOption = Annotated[
    bool, typer.Option("--discoverable", help="Let whoever holds this very file look it up.")
]
DespiteOption = Annotated[
    bool, typer.Option("--despite-findings", help="Register it although it breaks rules of EN 16931.")
]

BuyerIdentityOption = Annotated[
    Path | None,
    typer.Option(
        "--buyer-identity",
        metavar="FILE",
        help="The buyer's identity, from the buyer: with it the node makes the invoice's tags.",
    ),
]

app = typer.Typer(name="invoice", help="Invoices between a seller and a buyer.", no_args_is_help=True)


@app.command()
@in_session
def issue(  # noqa: PLR0913 (each is an option of its own)
    file: Annotated[
        Path | None, typer.Argument(help="The invoice: UBL 2.1, CII or Factur-X. It stays here.", show_default=False)
    ] = None,
    *,
    buyer: Annotated[
        str | None, typer.Option("--buyer", metavar="ID", help="The buyer's party; of many, where they name none.")
    ] = None,
    bulk: BulkOption = None,
    out: OutOption = None,
    report: ReportOption = None,
    buyer_identity: BuyerIdentityOption = None,
    buyer_identities: IdentitiesOption = None,
    consignment: ConsignmentOption = None,
    share: ShareOption = None,
    share_buyer: ShareBuyerOption = False,
    discoverable: DiscoverableOption = False,
    despite_findings: DespiteOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be registered, and send nothing: no node is asked.")
    ] = False,
    again: AgainOption = False,
    session: CommandSession,
) -> None:
    """Register an invoice, or many; the seller signs. Prints the invoice's id.

    What is registered is said before it is signed: parties, amount, due date, and what customs could not compare.

    The rules of EN 16931 judge it before anything is sent, as by `hanse document check`: what breaks one is refused.
    With --share the document travels, sealed to the readers alone, who get it with `hanse document get`.
    With --buyer-identity it bears tags, by which the same invoice is not registered, or pledged, twice: the node makes
    them, as that of the member with which the seller is. One that makes none is told by a warning.

    A file that this home folder has registered already is not registered twice: the id and the place of what stands are
    told, and on a terminal you are asked. So you are where another invoice looks like it: of the same number, or of the
    same parties and amount within a week; without a terminal nothing is sent then, and --again sends it.

    --bulk takes a sheet, as `hanse invoice template` writes it, or a folder of invoices. What is wrong with one is told
    by its row and hinders no other; what stands already is answered so: whoever was interrupted runs the same again.
    With --buyer-identities they bear tags too; which do not is told by row. Under a mandate its principal's identity,
    the seller's, lies among them. With --share all go to those readers, and with --share-buyer each to its own buyer.
    """
    _need_fitting(file, bulk, buyer_identity, buyer_identities, consignment)
    readers = tuple(readers_of(share))
    if bulk is not None:
        shown = identities_in(buyer_identities)
        many = Bulk(buyer, discoverable, despite_findings, again, report, shown, readers, share_buyer)
        issue_bulk(session, bulk, out, many, dry_run=dry_run)
    elif file is None:
        raise InvalidInput("No invoice is named.", "Name its file, or a sheet or a folder of many with --bulk.")
    elif dry_run:
        answer_planned(session, file, despite_findings=despite_findings)
    elif buyer is None:
        raise InvalidInput("The buyer's party is not named.", "Name it with --buyer.")
    else:
        identity = None if buyer_identity is None else read_text(buyer_identity, limits.OPENING_BYTES, "identity")
        one = Bulk(buyer, discoverable, despite_findings, again)
        to = [*readers, buyer] if share_buyer else readers
        _issue(session, file, one, buyer=buyer, buyer_identity=identity, consignment=consignment, share=to)


def _need_fitting(
    file: Path | None,
    bulk: Path | None,
    buyer_identity: Path | None,
    buyer_identities: Path | None,
    consignment: str | None,
) -> None:
    if bulk is not None and consignment is not None:
        raise InvalidInput("--consignment is for one invoice.", "Leave it out.")
    if bulk is None and buyer_identities is not None:
        raise InvalidInput("--buyer-identities is for --bulk.", "Name the buyer's with --buyer-identity.")
    if bulk is not None and (file is not None or buyer_identity is not None):
        raise InvalidInput(
            "--bulk takes many invoices: neither a file nor --buyer-identity stands beside it.",
            "Leave them out; --buyer-identities names a folder of the buyers' identities.",
        )


def _issue(
    session: CommandSession,
    file: Path,
    how: Bulk,
    *,
    buyer: str,
    buyer_identity: bytes | None,
    consignment: str | None,
    share: Sequence[str],
) -> None:
    again = how.again
    with session.client(counterparty=buyer) as client:
        issued = partial(client.invoices.issue, file, buyer=buyer, despite_findings=how.despite_findings)
        put_in = partial(issued, consignment=consignment, share=share)
        told = partial(put_in, buyer_identity=buyer_identity, before=_once(partial(say_planned, readers=share)))
        register = partial(told, discoverable=how.discoverable)
        try:
            answer_registration(session, lambda once_more: register(again=once_more, unlike=not again), again=again)
        except NearDuplicate as found:
            ask_all_the_same(found)
            answer_registration(session, lambda once_more: register(again=once_more), again=again)


@app.command()
@in_session
def accept(
    invoice: ObjectArgument,
    *,
    amount: Annotated[
        str | None,
        typer.Option(
            "--amount", help="What is accepted, such as 4200.00; where another sum is payable, nothing is sent."
        ),
    ] = None,
    due: Annotated[
        str | None, typer.Option("--due", metavar="DATE", help="When it is due, where the invoice does not say it.")
    ] = None,
    yes: YesOption = False,
    session: CommandSession,
) -> None:
    """Accept an invoice as one's own debt; the buyer signs.

    What is payable of it, and when that is due, are read from a proof that has been checked, and shown before anything
    is signed: that much is accepted, and the rules refuse it if another sum is payable when it arrives.
    """
    with session.client() as client:
        view = client.invoices.show(invoice)
        amounts = view.amounts
        payable = money_text(amounts.owed_minor, amounts)
        if amount is not None and _typed(amount, amounts.minor_digits, amounts.currency) != amounts.owed_minor:
            raise InvalidInput(f"Of this invoice {payable} are payable, not {amount[:80]}.", "Nothing was sent.")
        day = due or view.dates.due
        rows = [
            ("invoice", view.id.hex()),
            ("of the seller", view.links.seller.hex()),
            ("issued", view.dates.issued),
            ("amount", payable),
            ("due", day or "no date is named: --due names one"),
        ]
        need_consent("This is accepted as the buyer's debt", rows, yes=yes)
        answer_receipt(session, client.invoices.accept(view.id, amount_minor=amounts.owed_minor, due=day))


@app.command()
@in_session
def credit(
    invoice: ObjectArgument,
    file: Annotated[Path, typer.Argument(help="The credit note, UBL 2.1; any file where --amount is given.")],
    *,
    amount: Annotated[
        str | None, typer.Option("--amount", help="What it credits, such as 50.00, where nothing here reads the file.")
    ] = None,
    discoverable: DiscoverableOption = False,
    despite_findings: DespiteOption = False,
    again: AgainOption = False,
    session: CommandSession,
) -> None:
    """Take a credit note's sum off an invoice; the seller signs. Prints the invoice's id.

    The rules of EN 16931 judge it as they do an invoice. Never more than is outstanding; how much is said before it is
    signed. The credit note stays here; its terms are disclosed by the record's id.
    """
    with session.client() as client:
        minor = asked_amount(amount, lambda: client.invoices.show(invoice).amounts)
        credited = partial(client.invoices.credit, invoice, file, amount_minor=minor, discoverable=discoverable)
        register = partial(credited, despite_findings=despite_findings, before=_once(say_credited))
        answer_registration(session, lambda once_more: register(again=once_more), again=again)


@app.command()
@in_session
def retag(
    invoice: ObjectArgument,
    *,
    tag: Annotated[
        list[str],
        typer.Option("--tag", metavar=TAG, help="A tag from a marketplace's node; one for each epoch in use."),
    ],
    session: CommandSession,
) -> None:
    """Give an invoice the tags of the epochs in use, before one is dropped; the seller signs.

    It bears these and no others: what it bore before is free for another invoice, in the same moment.
    """
    tags = [tag_of(text) for text in tag]
    with session.client() as client:
        answer_receipt(session, client.invoices.retag(invoice, tags))


@app.command()
@in_session
def unpledged(
    invoice: ObjectArgument,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the proof, such as free.hanse.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    session: CommandSession,
) -> None:
    """Make a proof file that an accepted invoice is pledged to nobody, and say what it says and as of when.

    It is written only where that is so, and where no pledge stands on the same invoice under another record: by its
    tags that is known. Of an invoice without a tag in use it says that it is not. Whoever has the file checks it
    offline: hanse verify.
    """
    if out.exists() and not force:
        raise WouldOverwrite(out)
    with session.client(signs=False) as client:
        data = client.invoices.unpledged(invoice)
        report = client.verify(data)
    write_file(out, data, force=force)
    sentence = report.subjects[0].said.told.words
    as_of = "" if report.as_of is None else moment_words(report.as_of)
    known = [each.words for each in report.said.established if each.id == "proven.unpledged"]
    unknown = [each.words for each in report.said.not_established if each.id == "unproven.twin"]
    answer = {"proof": str(out), "bytes": len(data), "says": sentence, "as_of": as_of, "compared": bool(known)}
    session.answer(answer, str(out))
    say(f"As of {as_of}: {sentence}.")
    for words in known:
        say(f"Proven: {words}.")
    for words in unknown:
        say(f"Not proven: {words}.")


@app.command("of-number")
@in_session
def of_number(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The invoice's number, BT-1.")],
    *,
    limit: LimitOption = 50,
    session: CommandSession,
) -> None:
    """List one's own invoices that bear a number, the newest first, as they stand; the seller's home folder knows them.

    The ledger does not know numbers: what was sent from another home folder is not found.
    """
    with session.client() as client:
        answer_list(session, client.invoices.of_number(number), limit, HOME_FOLDER)


def tag_of(text: str) -> Tag:
    """Read a tag. Raises InvalidInput."""
    epoch, _, value = text.partition(":")
    try:
        return msgspec.convert({"epoch": int(epoch), "value": bytes.fromhex(value)}, Tag)
    except ValueError as error:
        raise InvalidInput(
            f"{text[:80]!r} is no tag.", f"Write it as {TAG}, the value as 64 hexadecimal digits, such as 2:ab12…."
        ) from error


def _once(tell: Callable[P, None]) -> Callable[P, None]:
    """Say it once, though what it is said before may be tried again."""
    said: list[bool] = []

    def telling(*args: P.args, **named: P.kwargs) -> None:
        if not said:
            said.append(True)
            tell(*args, **named)

    return telling


def _typed(amount: str, places: int, currency: str) -> int:
    """Read an amount, which may be nothing: of a prepaid invoice that is payable."""
    text = amount.strip()
    return 0 if text.strip("0") in ("", ".") else scaled_of(text, places, f"amount of {currency}")


app.command()(template)
app.command()(write)
add_acts(app, "invoice")
