"""Calls to nodes: retries, several nodes in turn, and problems turned into errors.

Every request may be sent again: reads change nothing, and a record's id is made by its signer, so that the same
record sent twice stands once.
"""

import random
import ssl
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlencode

import anyio
import msgspec
from msgspec.structs import replace

from hanse_client.base.errors import (
    BadAnswer,
    NodeBusy,
    NodeFailed,
    NodeUnreachable,
    NotFound,
    Refused,
    SetupError,
    Unauthorized,
)
from hanse_client.base.streams import read_named
from hanse_client.exchange.asking.askednode import AskedNode, RequestSigner
from hanse_client.exchange.problems import read_problem
from hanse_io.durable import SAVE_AS_UTF8, not_utf8, open_to_others, without_mark
from hanse_io.outgoing import BYTES_A_SECOND, Answer, BadFraming, BadSurroundings, NoAnswer, NoStream, Outgoing
from hanse_ledger.values import limits

ATTEMPTS = 4
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0

TOKEN_BYTES = 4_096
AUTHORITIES_BYTES = 4 * 1024 * 1024
HEARTBEAT_TIMEOUT_S = 45.0
"""A node sends a comment at least every 15 seconds."""

NOT_FOUND = 404
_NOT_ALLOWED = {401, 403}
_TRY_AGAIN = {429, 502, 503, 504}

Headers = Sequence[tuple[str, str]]
Query = Sequence[tuple[str, str]]


class Transport:
    """Requests to one node, or to any of several: to the one that answered last, as long as it answers."""

    def __init__(
        self,
        url: str | Sequence[str],
        *,
        token_file: Path | None,
        timeout_ms: int,
        ca: Path | None = None,
        signer: RequestSigner | None = None,
    ) -> None:
        """Prepare; nothing is sent yet. Raises SetupError as `AsyncClient` says.

        Args:
            url: of one node, or of several.
            token_file: the token that is borne; without one requests are signed where a node asks for that.
            timeout_ms: see `AsyncClient`.
            ca: likewise.
            signer: signs them.
        """
        urls = [url] if isinstance(url, str) else list(url)
        if not 1 <= len(urls) <= limits.COSIGNERS:
            raise SetupError(f"{len(urls)} addresses of nodes are given.", f"Give 1 to {limits.COSIGNERS}.")
        token = None if token_file is None else read_token(token_file)
        context = None if ca is None else read_authorities(ca)
        signer = signer if token is None else None
        self._nodes = [AskedNode(_node(each, token, timeout_ms, context), signer) for each in urls]
        self.url = f"{str(self._nodes[0].url).rstrip('/')}/"
        """The first node's address, by which the others are known too."""
        self._at, self._seconds = 0, timeout_ms / 1_000

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self._nodes)

    async def close(self) -> None:
        """Close all connections. May be called twice."""
        for node in self._nodes:
            await node.close()

    async def get(self, path: str, *, most: int, query: Query = ()) -> bytes:
        """Read a resource of at most `most` bytes. What one of several nodes does not have, the others are asked for.

        Raises:
            NotFound, Unauthorized, Refused: the node says so.
            NodeUnreachable, NodeBusy, NodeFailed: it does not answer, or not now.
            BadAnswer: its answer is larger, or no answer to this.
        """
        return await self._request("GET", path, most=most, query=query)

    @property
    def node(self) -> str:
        """The address of the node that answered last."""
        return str(self._nodes[self._at].url)

    @property
    def signs(self) -> bool:
        """Whether requests to the node that answered last are signed."""
        return self._nodes[self._at].signs

    async def find_elsewhere(self, path: str, *, most: int) -> tuple[bytes | None, tuple[str, ...]]:
        """Look for a resource on the other nodes than the one that answered last, asking each once.

        Returns:
            The resource, if one has it, which is asked first from now on; and the addresses of those that do not.
        """
        without: list[str] = []
        for at in [(self._at + step) % len(self._nodes) for step in range(1, len(self._nodes))]:
            node = self._nodes[at]
            try:
                answer = await _ask(node, "GET", path, most)
            except (NodeUnreachable, BadAnswer):
                continue
            if answer.ok:
                self._at = at
                return answer.body, tuple(without)
            if answer.status == NOT_FOUND:
                without.append(str(node.url))
        return None, tuple(without)

    async def get_elsewhere(self, path: str, *, most: int) -> bytes:
        """Read a resource from another node than the one that answered last, asking once. Raises as `get` does."""
        node = self._nodes[(self._at + 1) % len(self._nodes)]
        answer = await _ask(node, "GET", path, most)
        if not answer.ok:
            raise _error(answer, node)
        return answer.body

    async def ask_each(self, path: str, *, most: int) -> list[tuple[str, Answer | NodeUnreachable | BadAnswer]]:
        """Ask every node for a resource, once each: its address, and what it answered, whatever the status."""
        answers: list[tuple[str, Answer | NodeUnreachable | BadAnswer]] = []
        for node in self._nodes:
            try:
                answers.append((str(node.url), await _ask(node, "GET", path, most)))
            except (NodeUnreachable, BadAnswer) as error:
                answers.append((str(node.url), error))
        return answers

    async def post(self, path: str, body: bytes, *, content_type: str, most: int, query: Query = ()) -> bytes:
        """Send bytes and read an answer of at most `most` bytes. Raises as `get` does."""
        return await self._request("POST", path, most=most, query=query, body=body, content_type=content_type)

    async def ask_one(
        self,
        method: str,
        path: str,
        *,
        url: str,
        most: int,
        body: bytes | None = None,
        headers: Headers = (),
    ) -> bytes:
        """Ask one of the nodes, and no other, for what it alone has; tried again where it does not answer.

        Args:
            method: `PUT` or `DELETE`; sent twice it does what it does once.
            path: what is asked for.
            url: the node's address; one that is not among these is not asked.
            most: how many bytes the answer may have.
            body: what is sent.
            headers: besides those that every request has.

        Raises:
            SetupError: it is none of these nodes. Else as `get` does.
        """
        node = next((each for each in self._nodes if str(each.url) == url), None)
        if node is None:
            raise SetupError(f"This was published at {url}, and that node is not named.", f"Name it: --node {url}")
        ends = anyio.current_time() + self._seconds + len(body or b"") / BYTES_A_SECOND
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = await _ask(node, method, path, most, body, headers, max(0.0, ends - anyio.current_time()))
            except NodeUnreachable:
                if attempt == ATTEMPTS or anyio.current_time() + _pause(attempt) >= ends:
                    raise
                await anyio.sleep(_pause(attempt))
                continue
            if answer.ok:
                return answer.body
            pause = (_retry_after(answer) or 0.0) + _pause(attempt)
            if answer.status not in _TRY_AGAIN or attempt == ATTEMPTS or anyio.current_time() + pause >= ends:
                raise _error(answer, node)
            await anyio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    async def events(self, path: str, *, after: int) -> AsyncGenerator[tuple[int, bytes] | None, None]:
        """Read server-sent events: the position and the data of each; nil is a sign of life. Ends with the connection.

        Raises as `get` does.
        """
        node = self._nodes[self._at]
        events = node.events(
            f"{path}?after={after}", idle_seconds=HEARTBEAT_TIMEOUT_S, headers=[("Last-Event-ID", str(after))]
        )
        try:
            async with aclosing(events):
                async for event in events:
                    yield None if event is None else (_position(event.id), event.data)
        except NoStream as other:
            raise _error(other.answer, node) from other
        except NoAnswer as error:
            self.move_on()
            raise _unreachable(node, error) from error
        except BadFraming as error:
            raise _unreadable(node, error) from error

    async def _request(
        self, method: str, path: str, *, most: int, query: Query, body: bytes | None = None, content_type: str = ""
    ) -> bytes:
        headers = [("Content-Type", content_type)] if body is not None else []
        address = f"{path}?{urlencode(list(query))}" if query else path
        count = len(self._nodes)
        # All attempts and the pauses between them share one time, or a node that drips would have it once for each.
        ends = anyio.current_time() + count * (self._seconds + len(body or b"") / BYTES_A_SECOND)
        for attempt in range(1, ATTEMPTS * count + 1):
            # Each node is asked in turn, and only then is there a pause.
            rounds, between = -(-attempt // count), attempt % count
            last = attempt == ATTEMPTS * count
            node, left = self._nodes[self._at], max(0.0, ends - anyio.current_time())
            try:
                answer = await _ask(node, method, address, most, body, headers, left)
            except NodeUnreachable:
                pause = 0.0 if between else _pause(rounds)
                if last or anyio.current_time() + pause >= ends:
                    raise
                self.move_on()
                await anyio.sleep(pause)
                continue
            except BadAnswer:
                if attempt >= count:
                    raise
                self.move_on()
                continue
            if answer.ok:
                return answer.body
            wait = _retry_after(answer)
            pause = 0.0 if between else _pause(rounds) if wait is None else wait + _pause(1)
            elsewhere = answer.status == NOT_FOUND and attempt < count
            again = answer.status in _TRY_AGAIN and not last and anyio.current_time() + pause < ends
            if not elsewhere and not again:
                asked = min(attempt, count) - 1
                raise _error(answer, node, [str(each.url) for each in self._nodes if each is not node][:asked])
            self.move_on()
            if again:
                await anyio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def move_on(self) -> None:
        """Ask the next node first from now on."""
        self._at = (self._at + 1) % len(self._nodes)


async def _ask(
    node: AskedNode,
    method: str,
    address: str,
    most: int,
    body: bytes | None = None,
    headers: Headers = (),
    seconds: float | None = None,
) -> Answer:
    """Ask a node once. Raises NodeUnreachable, BadAnswer."""
    try:
        return await node.ask(method, address, most=most, body=body, headers=headers, seconds=seconds)
    except NoAnswer as error:
        raise _unreachable(node, error) from error
    except BadFraming as error:
        raise _unreadable(node, error) from error


def _node(url: str, token: str | None, timeout_ms: int, context: ssl.SSLContext | None) -> Outgoing:
    headers = [("User-Agent", "hanse-sdk/1")]
    if token is not None:
        headers.append(("Authorization", f"Bearer {token}"))
    try:
        # A proxy has no business between a program and a node on the same machine: see `Outgoing`.
        node = Outgoing(url, seconds=timeout_ms / 1_000, headers=headers, context=context, environment=True)
    except BadSurroundings as error:
        raise SetupError(error.message, error.action) from error
    except ValueError as error:
        raise SetupError(f"{url[:256]!r} is no address: {error}.", "Give one such as http://localhost:8080.") from error
    if node.url.query or node.url.fragment or node.url.userinfo:
        raise SetupError(f"{url[:256]!r} is no node's address.", "Give one such as http://localhost:8080.")
    if token is not None and node.exposed:
        raise SetupError(f"The token would travel in the clear to {url}.", "Use an address that begins with https.")
    return node


def _unreachable(node: AskedNode, error: NoAnswer) -> NodeUnreachable:
    return NodeUnreachable(f"The node at {node.url} does not answer: {error}.", "Check its address, or try again.")


def _unreadable(node: AskedNode, error: BadFraming) -> BadAnswer:
    return BadAnswer(f"The node at {node.url} gives no answer that is read: {error}.")


def read_authorities(path: Path) -> ssl.SSLContext:
    """Read the certificates of the authorities that may vouch for a node's, and of no others. Raises SetupError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    step = "Name a file with their certificates in PEM."
    try:
        data = read_named(path, AUTHORITIES_BYTES)
        # What stands between the certificates may be in any letters: it is nobody's certificate.
        context.load_verify_locations(cadata=data.decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError) as error:
        raise SetupError(f"The authorities {path} are no certificates in PEM.", step) from error
    except OSError as error:
        raise SetupError(f"The authorities {path} cannot be read: {error.strerror}.", step) from error
    return context


def read_token(path: Path) -> str:
    """Read a bearer token from the first line of a file that nobody else may read. Raises SetupError."""
    try:
        data, exposed = without_mark(read_named(path, TOKEN_BYTES)), open_to_others(path)
    except OSError as error:
        raise SetupError(f"The token file {path} cannot be read: {error.strerror}.", "Check its name.") from error
    if exposed:
        raise SetupError(f"The token file {path} is open to other users.", f"Run: chmod 600 {path}")
    if fault := not_utf8(data):
        raise SetupError(f"The token file {path} cannot be read: {fault}.", f"{SAVE_AS_UTF8}.")
    token = data.split(b"\n", 1)[0].strip()
    if not token or not token.isascii() or not token.decode().isprintable() or b" " in token:
        raise SetupError(f"The token file {path} holds no token.", "Write the token into its first line.")
    return token.decode()


def _error(answer: Answer, node: AskedNode, others: Sequence[str] = ()) -> Refused | NodeUnreachable | BadAnswer:
    status = answer.status
    refusal = read_problem(answer.body, status)
    if status in _TRY_AGAIN:
        return NodeBusy(f"The node takes nothing at the moment: {refusal.text()}.", "Try again later.")
    if status >= 500:
        return NodeFailed(f"The node failed: {refusal.text()} ({refusal.request_id}).", "Tell its operator.")
    if status == NOT_FOUND:
        return NotFound(replace(refusal, said_by=str(node.url), others=tuple(others)))
    if status in _NOT_ALLOWED:
        return Unauthorized(refusal)
    if status < 400:
        return BadAnswer(f"The node answered with the status {status}.")
    return Refused(refusal)


def _pause(attempt: int) -> float:
    """Choose how long to wait: anywhere up to a bound that doubles, so that clients do not come back in step."""
    bound = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (attempt - 1))
    return random.SystemRandom().uniform(bound / 4, bound)


def _retry_after(answer: Answer) -> float | None:
    """Read Retry-After (RFC 9110, section 10.2.3): seconds, or a date."""
    text = answer.headers.get(b"retry-after", b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None  # Not a date either: as if it were not there.
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _position(name: bytes) -> int:
    if not name.isdigit() or len(name) > 19:
        raise BadAnswer("An event of the node's has no position.")
    return int(name)


def encode_batch(envelopes: Sequence[bytes]) -> bytes:
    """Write the body of a batch: a MessagePack array of envelopes as `bin`."""
    return msgspec.msgpack.encode(list(envelopes))
