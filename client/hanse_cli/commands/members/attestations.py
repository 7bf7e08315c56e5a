"""`hanse party attest` and `attestations`: who has looked at what of who a party is."""

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.consent import YesOption, need_consent
from hanse_cli.base.console import emit, emit_json, say
from hanse_cli.base.files import read_text
from hanse_cli.base.session import CommandSession
from hanse_cli.base.values import ObjectArgument
from hanse_cli.output.results import answer_receipt
from hanse_client.base.clock import now_ms
from hanse_client.base.found import AttestationView
from hanse_client.home.enrolments import REQUEST_BYTES
from hanse_client.resources.sharing.lookedat import LookedAt
from hanse_ledger.values.moments import moment_words
from hanse_words import ENGLISH, catalogue_of
from hanse_words.terms import term_id

PANEL = "What was looked at"

ShownOption = Annotated[
    Path | None,
    typer.Option(
        "--shown",
        metavar="FILE",
        help="The party's enrolment request, or what `hanse party show --opening` has written for it; by default what "
        "is kept here.",
    ),
]
ExaminerOption = Annotated[str, typer.Option("--examiner", metavar="NAME", help="Who looked.")]
DayOption = Annotated[str, typer.Option("--day", metavar="DATE", help="When, such as 2026-09-14.")]
TermOption = Annotated[
    list[str], typer.Option("--term", metavar="NAME", help="For which term of the identity; may be repeated.")
]


def _text(flag: str, metavar: str, words: str) -> object:
    return typer.Option(flag, metavar=metavar, help=words, rich_help_panel=PANEL)


Documents = Annotated[list[str] | None, _text("--document", "WORDS", "A paper or a page, in words; may be repeated.")]
Lei = Annotated[str, _text("--lei", "LEI", "The LEI that was looked up.")]
Register = Annotated[str, _text("--register", "NUMBER", "The number in a register, with --register-name.")]
RegisterName = Annotated[str, _text("--register-name", "NAME", "Whose register.")]
RegisterDated = Annotated[str, _text("--register-dated", "DATE", "The day of the extract from it.")]
RegisterExtract = Annotated[Path | None, _text("--register-extract", "FILE", "The extract: its SHA-256 is said.")]
Vat = Annotated[str, _text("--vat", "NUMBER", "The VAT number that was checked.")]
VatConsultation = Annotated[str, _text("--vat-consultation", "NUMBER", "The number of the answer, as VIES gives it.")]
VatConsulted = Annotated[str, _text("--vat-consulted", "DATE", "The day of the answer.")]
Vlei = Annotated[str, _text("--vlei", "SAID", "The SAID of the vLEI credential that was verified.")]
Wallet = Annotated[Path | None, _text("--wallet", "FILE", "A credential from a wallet: its SHA-256 is said.")]
WalletType = Annotated[str, _text("--wallet-type", "TYPE", "That credential's type.")]
WalletIssuer = Annotated[str, _text("--wallet-issuer", "NAME", "Who issued it.")]
Unexamined = Annotated[str, _text("--unexamined-because", "WORDS", "Why nothing was looked at, where nothing was.")]


def attest(  # noqa: PLR0913 (each is an option of its own)
    party: ObjectArgument,
    *,
    examiner: ExaminerOption,
    day: DayOption,
    term: TermOption,
    shown: ShownOption = None,
    document: Documents = None,
    lei: Lei = "",
    register: Register = "",
    register_name: RegisterName = "",
    register_dated: RegisterDated = "",
    register_extract: RegisterExtract = None,
    vat: Vat = "",
    vat_consultation: VatConsultation = "",
    vat_consulted: VatConsulted = "",
    vlei: Vlei = "",
    wallet: Wallet = None,
    wallet_type: WalletType = "",
    wallet_issuer: WalletIssuer = "",
    unexamined_because: Unexamined = "",
    yes: YesOption = False,
    session: CommandSession,
) -> None:
    """Attest that somebody has looked at who a party is; the member with which it is signs. Prints the party's id.

    What is vouched for is shown first: who the party is, as its enrolment commits to it, and what was looked at. It is
    committed to, and told to nobody: who has the home folder can show it to whom it must answer, term by term.
    """
    looked_at = LookedAt(
        documents=tuple(document or ()),
        lei=lei,
        register=register,
        register_name=register_name,
        register_dated=register_dated,
        register_extract=register_extract,
        vat=vat,
        vat_consultation=vat_consultation,
        vat_consulted=vat_consulted,
        vlei=vlei,
        wallet=wallet,
        wallet_type=wallet_type,
        wallet_issuer=wallet_issuer,
        unexamined_because=unexamined_because,
    )
    seen = looked_at.terms(now_ms())
    with session.client() as client:
        identity = client.parties.identity(party, None if shown is None else read_text(shown, REQUEST_BYTES, "file"))
        rows = [(_words(name), identity.get(name, "not stated")) for name in term]
        rows += [("looked at by", examiner), ("looked at on", day)]
        rows += [(_words(name), value) for name, value in seen.items()]
        need_consent(f"This says that party {party} is, as somebody has looked at", rows, yes=yes)
        receipt = client.parties.attest(party, examiner=examiner, day=day, terms=term, looked_at=looked_at)
        answer_receipt(session, receipt)
    shows = ",".join(["examined", "examiner", *seen, *(f"terms/{place}" for place in range(1, len(term) + 1))])
    say(
        f"Show what of it you will: hanse proof {party} --disclose {receipt.record_id.hex()}:{shows} "
        f"--disclose {party}:{','.join(term)}"
    )


def attestations(
    party: ObjectArgument,
    *,
    most: Annotated[int, typer.Option("--most", min=1, max=100_000, help="How many at most.")] = 50,
    session: CommandSession,
) -> None:
    """List what members have attested of who a party is, newest first; each is proven, and none is left out.

    What was looked at is known in the home folder of the member that attested it; elsewhere that it was, and when.
    """
    with session.client(signs=False) as client:
        found = [*islice(client.parties.attestations(party), most)]
    if session.json:
        emit_json({"attestations": found})
        return
    for each in found:
        emit(_line(each))
    if not found:
        say(f"Nobody has attested who party {party} is.")


def _line(view: AttestationView) -> str:
    said = "what was looked at is not known here"
    if view.terms is not None:
        said = "; ".join(f"{_words(name)} {value}" for name, value in sorted(view.terms.items()))
    return f"{moment_words(view.time_ms)}  {view.record_id.hex()}  {said}"


def _words(name: str) -> str:
    """Name a term as people do."""
    return catalogue_of(ENGLISH).get(term_id(name), name)
