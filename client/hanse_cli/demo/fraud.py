"""The second story of `hanse demo`: what people try who were honest until now, and whose word stops them."""

from msgspec import Struct

from hanse_cli.demo.cast import BROKER, BUYER, BUYERS_BANK, CHAMBER, IMPORT_CUSTOMS, MARKET, SELLER, SELLERS_BANK
from hanse_cli.demo.papers import SECOND_INVOICE
from hanse_cli.demo.stage import Attempt, Stage, ToldAct
from hanse_cli.demo.story import Traded
from hanse_cli.demo.trade import STONEWARE, accept, back_from, invoice_goods, issue_title, load, pass_on, pledge
from hanse_ledger.kinds.declaration.bodies import CertificateUse, DeclarationLine, Regime
from hanse_ledger.values.types import ObjectId


class Fraud(Struct, frozen=True, kw_only=True):
    """How the second story went: what was done, what was tried in vain, and how long the log was before and after."""

    invoice: ObjectId
    acts: tuple[ToldAct, ...]
    attempts: tuple[Attempt, ...]
    entries_before: int
    entries_after: int


def cheat(stage: Stage, traded: Traded) -> Fraud:
    """The seller sells once more, honestly; then each tries what the rules refuse, and the log stays as it was."""
    told = len(stage.acts)
    stage.tell("\n     A second sale, and what people try with it\n")
    invoice = invoice_goods(stage, traded.buyer, SECOND_INVOICE)
    accept(stage, invoice)
    pledge(stage, invoice, SECOND_INVOICE)
    title = issue_title(stage, load(stage, (traded.seller, traded.buyer), invoice), traded.seller)
    pass_on(stage, title, traded.buyer)
    stage.tell("")
    before = stage.clients[SELLER].head().size
    register_twice(stage, traded, invoice)
    pledge_twice(stage, invoice)
    redirect(stage, invoice)
    sell_goods_twice(stage, traded, title)
    import_twice(stage, traded, invoice)
    return_too_much(stage, traded)
    exceed_mandate(stage, traded, invoice)
    after = stage.clients[SELLER].head().size
    stage.tell(f"\n     The log has {after} entries, as before: {before}. What is refused leaves nothing in it.")
    return Fraud(
        invoice=invoice,
        acts=tuple(stage.acts[told:]),
        attempts=tuple(stage.attempts),
        entries_before=before,
        entries_after=after,
    )


def register_twice(stage: Stage, traded: Traded, invoice: ObjectId) -> None:
    """The seller wants to have the money for one sale twice: it registers the same invoice as another."""
    file = stage.papers.folder / SECOND_INVOICE
    tags = stage.tags(MARKET, file)
    stage.refused(
        SELLER,
        "register the same invoice as another debt",
        lambda: stage.clients[SELLER].invoices.issue(file, buyer=traded.buyer, tags=tags, again=True),
        f"the tag of invoice {invoice.hex()[:16]}…: of the same file {stage.names[MARKET]} makes the same one",
    )


def pledge_twice(stage: Stage, invoice: ObjectId) -> None:
    """The seller wants to have the money for one invoice from two banks; the second one looks it up and signs."""
    tags = stage.tags(BUYERS_BANK, stage.papers.folder / SECOND_INVOICE)
    draft = stage.clients[SELLER].pledges.prepare(invoice, tags=tags, bank=BUYERS_BANK)
    stage.refused(
        SELLER,
        f"pledge the same invoice to {stage.names[BUYERS_BANK]} too, which signs",
        lambda: stage.clients[BUYERS_BANK].submit_draft(draft),
        f"the pledge to {stage.names[SELLERS_BANK]}, which stands on it",
    )


def redirect(stage: Stage, invoice: ObjectId) -> None:
    """Buyer and seller agree to pay past the bank that has lent on the invoice."""
    stage.refused(
        BUYER,
        f"pay it past the bank that has lent on it, through {stage.names[BUYERS_BANK]} alone",
        lambda: stage.clients[BUYER].payments.instruct(
            payer_bank=BUYERS_BANK, payee_bank=BUYERS_BANK, allocations={invoice: None}
        ),
        f"the pledge to {stage.names[SELLERS_BANK]}: what is paid of the invoice goes there",
    )


def sell_goods_twice(stage: Stage, traded: Traded, title: ObjectId) -> None:
    """The seller sells the goods that are on their way once more, to the broker."""
    stage.refused(
        SELLER,
        "pass on the title to the goods once more, to another",
        lambda: stage.clients[SELLER].titles.transfer(title, traded.agent),
        f"the transfer before it: {stage.names[BUYER]} alone holds the title",
    )


def import_twice(stage: Stage, traded: Traded, invoice: ObjectId) -> None:
    """The buyer brings in other goods on the certificate of the first ones."""
    balance = stage.clients[BUYER].certificates.show(traded.certificate).balances[0]
    line = DeclarationLine(
        certificate=CertificateUse(certificate=traded.certificate, line=1),
        hs_code=balance.hs_code,
        origin=balance.origin,
        quantity_micro=balance.quantity_micro,
        source=None,
        unit=balance.unit,
    )
    stage.refused(
        BUYER,
        "declare the second delivery on the certificate of the first",
        lambda: stage.clients[BUYER].declarations.lodge(
            customs=IMPORT_CUSTOMS, regime=Regime.IMPORT, invoices=[invoice], lines=[line]
        ),
        f"the balance of what {stage.names[CHAMBER]} has certified: {stage.names[IMPORT_CUSTOMS]} has written it off",
    )


def return_too_much(stage: Stage, traded: Traded) -> None:
    """The buyer wants duty back on bowls that it has not brought in: more go out than are there."""
    all_of_them = stage.clients[BUYER].declarations.show(traded.imported).lines[STONEWARE - 1].quantity_micro
    stage.refused(
        BUYER,
        "send back more bowls than are left of those that came in",
        lambda: stage.clients[BUYER].declarations.lodge(
            customs=IMPORT_CUSTOMS,
            regime=Regime.RETURN,
            invoices=[traded.invoice],
            lines=[back_from(stage, traded.imported, all_of_them)],
        ),
        f"what {stage.names[IMPORT_CUSTOMS]} has released, less what has gone back",
    )


def exceed_mandate(stage: Stage, traded: Traded, invoice: ObjectId) -> None:
    """The broker signs in the seller's place what it was never asked to."""
    stage.refused(
        BROKER,
        "cancel the invoice in the seller's place",
        lambda: traded.broker.invoices.cancel(invoice),
        f"the mandate of {stage.names[SELLER]}, which covers declarations alone",
    )
