"""The only speaker of HTTP: timeouts, retries, bounded answers, and problems turned into errors.

Every request may be sent again: reads change nothing, and a record's id is made by its signer, so that the same
record sent twice stands once.
"""

import random
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlencode

import anyio
import httpx
import msgspec

from hanse_client.durable import open_to_others, read_bounded
from hanse_client.errors import (
    BadAnswer,
    NodeBusy,
    NodeFailed,
    NodeUnreachable,
    NotFound,
    Refused,
    SetupError,
    Unauthorized,
)
from hanse_client.problems import read_problem
from hanse_ledger import limits

ATTEMPTS = 4
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
LONGEST_RETRY_AFTER_S = 30.0
"""A node that asks for a longer pause is reported as busy instead."""

TOKEN_BYTES = 4_096
PROBLEM_BYTES = 256 * 1024
EVENT_BYTES = 64 * 1024
HEARTBEAT_TIMEOUT_S = 45.0
"""A node sends a comment at least every 15 seconds."""

_TRY_AGAIN = {429, 502, 503, 504}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

Query = Sequence[tuple[str, str]]


class Transport:
    """Requests to one node, or to any of several: to the one that answered last, as long as it answers."""

    def __init__(self, url: str | Sequence[str], *, token_file: Path | None, timeout_ms: int) -> None:
        """Prepare; nothing is sent yet. Raises SetupError as `AsyncClient` says."""
        urls = [url] if isinstance(url, str) else list(url)
        if not 1 <= len(urls) <= limits.COSIGNERS:
            raise SetupError(f"{len(urls)} addresses of nodes are given.", f"Give 1 to {limits.COSIGNERS}.")
        token = None if token_file is None else read_token(token_file)
        self._nodes = [_client(each, token, timeout_ms) for each in urls]
        self.url = self._nodes[0].base_url
        """The first node's address, by which the others are known too."""
        self._at = 0

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self._nodes)

    async def close(self) -> None:
        """Close all connections. May be called twice."""
        for node in self._nodes:
            await node.aclose()

    async def get(self, path: str, *, most: int, query: Query = ()) -> bytes:
        """Read a resource of at most `most` bytes. What one of several nodes does not have, the others are asked for.

        Raises:
            NotFound, Unauthorized, Refused: the node says so.
            NodeUnreachable, NodeBusy, NodeFailed: it does not answer, or not now.
            BadAnswer: its answer is larger, or no answer to this.
        """
        return await self._request("GET", path, most=most, query=query)

    async def get_elsewhere(self, path: str, *, most: int) -> bytes:
        """Read a resource from another node than the one that answered last, asking once. Raises as `get` does."""
        node = self._nodes[(self._at + 1) % len(self._nodes)]
        answer, data = await self._ask(node, node.build_request("GET", path), most)
        if not answer.is_success:
            raise _error(answer.status_code, data)
        return data

    async def post(self, path: str, body: bytes, *, content_type: str, most: int, query: Query = ()) -> bytes:
        """Send bytes and read an answer of at most `most` bytes. Raises as `get` does."""
        return await self._request("POST", path, most=most, query=query, body=body, content_type=content_type)

    async def events(self, path: str, *, after: int) -> AsyncGenerator[tuple[int, bytes], None]:
        """Read server-sent events: the position and the data of each. Ends when the connection does.

        Raises as `get` does.
        """
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
        node = self._nodes[self._at]
        timeout = httpx.Timeout(node.timeout.connect, read=HEARTBEAT_TIMEOUT_S)
        try:
            async with node.stream(
                "GET", path, params={"after": str(after)}, headers=headers, timeout=timeout
            ) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise _error(answer.status_code, await _read(answer, PROBLEM_BYTES))
                async for event in _events(answer.aiter_bytes()):
                    yield event
        except httpx.TransportError as error:
            self._move_on()
            raise _unreachable(node, error) from error

    async def _request(
        self, method: str, path: str, *, most: int, query: Query, body: bytes | None = None, content_type: str = ""
    ) -> bytes:
        headers = {"Content-Type": content_type} if body is not None else {}
        # Put together here: the library would take the address apart once more.
        address = f"{path}?{urlencode(list(query))}" if query else path
        count = len(self._nodes)
        for attempt in range(1, ATTEMPTS * count + 1):
            # Each node is asked in turn, and only then is there a pause.
            last, rounds, between = attempt == ATTEMPTS * count, -(-attempt // count), attempt % count
            node = self._nodes[self._at]
            request = node.build_request(method, address, content=body, headers=headers)
            try:
                answer, data = await self._ask(node, request, most)
            except NodeUnreachable:
                if last:
                    raise
                self._move_on()
                if not between:
                    await anyio.sleep(_pause(rounds))
                continue
            if answer.is_success:
                return data
            wait = _retry_after(answer.headers)
            elsewhere = answer.status_code == httpx.codes.NOT_FOUND and attempt < count
            again = answer.status_code in _TRY_AGAIN and not last
            if not elsewhere and (not again or (count == 1 and (wait or 0) > LONGEST_RETRY_AFTER_S)):
                raise _error(answer.status_code, data)
            self._move_on()
            if again and not between:
                await anyio.sleep(_pause(rounds) if wait is None else min(wait, LONGEST_RETRY_AFTER_S) + _pause(1))
        raise AssertionError("the last attempt returns or raises")

    async def _ask(self, node: httpx.AsyncClient, request: httpx.Request, most: int) -> tuple[httpx.Response, bytes]:
        """Ask a node once. Raises NodeUnreachable, BadAnswer."""
        try:
            answer = await node.send(request, stream=True)
            try:
                return answer, await _read(answer, most if answer.is_success else PROBLEM_BYTES)
            finally:
                await answer.aclose()
        except httpx.TransportError as error:
            raise _unreachable(node, error) from error

    def _move_on(self) -> None:
        self._at = (self._at + 1) % len(self._nodes)


def _client(url: str, token: str | None, timeout_ms: int) -> httpx.AsyncClient:
    base = _base(url)
    local = base.host in _LOOPBACK
    if base.scheme == "http" and not local and token is not None:
        raise SetupError(f"The token would travel in the clear to {url}.", "Use an address that begins with https.")
    headers = {"Accept-Encoding": "identity", "User-Agent": "hanse-sdk/1"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return httpx.AsyncClient(
        base_url=base,
        headers=headers,
        timeout=timeout_ms / 1_000,
        follow_redirects=False,
        trust_env=not local,  # A proxy has no business between a program and a node on the same machine.
        limits=httpx.Limits(max_connections=32, max_keepalive_connections=16),
    )


def _unreachable(node: httpx.AsyncClient, error: httpx.TransportError) -> NodeUnreachable:
    words = str(error) or type(error).__name__
    return NodeUnreachable(f"The node at {node.base_url} does not answer: {words}.", "Check its address, or try again.")


def read_token(path: Path) -> str:
    """Read a bearer token from the first line of a file that nobody else may read. Raises SetupError."""
    try:
        data, exposed = read_bounded(path, TOKEN_BYTES), open_to_others(path)
    except OSError as error:
        raise SetupError(f"The token file {path} cannot be read: {error.strerror}.", "Check its name.") from error
    if exposed:
        raise SetupError(f"The token file {path} is open to other users.", f"Run: chmod 600 {path}")
    token = data.split(b"\n", 1)[0].strip()
    if not token or not token.isascii() or not token.decode().isprintable() or b" " in token:
        raise SetupError(f"The token file {path} holds no token.", "Write the token into its first line.")
    return token.decode()


def _base(url: str) -> httpx.URL:
    try:
        base = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise SetupError(f"{url[:256]!r} is no address: {error}.", "Give one such as http://localhost:8080.") from error
    if base.scheme not in ("http", "https") or not base.host or base.query or base.fragment or base.userinfo:
        raise SetupError(f"{url[:256]!r} is no node's address.", "Give one such as http://localhost:8080.")
    return base


async def _read(answer: httpx.Response, most: int) -> bytes:
    data = bytearray()
    async for chunk in answer.aiter_bytes():
        data += chunk
        if len(data) > most:
            raise BadAnswer(f"The node's answer has more than {most} bytes.")
    return bytes(data)


def _error(status: int, data: bytes) -> Refused | NodeUnreachable | BadAnswer:
    refusal = read_problem(data, status)
    if status in _TRY_AGAIN:
        return NodeBusy(f"The node takes nothing at the moment: {refusal.text()}.", "Try again later.")
    if status >= 500:
        return NodeFailed(f"The node failed: {refusal.text()} ({refusal.request_id}).", "Tell its operator.")
    if status == httpx.codes.NOT_FOUND:
        return NotFound(refusal)
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return Unauthorized(refusal)
    if status < 400:
        return BadAnswer(f"The node answered with the status {status}.")
    return Refused(refusal)


def _pause(attempt: int) -> float:
    """Choose how long to wait: anywhere up to a bound that doubles, so that clients do not come back in step."""
    bound = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (attempt - 1))
    return random.SystemRandom().uniform(bound / 4, bound)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After (RFC 9110, section 10.2.3): seconds, or a date."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None  # Not a date either: as if it were not there.
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


async def _events(chunks: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, bytes]]:
    """Split a stream into events (WHATWG HTML, section 9.2.6): those that have an id and data."""
    pending = b""
    name, data = b"", bytearray()
    async for chunk in chunks:
        *lines, pending = (pending + chunk).split(b"\n")
        if len(pending) > EVENT_BYTES:
            raise BadAnswer(f"An event of the node's has more than {EVENT_BYTES} bytes.")
        for line in lines:
            field, _, value = line.rstrip(b"\r").partition(b":")
            value = value.removeprefix(b" ")
            if field == b"id":
                name = value
            elif field == b"data":
                data += value if not data else b"\n" + value
                if len(data) > EVENT_BYTES:
                    raise BadAnswer(f"An event of the node's has more than {EVENT_BYTES} bytes.")
            elif data and not line.rstrip(b"\r"):
                yield _position(name), bytes(data)
                name, data = b"", bytearray()


def _position(name: bytes) -> int:
    if not name.isdigit() or len(name) > 19:
        raise BadAnswer("An event of the node's has no position.")
    return int(name)


def encode_batch(envelopes: Sequence[bytes]) -> bytes:
    """Write the body of a batch: a MessagePack array of envelopes as `bin`."""
    return msgspec.msgpack.encode(list(envelopes))
