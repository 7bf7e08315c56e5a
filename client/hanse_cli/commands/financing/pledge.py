"""`hanse pledge`: create, release, assign, payout, retag, and `request…` of each; show is a row of `acts.py`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanse_cli.base.consent import YesOption
from hanse_cli.base.console import say
from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import read_text, write_file
from hanse_cli.base.money import asked_amount
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import ConsignmentOption, ObjectArgument
from hanse_cli.commands.acts import add_acts
from hanse_cli.commands.invoice import TAG, tag_of
from hanse_cli.commands.party import countersign
from hanse_cli.output.results import answer_receipt
from hanse_client.base.errors import InvalidInput
from hanse_client.base.identifiers import Id
from hanse_client.home.drafts import DRAFT_BYTES, Draft
from hanse_client.home.tagkeys import load_key
from hanse_documents.semantics.epochkeys import EpochKey
from hanse_ledger.kinds.invoice.bodies import RetagInvoice, Tag
from hanse_ledger.kinds.pledge.bodies import AssignPledge, CreatePledge, ReleasePledge
from hanse_ledger.values import limits
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.moments import moment_words
from hanse_ledger.wire.part import Body

if TYPE_CHECKING:
    from hanse_client.client import Client

app = typer.Typer(name="pledge", help="Pledges of invoices to the banks that finance them.", no_args_is_help=True)

OutOption = Annotated[Path, typer.Option("--out", "-o", help="Where to write the request.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace the file.")]
KeyOption = Annotated[
    str | None,
    typer.Option("--bank-key", metavar="KEY", help="The key with which the bank signs, such as an officer's."),
]
PapersOption = Annotated[
    Path | None,
    typer.Option("--papers", metavar="FILE", help="The invoice's file: its tags are made of it and compared."),
]
SellerOption = Annotated[
    Path | None,
    typer.Option("--seller", metavar="FILE", help="With --papers: the seller's identity, hanse party show --opening."),
]
BuyerOption = Annotated[
    Path | None, typer.Option("--buyer", metavar="FILE", help="With --papers: the buyer's identity, likewise.")
]
TagKeyOption = Annotated[
    list[Path] | None,
    typer.Option("--key", metavar="FILE", help="With --papers: a key of tags; without one the bank's node is asked."),
]
TagsOption = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar=TAG, help="A tag that the bank has made of the file; one for each epoch in use."),
]
UetrOption = Annotated[str, typer.Option("--uetr", help="The transfer's: one is told once, whatever it was for.")]
RailOption = Annotated[str, typer.Option("--rail", help="By what the money travels: swift, sepa, cbdc, token, …")]
FileArgument = Annotated[Path, typer.Argument(metavar="REQUEST", help="What a command `request…` has written.")]


@app.command()
@in_session
def request(  # noqa: PLR0913 (one argument an option)
    invoice: ObjectArgument,
    *,
    tag: TagsOption = None,
    papers: PapersOption = None,
    seller: SellerOption = None,
    buyer: BuyerOption = None,
    tag_key: TagKeyOption = None,
    bank: Annotated[
        str | None, typer.Option("--bank", metavar="NAME", help="The bank; by default one's own member.")
    ] = None,
    bank_key: KeyOption = None,
    consignment: ConsignmentOption = None,
    out: OutOption,
    force: ForceOption = False,
    session: CommandSession,
) -> None:
    """Prepare the pledge of all that is outstanding on an accepted invoice, for the other side to countersign.

    Bank and seller both sign: either prepares, and the other runs `hanse pledge create` within a week. Prints the id
    that the pledge will have. The bank answers for the tags: it makes them from the file, and takes nobody's word. With
    --papers that is done here: with the members' keys, else by the bank's own node.
    """
    _need_room(out, force=force)
    lent_on = _papers(papers, seller, buyer, tag_key)
    if (lent_on is None) == (not tag):
        raise InvalidInput("A pledge names tags.", "Give --papers, --seller and --buyer; or --tag, and not both.")
    with session.client() as client:
        tags = lent_on.tags(client, invoice) if lent_on is not None else [tag_of(text) for text in tag or ()]
        draft = client.pledges.prepare(invoice, tags=tags, bank=bank, bank_key=bank_key, consignment=consignment)
    _hand_over(session, draft, out, "create", force=force)


@app.command()
@in_session
def create(
    file: FileArgument,
    *,
    papers: PapersOption = None,
    seller: SellerOption = None,
    buyer: BuyerOption = None,
    tag_key: TagKeyOption = None,
    yes: YesOption = False,
    session: CommandSession,
) -> None:
    """Look at a pledge that the other side has prepared, countersign and send it. Prints the pledge's id.

    A bank names the invoice's file with --papers: the tags are made again, and nothing is signed where they differ.
    Refused where the invoice is pledged already: the refusal names the pledge that stands on it.
    """
    draft = _draft(file, CreatePledge)
    lent_on, body = _papers(papers, seller, buyer, tag_key), draft.record.body
    if lent_on is not None and isinstance(body, CreatePledge):
        with session.client() as client:
            if tuple(lent_on.tags(client, body.invoice)) != body.tags:
                raise InvalidInput("The pledge names other tags than this file's.", "Nothing was signed.")
    countersign(session, draft, "This invoice is pledged", _about(draft), yes=yes, hand_on=file, noun="pledge")


@app.command()
@in_session
def release(
    pledge: Annotated[str, typer.Argument(metavar="ID", help="The pledge; or the file of `request-release`.")],
    *,
    yes: YesOption = False,
    session: CommandSession,
) -> None:
    """Give the invoice free; the bank that has the pledge signs.

    Where that bank is no member any more, seller and buyer release it together: one runs `hanse pledge
    request-release`, the other gives its file here.
    """
    file = Path(pledge)
    if file.is_file():
        draft = _draft(file, ReleasePledge)
        countersign(session, draft, "This pledge is released", _about(draft), yes=yes, hand_on=file, noun="pledge")
        return
    with session.client() as client:
        answer_receipt(session, client.pledges.release(pledge))


@app.command("request-release")
@in_session
def request_release(
    pledge: ObjectArgument, *, out: OutOption, force: ForceOption = False, session: CommandSession
) -> None:
    """Prepare the release of a pledge whose bank is no member any more; seller and buyer both sign it."""
    _need_room(out, force=force)
    with session.client() as client:
        draft = client.pledges.prepare_release(pledge)
    _hand_over(session, draft, out, "release", force=force)


@app.command("request-assign")
@in_session
def request_assign(
    pledge: ObjectArgument,
    *,
    bank: Annotated[str, typer.Option("--bank", metavar="NAME", help="The bank that takes it over.")],
    bank_key: KeyOption = None,
    out: OutOption,
    force: ForceOption = False,
    session: CommandSession,
) -> None:
    """Prepare the assignment of one's own pledge to another bank, for that bank to countersign within a week."""
    _need_room(out, force=force)
    with session.client() as client:
        draft = client.pledges.prepare_assign(pledge, bank, bank_key=bank_key)
    _hand_over(session, draft, out, "assign", force=force)


@app.command()
@in_session
def assign(file: FileArgument, *, yes: YesOption = False, session: CommandSession) -> None:
    """Look at the assignment of a pledge that another bank has prepared, countersign and send it.

    Look at the invoice and its file first, as before a pledge of one's own: hanse invoice show, hanse pledge show.
    """
    draft = _draft(file, AssignPledge)
    countersign(session, draft, "This pledge is taken over", _about(draft), yes=yes, hand_on=file, noun="pledge")


@app.command()
@in_session
def payout(
    pledge: ObjectArgument,
    *,
    uetr: UetrOption,
    rail: RailOption,
    amount: Annotated[
        str | None,
        typer.Option("--amount", metavar="AMOUNT", help="What the seller got; by default all that is left to pay out."),
    ] = None,
    session: CommandSession,
) -> None:
    """Say that the seller has been paid what is lent on a pledge, or a part of it; the bank that has it signs."""
    with session.client() as client:
        minor = asked_amount(amount, lambda: client.pledges.show(pledge).amounts)
        answer_receipt(session, client.pledges.payout(pledge, uetr=uetr, rail=rail, amount_minor=minor))


@app.command("request-payout")
@in_session
def request_payout(
    file: Annotated[Path, typer.Argument(metavar="REQUEST", help="What `hanse pledge request` has written.")],
    *,
    uetr: UetrOption,
    rail: RailOption,
    amount: Annotated[
        str | None,
        typer.Option("--amount", metavar="AMOUNT", help="What the seller gets; by default all that is pledged."),
    ] = None,
    out: OutOption,
    force: ForceOption = False,
    session: CommandSession,
) -> None:
    """Prepare to say what is paid out on a pledge that is not made yet, for a bundle of both.

    In that bank and seller sign the pledge and the payout, or neither: hanse bundle make REQUEST FILE.
    """
    _need_room(out, force=force)
    pledge = _draft(file, CreatePledge)
    created = pledge.record.body
    assert isinstance(created, CreatePledge), "a draft of another kind is refused"
    with session.client() as client:
        minor = asked_amount(amount, lambda: created)
        draft = client.pledges.prepare_payout(pledge, uetr=uetr, rail=rail, amount_minor=minor)
    write_file(out, draft.to_json(), force=force)
    session.answer({"pledge": pledge.object_id, "request": str(out)}, pledge.object_id.hex())
    say(f"Put both into one record: hanse bundle make {file} {out} -o BUNDLE")


@app.command("request-retag")
@in_session
def request_retag(  # noqa: PLR0913 (one argument an option)
    pledge: ObjectArgument,
    *,
    tag: TagsOption = None,
    papers: PapersOption = None,
    seller: SellerOption = None,
    buyer: BuyerOption = None,
    tag_key: TagKeyOption = None,
    bank_key: KeyOption = None,
    out: OutOption,
    force: ForceOption = False,
    session: CommandSession,
) -> None:
    """Prepare that a pledged invoice gets the tags of the epochs in use, before an epoch that it bears is dropped.

    Bank and seller both sign: either prepares, and the other runs `hanse pledge retag` within a week. The bank makes
    the tags from the file that it has lent on: with --papers that is done here. The pledge stands on them from then on.
    """
    _need_room(out, force=force)
    lent_on = _papers(papers, seller, buyer, tag_key)
    if (lent_on is None) == (not tag):
        raise InvalidInput("An invoice is given tags.", "Give --papers, --seller and --buyer; or --tag, and not both.")
    with session.client() as client:
        tags = lent_on.retags(client, pledge) if lent_on is not None else [tag_of(text) for text in tag or ()]
        draft = client.pledges.prepare_retag(pledge, tags=tags, bank_key=bank_key)
    _hand_over(session, draft, out, "retag", force=force, noun="invoice")


@app.command()
@in_session
def retag(
    file: FileArgument,
    *,
    papers: PapersOption = None,
    seller: SellerOption = None,
    buyer: BuyerOption = None,
    tag_key: TagKeyOption = None,
    yes: YesOption = False,
    session: CommandSession,
) -> None:
    """Look at the other tags of a pledged invoice that the other side has prepared, countersign and send them.

    A bank names the file on which it has lent with --papers: the tags are made again, and nothing is signed where they
    differ. Prints the invoice's id.
    """
    draft = _draft(file, RetagInvoice)
    lent_on, body = _papers(papers, seller, buyer, tag_key), draft.record.body
    if lent_on is not None and isinstance(body, RetagInvoice) and body.pledge is not None:
        with session.client() as client:
            if tuple(lent_on.retags(client, body.pledge)) != body.tags:
                raise InvalidInput("It names other tags than this file's.", "Nothing was signed.")
    countersign(session, draft, "This invoice gets other tags", _about(draft), yes=yes, hand_on=file, noun="invoice")


add_acts(app, "pledge")


@dataclass(frozen=True)
class _Papers:
    """What a bank makes tags of: the invoice, who its parties are, and the members' keys where they lie here."""

    file: Path
    seller: bytes
    buyer: bytes
    keys: list[EpochKey]

    def tags(self, client: "Client", invoice: Id) -> Sequence[Tag]:
        """Make them, and compare them with those that the invoice bears."""
        return client.pledges.tags(invoice, self.file, seller=self.seller, buyer=self.buyer, keys=self.keys)

    def retags(self, client: "Client", pledge: Id) -> Sequence[Tag]:
        """Make them for the epochs in use, and see that the pledged invoice bears one of them."""
        return client.pledges.retags(pledge, self.file, seller=self.seller, buyer=self.buyer, keys=self.keys)


def _papers(file: Path | None, seller: Path | None, buyer: Path | None, keys: list[Path] | None) -> _Papers | None:
    """Read what was named; nil where nothing was. Raises InvalidInput, SetupError."""
    if file is None and seller is None and buyer is None and not keys:
        return None
    if file is None or seller is None or buyer is None:
        raise InvalidInput("Tags are made of three files.", "Give --papers, --seller and --buyer together.")
    sells, buys = (read_text(path, limits.OPENING_BYTES, "identity") for path in (seller, buyer))
    return _Papers(file, sells, buys, [load_key(path) for path in keys or ()])


def _need_room(out: Path, *, force: bool) -> None:
    if out.exists() and not force:
        raise WouldOverwrite(out)


def _hand_over(
    session: CommandSession, draft: Draft, out: Path, command: str, *, force: bool, noun: str = "pledge"
) -> None:
    """Write a draft for who signs next, and say what that one runs."""
    write_file(out, draft.to_json(), force=force)
    expires = moment_words(draft.record.expires)
    missing = [key.hex() for key in draft.missing]
    document = {noun: draft.object_id, "request": str(out), "missing": missing, "expires": expires}
    session.answer(document, draft.object_id.hex())
    say(f"Hand {out} on; until {expires} whoever signs next runs: hanse pledge {command} {out}")


def _draft(file: Path, body: type[Body]) -> Draft:
    draft = Draft.from_json(read_text(file, DRAFT_BYTES, "request"))
    if not isinstance(draft.record.body, body):
        raise InvalidInput(f"{file} is of another kind: {draft.record.kind}.", "Nothing was signed.")
    return draft


def _about(draft: Draft) -> Iterator[tuple[str, str]]:
    """Say what a draft says."""
    body = draft.record.body
    if isinstance(body, CreatePledge):
        yield "invoice", body.invoice.hex()
        yield "amount", money_text(body.amount_minor, body)
        yield "to the bank", body.bank
        if body.consignment is not None:
            yield "into the consignment", body.consignment.hex()
    if isinstance(body, RetagInvoice):
        yield "invoice", body.invoice.hex()
        yield "pledge", "none" if body.pledge is None else body.pledge.hex()
    if isinstance(body, CreatePledge | RetagInvoice):
        for tag in body.tags:
            yield f"tag of epoch {tag.epoch}", tag.value.hex()
    if isinstance(body, AssignPledge | ReleasePledge):
        yield "pledge", body.pledge.hex()
    if isinstance(body, AssignPledge):
        yield "to the bank", body.bank
    yield "request expires", moment_words(draft.record.expires)
