"""Commands that take an object's id, and reasons where the rules ask for them: one row each.

A row has the command's name, its help, and the SDK's call: of `alone` an id, of `reasoned` an id and what follows
`--reason`; `shown` sends nothing. `add_acts` makes the commands of one kind of object.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

import typer

from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import ObjectArgument
from hanse_cli.commands.lists import add_list
from hanse_cli.output.results import answer_object, answer_receipt
from hanse_client.base.objects import ObjectView
from hanse_client.base.views import Receipt
from hanse_ledger.kinds.certificate.bodies import CertificateRevocation

if TYPE_CHECKING:
    from hanse_client.client import Client

R = TypeVar("R")


@dataclass(frozen=True)
class ReasonOption(Generic[R]):
    """What a command takes after `--reason`, and how it is explained."""

    kind: type[R]
    help: str
    metavar: str | None = "CODE"


CODES = ReasonOption(list[str], "A reason code, such as PRICE; may be repeated.")
"""Codes of the refuser's own published list, 1 to 16 capital letters, digits and hyphens each."""

REJECTED = ReasonOption(str, "ISO 20022 status reason, such as AM04.")
REVOKED = ReasonOption(CertificateRevocation, "Why.", metavar=None)


def alone(call: "Callable[[Client], Callable[[str], Receipt]]") -> Callable[..., None]:
    """Make a command that sends a record for an id."""

    def run(object_id: ObjectArgument, *, session: CommandSession) -> None:
        with session.client() as client:
            answer_receipt(session, call(client)(object_id))

    return run


def reasoned(reason: ReasonOption[R], call: "Callable[[Client], Callable[[str, R], Receipt]]") -> Callable[..., None]:
    """Make a command that sends a record for an id and reasons."""

    def run(object_id: ObjectArgument, *, reason: R, session: CommandSession) -> None:
        with session.client() as client:
            answer_receipt(session, call(client)(object_id, reason))

    option = typer.Option("--reason", metavar=reason.metavar, help=reason.help)
    run.__annotations__["reason"] = Annotated[reason.kind, option]
    return run


def shown(call: "Callable[[Client], Callable[[str], ObjectView]]") -> Callable[..., None]:
    """Make a command that shows an object; nobody signs."""

    def run(object_id: ObjectArgument, *, session: CommandSession) -> None:
        with session.client(signs=False) as client:
            answer_object(session, client, call(client)(object_id))

    return run


@dataclass(frozen=True)
class ActRow:
    """One command: its name, what its help says, and what it does, as `in_session` takes it."""

    name: str
    help: str
    run: Callable[..., None]


ACTS: Mapping[str, tuple[ActRow, ...]] = {
    "office": (
        ActRow(
            "show",
            "Show an office as it stands, from a proof that has been checked.",
            shown(lambda client: client.offices.show),
        ),
    ),
    "party": (
        ActRow(
            "suspend",
            "Suspend a party until it is reinstated; the member with which it is signs.",
            reasoned(CODES, lambda client: client.parties.suspend),
        ),
        ActRow(
            "reinstate",
            "End a party's suspension; the member with which it is signs.",
            alone(lambda client: client.parties.reinstate),
        ),
    ),
    "mandate": (
        ActRow(
            "revoke",
            "End a mandate from now on; its principal or its mandatary signs.",
            alone(lambda client: client.mandates.revoke),
        ),
        ActRow(
            "show",
            "Show a mandate as it stands, from a proof that has been checked.",
            shown(lambda client: client.mandates.show),
        ),
    ),
    "invoice": (
        ActRow(
            "refuse",
            "Refuse an invoice; the buyer signs.",
            reasoned(CODES, lambda client: client.invoices.refuse),
        ),
        ActRow(
            "cancel",
            "Cancel an invoice that is neither paid, declared nor pledged; the seller signs.",
            alone(lambda client: client.invoices.cancel),
        ),
        ActRow(
            "show",
            "Show an invoice as it stands, from a proof that has been checked.",
            shown(lambda client: client.invoices.show),
        ),
    ),
    "certificate": (
        ActRow(
            "refuse",
            "Refuse an application; its origin issuer signs.",
            reasoned(CODES, lambda client: client.certificates.refuse),
        ),
        ActRow(
            "withdraw",
            "Take back an application that its issuer has not decided; the exporter signs.",
            alone(lambda client: client.certificates.withdraw),
        ),
        ActRow(
            "revoke",
            "Take a certificate back; its origin issuer signs.",
            reasoned(REVOKED, lambda client: client.certificates.revoke),
        ),
    ),
    "declaration": (
        ActRow(
            "refuse",
            "Refuse a declaration; the customs authority addressed signs.",
            reasoned(CODES, lambda client: client.declarations.refuse),
        ),
        ActRow(
            "withdraw",
            "Take back a declaration that customs has not decided; the declarant or its principal signs.",
            alone(lambda client: client.declarations.withdraw),
        ),
        ActRow(
            "lapse",
            "Record that customs has not decided within ninety days; declarant, principal, or an invoice's trader "
            "signs.",
            alone(lambda client: client.declarations.lapse),
        ),
        ActRow(
            "show",
            "Show a declaration as it stands, from a proof that has been checked.",
            shown(lambda client: client.declarations.show),
        ),
    ),
    "document": (
        ActRow(
            "erase",
            "Have a document's sealed files deleted, for good; its owner signs.",
            alone(lambda client: client.documents.erase),
        ),
    ),
    "pledge": (
        ActRow(
            "show",
            "Show a pledge as it stands, from a proof that has been checked.",
            shown(lambda client: client.pledges.show),
        ),
    ),
    "order": (
        ActRow(
            "show",
            "Show an order as it stands, from a proof that has been checked.",
            shown(lambda client: client.orders.show),
        ),
    ),
    "title": (
        ActRow(
            "reject",
            "Give a title back to whom it came from, within seven days; its holder signs.",
            reasoned(CODES, lambda client: client.titles.reject),
        ),
        ActRow(
            "show",
            "Show a title as it stands, and who holds it, from a proof that has been checked.",
            shown(lambda client: client.titles.show),
        ),
    ),
    "shipment": (
        ActRow(
            "show",
            "Show a shipment as it stands, from a proof that has been checked.",
            shown(lambda client: client.shipments.show),
        ),
    ),
    "payment": (
        ActRow(
            "accept",
            "Accept an instruction: it is carried out; the payer's bank signs.",
            alone(lambda client: client.payments.accept),
        ),
        ActRow(
            "reject",
            "Record that an instructed payment is not carried out; the payer's bank signs.",
            reasoned(REJECTED, lambda client: client.payments.reject),
        ),
        ActRow(
            "withdraw",
            "Take back an instruction that no bank carries out; the payer signs, or the payee.\n\n"
            "After thirty days; the payer at once where one of the banks has left, is suspended, is no bank any more "
            "or has no\nkey. Ask the banks first: money may have moved though nobody has confirmed it here.",
            alone(lambda client: client.payments.withdraw),
        ),
        ActRow(
            "show",
            "Show a payment as it stands, from a proof that has been checked.",
            shown(lambda client: client.payments.show),
        ),
    ),
}
"""By kind of object, in the order in which help lists them."""


def add_acts(app: typer.Typer, noun: str) -> None:
    """Add the commands of one kind of object to its group."""
    for act in ACTS[noun]:
        app.command(act.name, help=act.help)(in_session(act.run))
    add_list(app, noun)
