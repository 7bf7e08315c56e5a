"""`hanse certificate`: apply, query, answer, issue, replace, show; those with an id and reasons are in `acts.py`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import ConsignmentOption, ObjectArgument, moment_of
from hanse_cli.commands.acts import add_acts
from hanse_cli.commands.papers.getting import ShareOption, readers_of
from hanse_cli.output.drawn import drawings_on
from hanse_cli.output.results import AgainOption, answer_object, answer_receipt, answer_registration
from hanse_ledger.kinds.certificate.bodies import CertificateReplacement, CertificateType

app = typer.Typer(name="certificate", help="Certificates of origin.", no_args_is_help=True)


ConsigneeOption = Annotated[
    str | None,
    typer.Option("--consignee", metavar="ID", help="The consignee's party; then nobody else may use it."),
]
TypeOption = Annotated[CertificateType, typer.Option("--type", help="What it is: of origin, a licence, or a quota.")]
FromOption = Annotated[
    str | None,
    typer.Option("--valid-from", metavar="TIME", help="Where the file does not say from when it is valid."),
]
UntilOption = Annotated[
    str | None, typer.Option("--valid-until", metavar="TIME", help="Where the file does not say until when.")
]


@app.command(name="apply")
@in_session
def apply_for(  # noqa: PLR0913 (each is an option of its own, and typer makes them of parameters)
    file: Annotated[Path, typer.Argument(help="The certificate as drafted, edi3 JSON. It stays here.")],
    *,
    issuer: Annotated[str, typer.Option("--issuer", metavar="MEMBER", help="The origin issuer that is asked.")],
    consignee: ConsigneeOption = None,
    exporter: Annotated[
        str | None,
        typer.Option("--exporter", metavar="ID", help="The exporter's party, where it is not known here."),
    ] = None,
    kind: TypeOption = CertificateType.ORIGIN,
    valid_from: FromOption = None,
    valid_until: UntilOption = None,
    consignment: ConsignmentOption = None,
    share: ShareOption = None,
    again: AgainOption = False,
    session: CommandSession,
) -> None:
    """Ask an origin issuer for a certificate; the exporter signs. Prints the application's id.

    It is the certificate's, should it be granted. A draft that this home folder has applied with already is not sent
    twice: the id and the place of what stands are told, and on a terminal you are asked.
    """
    first, last = (None if text is None else moment_of(text) for text in (valid_from, valid_until))
    with session.client() as client:
        register = partial(
            client.certificates.apply,
            file,
            issuer=issuer,
            consignee=consignee,
            kind=kind,
            exporter=exporter,
            valid_from_ms=first,
            valid_until_ms=last,
            consignment=consignment,
            share=readers_of(share),
        )
        answer_registration(session, lambda once_more: register(again=once_more), again=again)


@app.command()
@in_session
def issue(  # noqa: PLR0913 (each is an option of its own, and typer makes them of parameters)
    file: Annotated[Path, typer.Argument(help="The certificate, edi3 JSON. It stays here.")],
    *,
    exporter: Annotated[
        str | None, typer.Option("--exporter", metavar="ID", help="The exporter's party; or --application.")
    ] = None,
    application: Annotated[
        str | None,
        typer.Option("--application", metavar="ID", help="The application that is granted, with its parties."),
    ] = None,
    consignee: ConsigneeOption = None,
    kind: TypeOption = CertificateType.ORIGIN,
    valid_from: FromOption = None,
    valid_until: UntilOption = None,
    consignment: ConsignmentOption = None,
    share: ShareOption = None,
    again: AgainOption = False,
    session: CommandSession,
) -> None:
    """Certify the origin of an exporter's goods; the origin issuer signs. Prints the certificate's id.

    On an application the id is the application's. The file is the certificate, not the draft that was applied with.

    A file that this home folder has registered already is not registered twice: the id and the place of what stands are
    told, and on a terminal you are asked.
    """
    first, last = (None if text is None else moment_of(text) for text in (valid_from, valid_until))
    with session.client() as client:
        register = partial(
            client.certificates.issue,
            file,
            exporter=exporter,
            application=application,
            consignee=consignee,
            kind=kind,
            valid_from_ms=first,
            valid_until_ms=last,
            consignment=consignment,
            share=readers_of(share),
        )
        answer_registration(session, lambda once_more: register(again=once_more), again=again)


@app.command()
@in_session
def query(
    certificate: ObjectArgument,
    *,
    reason: Annotated[list[str], typer.Option("--reason", metavar="CODE", help="What is asked; may be repeated.")],
    file: Annotated[
        Path | None, typer.Option("--file", help="A letter that says more; its hash is recorded, and it stays here.")
    ] = None,
    session: CommandSession,
) -> None:
    """Ask about an application, or about a certificate in force.

    About an application its issuer asks, and signs; about a certificate in force a customs authority.
    """
    with session.client() as client:
        answer_receipt(session, client.certificates.query(certificate, reason, file=file))


@app.command()
@in_session
def answer(
    certificate: ObjectArgument,
    *,
    file: Annotated[
        Path | None, typer.Option("--file", help="What answers; its hash is recorded, and it stays here.")
    ] = None,
    session: CommandSession,
) -> None:
    """Answer what was asked; of an application its exporter signs, of a certificate in force its issuer."""
    with session.client() as client:
        answer_receipt(session, client.certificates.answer(certificate, file=file))


@app.command()
@in_session
def replace(  # noqa: PLR0913 (each is an option of its own, and typer makes them of parameters)
    certificate: ObjectArgument,
    file: Annotated[Path, typer.Argument(help="The new certificate, edi3 JSON. It stays here.")],
    *,
    reason: Annotated[CertificateReplacement, typer.Option("--reason", help="Why.")],
    valid_from: FromOption = None,
    valid_until: UntilOption = None,
    consignment: ConsignmentOption = None,
    share: ShareOption = None,
    again: AgainOption = False,
    session: CommandSession,
) -> None:
    """Issue a certificate in the place of another one; its origin issuer signs. Prints the new one's id.

    It is for the same exporter and consignee. What was written off on the old one, as a proof shows it that has been
    checked, goes over line by line; while something is reserved on it, it is not replaced.
    """
    first, last = (None if text is None else moment_of(text) for text in (valid_from, valid_until))
    with session.client() as client:
        register = partial(
            client.certificates.replace,
            certificate,
            file,
            reason,
            valid_from_ms=first,
            valid_until_ms=last,
            consignment=consignment,
            share=readers_of(share),
        )
        answer_registration(session, lambda once_more: register(again=once_more), again=again)


add_acts(app, "certificate")


@app.command()
@in_session
def show(certificate: ObjectArgument, *, session: CommandSession) -> None:
    """Show a certificate, what is left on its lines, and which declarations name them; all of it is proven."""
    with session.client(signs=False) as client:
        view = client.certificates.show(certificate)
        drawings = drawings_on(client, view)
        rows = [(f"declaration {drawing.declaration.hex()}", drawing.words) for drawing in drawings]
        answer_object(session, client, view, {"declarations": drawings}, rows)
