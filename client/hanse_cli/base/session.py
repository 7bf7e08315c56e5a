"""The options that most commands share, and what is opened with them."""

import functools
import getpass
import inspect
import logging
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hanse_cli.base.console import as_fields, emit, emit_json, patience, say
from hanse_cli.base.errors import OutputFailed, UnderWay, WouldOverwrite
from hanse_cli.base.files import is_there, read_passphrase, read_text, write_file
from hanse_cli.base.ringchoice import choose_identity
from hanse_cli.base.signals import signals_end
from hanse_cli.base.values import in_groups
from hanse_client.base.errors import InvalidInput, Refused
from hanse_client.base.releases import wrong_release
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, OtherRelease
from hanse_ledger.values.moments import moment_words

if TYPE_CHECKING:
    from hanse_client.base.views import Unsettled
    from hanse_client.client import Client
    from hanse_client.home.identity import Identity
    from hanse_client.home.tokens.uri import TokenKeyName
    from hanse_ledger.proofs.trustfile import TrustFile

DEFAULT_NODE = "http://127.0.0.1:8080"
PANEL = "Common options"
ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout, on errors too.", rich_help_panel=PANEL)
]
PassphraseOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        envvar="HANSE_PASSPHRASE_FILE",
        help="File with the passphrase of the identity, mode 0600; without it the terminal is asked.",
        rich_help_panel=PANEL,
    ),
]
CaOption = Annotated[
    Path | None,
    typer.Option(
        "--ca-file",
        envvar="HANSE_CA_FILE",
        help="Certificates, PEM, of the authorities that may vouch for the node's TLS; by default the public ones.",
        rich_help_panel=PANEL,
    ),
]
TrustOption = Annotated[
    Path | None,
    typer.Option(
        "--trust", envvar="HANSE_TRUST", help="The trust file of the ledger, trust.json.", rich_help_panel=PANEL
    ),
]
"""Whom to trust: a file got from a member, never from the node that is asked."""


@dataclass(frozen=True)
class CommandSession:
    """What the common options say. Nothing is opened until a command asks for it."""

    node: Annotated[
        str,
        typer.Option(
            "--node",
            envvar="HANSE_NODE",
            help="URL of the node; of several of one ledger, with commas between them: any that answers will do.",
            rich_help_panel=PANEL,
        ),
    ] = DEFAULT_NODE
    identity: Annotated[
        Path | None,
        typer.Option(
            "--identity",
            envvar="HANSE_IDENTITY",
            help="Identity file that signs, such as seller.pem, or its name in the home folder.",
            rich_help_panel=PANEL,
        ),
    ] = None
    passphrase_file: PassphraseOption = None
    as_party: Annotated[
        str | None,
        typer.Option(
            "--party",
            envvar="HANSE_PARTY",
            help="Id of the party that signs, where the home folder does not know it.",
            rich_help_panel=PANEL,
        ),
    ] = None
    trust: TrustOption = None
    home: Annotated[
        Path | None,
        typer.Option("--home", envvar="HANSE_HOME", help="Folder for checkpoints and openings.", rich_help_panel=PANEL),
    ] = None
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            envvar="HANSE_TOKEN_FILE",
            help="File with the node's bearer token, mode 0600.",
            rich_help_panel=PANEL,
        ),
    ] = None
    ca_file: CaOption = None
    quorum: Annotated[
        int | None,
        typer.Option(
            "--quorum",
            envvar="HANSE_QUORUM",
            min=1,
            help="How many members should vouch for a receipt; by default the ledger's own quorum.",
            rich_help_panel=PANEL,
        ),
    ] = None
    under: Annotated[
        list[str] | None,
        typer.Option(
            "--under",
            metavar="MANDATE",
            help="Id of a mandate under which the identity signs, for its principal; may be repeated.",
            rich_help_panel=PANEL,
        ),
    ] = None
    countersigners: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="KEY",
            help="Public key of another who signs too, elsewhere: --draft writes the record for it; may be repeated.",
            rich_help_panel=PANEL,
        ),
    ] = None
    draft: Annotated[
        Path | None,
        typer.Option(
            "--draft",
            metavar="FILE",
            help="Where to write a record that others sign too: hanse record sign, hanse record submit.",
            rich_help_panel=PANEL,
        ),
    ] = None
    refusal: Annotated[
        Path | None,
        typer.Option(
            "--refusal",
            metavar="FILE",
            help="Where to write the node's signed refusal, if the rules refuse the record: hanse verify reads it.",
            rich_help_panel=PANEL,
        ),
    ] = None
    json: JsonOption = False
    _opened: "list[Client]" = field(default_factory=list, init=False)
    waiting: ExitStack = field(default_factory=ExitStack, init=False)
    _trust: "list[TrustFile]" = field(default_factory=list, init=False)

    def client(self, *, signs: bool = True, trust: Path | None = None, counterparty: str | None = None) -> "Client":
        """Open a client on the node; a context manager. With `signs` it holds the identity, else where a node wants it.

        Without --trust the trust file is `trust`, if one is named there.
        """
        from hanse_client.client import Client  # noqa: PLC0415 — what asks no node starts faster without it

        show_notices()
        client = Client(
            [url.strip() for url in self.node.split(",")],
            identity=self.signer(counterparty) if signs else None,
            asks_as=None if signs else self._reader,
            party=self.as_party,
            trust=self._trust[0] if self._trust else self.trust or trust,
            home=self.home,
            token_file=self.token_file,
            ca=self.ca_file,
            quorum=self.quorum,
        )
        client.sign_as(mandates=self.under or (), countersigners=self._need_countersigners())
        self._opened.append(client)
        self.waiting.enter_context(patience(f"Waiting for {self.node}"))
        return client

    def _need_countersigners(self) -> list[str]:
        """Give the keys of others who sign too. Raises InvalidInput where nothing is said of the draft, or of them."""
        if (self.draft is None) != (not self.countersigners):
            raise InvalidInput(
                "A draft is written for others who sign too.", "Give --with and --draft, or neither of them."
            )
        return self.countersigners or []

    @property
    def first_contact(self) -> dict[str, str] | None:
        """The ledger that was pinned on its node's word by this command: its id, and the fingerprint to compare."""
        taken = next((client.first_contact for client in self._opened if client.first_contact), None)
        return None if taken is None else {"ledger": taken.hex(), "fingerprint": in_groups(taken)}

    @property
    def unsettled(self) -> "tuple[Unsettled, ...]":
        """What this command has sent without learning what became of it."""
        return tuple(each for client in self._opened for each in client.unsettled)

    def page_address(self) -> str:
        """Name the verifier page of the node, the first where several are named."""
        return f"{self.node.split(',')[0].strip().rstrip('/')}/verify"

    def say_first_contact(self) -> None:
        """Say what was pinned, so that it can be compared with a member's."""
        taken = self.first_contact
        if taken is not None:
            say(
                f"This was the first contact with {self.node}, without a trust file. The ledger that it showed is "
                f"trusted from now on: fingerprint {taken['fingerprint']}. Compare it with a member's, by another way."
            )

    def signer(self, counterparty: str | None = None) -> "Identity":
        """Open the identity that signs: the one that is named, else the home folder's, which may be a counterparty's.

        Raises as `choose_identity` does, and IdentityError: the file is no identity, or the passphrase is wrong.
        """
        return open_identity(choose_identity(self.identity, self.home, counterparty), self.passphrase_file)

    def _reader(self) -> "Identity | None":
        """Open the identity of whoever reads; nil where none is named, and the home folder has none or several."""
        try:
            path = choose_identity(self.identity, self.home, None)
        except InvalidInput:
            return None
        return open_identity(path, self.passphrase_file)

    def trusted(self) -> "TrustFile | None":
        """Read the trust file, once; nothing when none is named. Raises InvalidInput."""
        if self.trust is not None and not self._trust:
            self._trust.append(read_trust_file(self.trust))
        return self._trust[0] if self._trust else None

    def answer(self, document: object, text: str) -> None:
        """Give a command's result: as text, or with --json as one document; a first contact is told in it too."""
        if self.json and self.first_contact is not None:
            document = {**as_fields(document), "first_contact": self.first_contact}
        answer(document, text, as_json=self.json)


def answer(document: object, text: str, *, as_json: bool) -> None:
    """Give a command's result: as text, or as one JSON document."""
    if as_json:
        emit_json(document)
    else:
        emit(text)


def answer_draft(session: CommandSession, path: Path, error: BaseException) -> bool:
    """Write the draft that others have to sign too, if that is why nothing was sent, and say what comes next."""
    from hanse_client.home.drafts import SignaturesMissing  # noqa: PLC0415 — what asks no node starts faster without it

    if not isinstance(error, SignaturesMissing):
        return False
    draft = error.draft
    write_file(path, draft.to_json(), force=False)
    missing, expires = [key.hex() for key in draft.missing], moment_words(draft.record.expires)
    document = {"draft": str(path), "record": draft.id, "missing": missing, "expires": expires}
    session.answer({**document, "object_id": draft.object_id}, draft.object_id.hex())
    say(f"{path} lacks {len(missing)} more signatures, until {expires}: hanse record sign {path}")
    return True


def keep_refusal(path: Path, error: BaseException) -> None:
    """Write what the node has signed of a record that it refused, if that is what happened."""
    if not isinstance(error, Refused):
        return
    if error.refusal.signed:
        write_file(path, error.refusal.signed, force=False)
        say(f"{path} has the refusal, signed by the node: hanse verify {path} --trust trust.json")
    else:
        say(f"The node has signed nothing that could be shown: {path} was not written.")


class _Messages(logging.Handler):
    """Says what goes wrong beside an answer, as it is met."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say it. What cannot be said takes nothing back."""
        with suppress(OutputFailed):
            say(f"Warning: {record.getMessage()}")


def show_notices() -> None:
    """Show the SDK's notices among a command's messages."""
    told = logging.getLogger("hanse_client.base.notices")
    if not told.handlers:
        told.addHandler(_Messages())
        told.propagate = False


def read_trust_file(path: Path) -> "TrustFile":
    """Read a trust file. Raises InvalidInput, or WrongRelease where it is of another release."""
    from hanse_ledger.proofs.trustfile import read_trust  # noqa: PLC0415 — what trusts nobody starts faster without it

    data = read_text(path, limits.TRUST_FILE_BYTES, "trust file")
    try:
        return read_trust(data)
    except OtherRelease as error:
        raise wrong_release(path, error) from error
    except Malformed as error:
        raise InvalidInput(
            f"{path} is no trust file: {error.detail.removeprefix('trust file: ')}.",
            "Get the ledger's trust file from a member.",
        ) from error


def open_identity(path: Path, passphrase_file: Path | None) -> "Identity":
    """Open an identity file; where it is encrypted, with the passphrase from a file, else from the terminal."""
    from hanse_client.home.identity import Identity, read_private  # noqa: PLC0415 — what signs nothing starts faster

    data = read_private(path)
    passphrase = passphrase_for(path, passphrase_file) if ENCRYPTED in data else None
    with patience(f"Opening {path}, which takes its time on purpose"):
        return Identity.read(data, passphrase, ask_pin)


def ask_pin(name: "TokenKeyName") -> str:
    """Ask the terminal for the PIN of a token. Raises InvalidInput: there is none."""
    if not sys.stdin.isatty():
        raise InvalidInput(
            f"The token {name.token!r} needs its PIN, and there is no terminal to ask.",
            "Name a file of mode 0600 as pin-source in the identity file.",
        )
    return getpass.getpass(f"PIN of the token {name.token!r}: ")


def passphrase_for(path: Path, passphrase_file: Path | None, *, new: bool = False) -> bytes:
    """Get the passphrase of an identity file.

    Args:
        path: the identity file, to be named to the user.
        passphrase_file: where the passphrase stands; without it the terminal is asked.
        new: it is being chosen, so that it is asked twice.

    Raises:
        InvalidInput: there is neither file nor terminal, or what is typed twice differs.
    """
    if passphrase_file is not None:
        return read_passphrase(passphrase_file)
    if not sys.stdin.isatty():
        raise InvalidInput(
            f"{path} needs a passphrase, and there is no terminal to ask.",
            "Name a file of mode 0600 with --passphrase-file or HANSE_PASSPHRASE_FILE.",
        )
    typed = getpass.getpass(f"Passphrase for {path}: ").encode()
    if not typed:
        raise InvalidInput("The passphrase is empty.", "Type one, or name a file with --passphrase-file.")
    if new and getpass.getpass("The same again: ").encode() != typed:
        raise InvalidInput("The two passphrases differ.", "Try again.")
    return typed


def in_session(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the common options: they reach it as one `CommandSession`, in its parameter `session`."""
    own = [
        parameter
        for parameter in inspect.signature(command, eval_str=True).parameters.values()
        if parameter.name != "session"
    ]
    shared = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in inspect.signature(CommandSession, eval_str=True).parameters.values()
    ]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        options = {parameter.name: given.pop(parameter.name) for parameter in shared}
        session = CommandSession(**options)
        if session.refusal is not None and is_there(session.refusal):
            raise WouldOverwrite(session.refusal)
        try:
            with session.waiting, signals_end():
                command(session=session, **given)
        except (KeyboardInterrupt, Exception) as error:
            if session.draft is not None and answer_draft(session, session.draft, error):
                return
            if session.refusal is not None:
                keep_refusal(session.refusal, error)
            unsettled = session.unsettled
            if unsettled and not isinstance(error, typer.Exit):
                raise UnderWay(error, unsettled) from error
            raise
        finally:
            session.say_first_contact()

    parameters = [*(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own), *shared]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    vars(run)["__signature__"] = inspect.Signature(parameters)
    return run
