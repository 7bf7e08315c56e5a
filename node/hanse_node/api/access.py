"""Who may ask: on loopback everybody on the machine, elsewhere whoever has a token, for what its scopes open."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from starlette.datastructures import Headers

from hanse_ledger.values.types import Moment
from hanse_node.access.caller import SIGNERS, Caller, CallerKind, nobody_at
from hanse_node.access.proxies import Network, read_proxies, sender_of
from hanse_node.api.problems import EdgeRefusal
from hanse_node.base.errors import CannotStart
from hanse_node.publications.publicnames import is_published
from hanse_node.signing.tokens import Scope, Token, TokenBook

PUBLIC = frozenset({"/livez", "/readyz", "/log/checkpoint", "/verify"})
WHOLE_PATHS = {"/metrics": Scope.METRICS, "/v1/reads": Scope.READS}
PAYLOADS = "/v1/payloads/"
DISCOVERABLE = "/v1/documents/"
"""Whoever holds a file may ask which records show its hash: their issuers have said so."""

TILES, ENTRY_BUNDLES = "/log/tile/", "/log/tile/entries/"

WITH_ANY_TOKEN = frozenset({"/v1/trust", "/openapi.json", "/log/vkey", "/log/policy"})
"""What every program needs that asks anything at all."""

MEMBERS_ALONE = frozenset({"/v1/proposals"})

SIGNERS_READ = frozenset({Scope.READ, Scope.SUBMIT, Scope.PUBLISH, Scope.PAYLOADS, Scope.READS})
OPENED = {
    CallerKind.PARTY: SIGNERS_READ,
    CallerKind.OFFICER: SIGNERS_READ | {Scope.ENTRIES},
    CallerKind.MEMBER_KEY: SIGNERS_READ | {Scope.ENTRIES},
}
"""What a signed request opens without a token. How much of the ledger it shows then is another question."""

FORWARDED = ("forwarded", "x-forwarded-for", "via")
"""Headers that a proxy adds."""


def is_public(method: str, path: str) -> bool:
    """Tell whether a request needs nothing shown: health, heads, what is discoverable by its file, published proofs."""
    if method == "GET" and path.startswith(DISCOVERABLE):
        return True
    return path in PUBLIC or (method in ("GET", "DELETE") and is_published(path))


class Access:
    """What a request must show.

    `hosts` are the names under which a node answers that asks for no token; nil for any. (A web page that points its
    own name at this machine must not read the ledger.)
    """

    def __init__(
        self,
        tokens: TokenBook | None = None,
        hosts: frozenset[str] | None = None,
        proxies: Sequence[Network] = (),
    ) -> None:
        self.tokens, self._hosts, self._proxies = tokens, hosts, proxies

    @property
    def warning(self) -> str:
        """What is not well with it, for whoever asks how the node does; nothing while all is well."""
        return "the tokens were changed, and are not in order" if self.tokens and self.tokens.failure else ""

    def sender(self, address: str, forwarded: Sequence[str]) -> str:
        """Say from which address a request comes, which may have passed trusted proxies; see `proxies.sender_of`."""
        return sender_of(address, forwarded, self._proxies) if self._proxies else address

    @property
    def asks(self) -> bool:
        """Whether requests must show anything: a token, or a signature."""
        return self.tokens is not None and self.tokens.asked

    @property
    def callers(self) -> int:
        """How many callers have a share set aside: each token, and all who show nothing together."""
        return (0 if self.tokens is None else len(self.tokens.tokens)) + 1

    def signed(self, method: str, path: str, headers: Mapping[str, str]) -> bool:
        """Tell whether a request's signature is to be looked at: where it would count, and no token is shown."""
        return (
            self.asks
            and "signature-input" in headers
            and "authorization" not in headers
            and not is_public(method, path)
        )

    def hosts(self, headers: Headers) -> list[str]:
        """Give the authorities that a request names: its own, and what a proxy says that the operator trusts."""
        forwarded = headers.getlist("x-forwarded-host")[:1] if self._proxies else []
        return [headers.get("host", ""), *forwarded]

    def check_signer(self, method: str, path: str, caller: Caller) -> None:
        """Let whoever has signed a request ask for what signatures open. Raises EdgeRefusal (`out-of-scope`)."""
        assert caller.kind in SIGNERS
        scope = scope_of(method, path)
        if path in MEMBERS_ALONE and caller.kind is CallerKind.PARTY:
            raise EdgeRefusal("out-of-scope", "what the members are voting on is theirs, and their auditors'")
        if scope is not None and scope not in OPENED[caller.kind]:
            raise EdgeRefusal("out-of-scope", f"this asks for a token with the scope {scope}; no key opens it")

    def check(self, method: str, path: str, headers: Mapping[str, str], address: str = "") -> Caller:
        """Let a request pass, or not, and say who asks.

        Args:
            method: of the request, in capitals.
            path: the decoded path.
            headers: by name in lower case.
            address: from which it comes.

        Raises:
            EdgeRefusal: `misdirected`, `unauthorized` or `out-of-scope`.
        """
        if self.tokens is None or not self.tokens.asked:
            self._check_direct(headers)
            return nobody_at(address)
        token = self._token(headers)
        if is_public(method, path) or (path.startswith(TILES) and not path.startswith(ENTRY_BUNDLES)):
            return nobody_at(address) if token is None else Caller(CallerKind.TOKEN, token.name)
        if token is None:
            raise EdgeRefusal("unauthorized", "the request bears no token of this node, and no signature")
        scope = scope_of(method, path)
        if scope is not None and scope not in token.scopes:
            detail = f"this asks for a token with the scope {scope}; {token.name}'s has none"
            if scope is Scope.PAYLOADS:
                detail += ": a reader of the document asks by its own key, without a token"
            raise EdgeRefusal("out-of-scope", detail)
        return Caller(CallerKind.TOKEN, token.name)

    def _check_direct(self, headers: Mapping[str, str]) -> None:
        """Where no token is asked for, insist that who asks is on this machine, and means this node."""
        if self._hosts is not None and _name(headers.get("host", "")) not in self._hosts:
            raise EdgeRefusal("misdirected", "the request names another host than this node's")
        if self._hosts is not None and any(name in headers for name in FORWARDED):
            detail = "the request came through a proxy, and this node asks for no token: its operator must make some"
            raise EdgeRefusal("misdirected", detail)

    def _token(self, headers: Mapping[str, str]) -> Token | None:
        """Find the token that a request bears. Raises EdgeRefusal where it has ended."""
        assert self.tokens is not None
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        token = self.tokens.find(secret.strip()) if scheme.lower() == "bearer" else None
        if token is not None and self.tokens.ended(token):
            end = datetime.fromtimestamp(token.ends / 1_000, UTC)
            raise EdgeRefusal("unauthorized", f"the token of {token.name} ended on {end:%Y-%m-%d %H:%M} UTC")
        return token


def scope_of(method: str, path: str) -> Scope | None:
    """Say what a token must open for a request; nil where any token will do."""
    if path in WITH_ANY_TOKEN:
        return None
    if path in WHOLE_PATHS:
        return WHOLE_PATHS[path]
    if path.startswith(ENTRY_BUNDLES):
        return Scope.ENTRIES
    if is_published(path):
        return Scope.PUBLISH
    if method not in ("GET", "HEAD"):
        return Scope.SUBMIT
    return _payload_scope(path) if path.startswith(PAYLOADS) else Scope.READ


def _payload_scope(path: str) -> Scope:
    """Say what a token must open to learn of a sealed document, or to have it."""
    if path.endswith("/upload"):
        return Scope.SUBMIT  # how far one's own sending has come
    # Of a token nobody knows whether its holder is a reader; of whoever signs it is known: `Holdings.may_fetch`.
    return Scope.READ if path.endswith("/delivery") else Scope.PAYLOADS


def access_for(host: str, token_file: Path, clock: Callable[[], Moment], proxies: str = "") -> Access:
    """Decide what a node on an address asks for.

    Args:
        host: the address on which it listens.
        token_file: its tokens (see `tokens`). Needed on any address but loopback; where there are some they are asked
            for on loopback too.
        clock: the present.
        proxies: whose `X-Forwarded-For` is believed, as the settings have them.

    Raises:
        CannotStart: there are none where they are needed, or the file or the proxies are not in order.
    """
    tokens, trusted = TokenBook(token_file, clock), read_proxies(proxies)
    if is_loopback(host):
        return Access(tokens, frozenset({"localhost", "127.0.0.1", "::1", host}), trusted)
    if not tokens.tokens:
        raise CannotStart(
            f"{host} can be reached from other machines, and there are no tokens in {token_file}",
            "Make some: hanse token create NAME --scope read --dir DIR; or listen on 127.0.0.1",
        )
    return Access(tokens, proxies=trusted)


def is_loopback(host: str) -> bool:
    """Tell whether an address can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False  # a name may lead anywhere


def _name(host: str) -> str:
    """Take the port off a Host header."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()
