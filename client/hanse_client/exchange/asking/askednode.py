"""One node as it is asked: requests are signed where it asks who reads, and its user bears no token.

Nothing is signed before the node asks for it (`Accept-Signature`, RFC 9421, section 5.1). From then on every request
is, anew each time it is sent. The moment that it names is of the node's own clock, as its `Date` has told it: a machine
whose clock is wrong reads all the same, and its user is told.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cached_property
from secrets import token_bytes

import anyio

from hanse_client.base.clock import SECOND_MS, now_ms
from hanse_client.base.errors import HanseError, SetupError
from hanse_client.exchange.problems import read_problem
from hanse_client.home.identity import Identity
from hanse_io.outgoing import Answer, NoStream, Outgoing, ServerSentEvent
from hanse_io.signedrequests import NONCE_BYTES, Stamp, ledger_asked_for, sign_request
from hanse_ledger.values.moments import span_words
from hanse_ledger.values.types import LedgerId

COUNTS_SECONDS = 60
"""So long a signature counts."""

TRIES = 4
"""A request is sent at most so often until a node takes its signature."""

PAUSE_S = 1.0
UNAUTHORIZED = 401
CLOCK_TOLD_SECONDS = 60
"""From such a difference of the clocks on the user is told."""

Headers = Sequence[tuple[str, str]]
Tell = Callable[[str, HanseError], object]
AsksAs = Callable[[], Identity | None]


class RequestSigner:
    """With whose key requests are signed, for which ledger, and who is told what is wrong beside."""

    def __init__(self, asks_as: AsksAs, ledger: Callable[[], LedgerId | None], tell: Tell) -> None:
        """Prepare.

        Args:
            asks_as: gives the keys, or nil where there are none; it is asked once, as soon as a node asks who reads.
            ledger: gives the ledger that is trusted; nil while none is: then the one that the node names counts.
            tell: is told, once, that the clocks differ.
        """
        self._asks_as, self.ledger, self.tell = asks_as, ledger, tell

    @cached_property
    def identity(self) -> Identity | None:
        """Whose key signs. Raises what `asks_as` does."""
        return self._asks_as()


class AskedNode:
    """One node. Lives on one event loop."""

    def __init__(self, calls: Outgoing, signer: RequestSigner | None) -> None:
        """Ask by `calls`; without a signer nothing is ever signed."""
        self._calls, self._signer = calls, signer
        self.url = calls.url
        self._named: LedgerId | None = None
        self._ahead = 0

    @property
    def signs(self) -> bool:
        """Whether the node has asked for signatures, and gets them."""
        return self._signer is not None and self._named is not None and self._signer.identity is not None

    async def close(self) -> None:
        """Close all connections. May be called twice."""
        await self._calls.close()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        most: int,
        body: bytes | None = None,
        headers: Headers = (),
        seconds: float | None = None,
    ) -> Answer:
        """Make a call: see `Outgoing.ask`. Where the node wants a signature, once more with one."""
        for attempt in range(1, TRIES + 1):
            signature = self._sign(method, path, body)
            fields = [*headers, *signature]
            answer = await self._calls.ask(method, path, most=most, body=body, headers=fields, seconds=seconds)
            if attempt == TRIES or not await self._learn(answer, signed=bool(signature)):
                return answer
        raise AssertionError("the last attempt returns")

    async def events(
        self, path: str, *, idle_seconds: float, headers: Headers = ()
    ) -> AsyncGenerator[ServerSentEvent | None, None]:
        """Read server-sent events: see `Outgoing.events`. Where the node wants a signature, once more with one."""
        for attempt in range(1, TRIES + 1):
            signature = self._sign("GET", path, None)
            events = self._calls.events(path, idle_seconds=idle_seconds, headers=[*headers, *signature])
            try:
                async with aclosing(events):
                    async for event in events:
                        yield event
            except NoStream as other:
                if attempt == TRIES or not await self._learn(other.answer, signed=bool(signature)):
                    raise
                continue
            return

    def _sign(self, method: str, path: str, body: bytes | None) -> Headers:
        """Sign a request, if the node asks for it."""
        signer, named = self._signer, self._named
        # Whose key it is is asked for no sooner than a node asks for a signature: an identity may have a passphrase.
        identity = None if signer is None or named is None else signer.identity
        if signer is None or named is None or identity is None:
            return ()
        return sign_request(
            method,
            self.url.netloc.decode("ascii"),
            self._calls.target(path),
            body,
            Stamp(
                key=identity.public_key,
                ledger=signer.ledger() or named,
                created=now_ms() // SECOND_MS + self._ahead,
                seconds=COUNTS_SECONDS,
                nonce=token_bytes(NONCE_BYTES),
            ),
            identity.sign,
        )

    async def _learn(self, answer: Answer, *, signed: bool) -> bool:
        """Learn what a node wants that has refused a request; tell whether it may be asked again."""
        if self._signer is None or answer.status != UNAUTHORIZED:
            return False
        if not signed:
            self._named = ledger_asked_for(answer.headers.get(b"accept-signature", b"").decode("latin-1"))
            self._set_clock(self._signer, answer)
            return self._named is not None and self._signer.identity is not None
        code = read_problem(answer.body, answer.status).code
        if code == "request-untimely":
            self._set_clock(self._signer, answer)
            await anyio.sleep(PAUSE_S)  # a node that has just started takes nothing that is signed before
            return True
        return code == "request-replayed"

    def _set_clock(self, signer: RequestSigner, answer: Answer) -> None:
        """Take over how far the node's clock is ahead of this machine's, by its `Date` (RFC 9110, section 6.6.1)."""
        try:
            shown = parsedate_to_datetime(answer.headers.get(b"date", b"").decode("latin-1"))
            there = int(shown.replace(tzinfo=shown.tzinfo or UTC).timestamp())
        except (ValueError, OverflowError):
            return  # it does not say
        ahead = there - now_ms() // SECOND_MS
        self._ahead = ahead if abs(ahead) > 1 else 0
        if abs(ahead) >= CLOCK_TOLD_SECONDS:
            side = "behind" if ahead > 0 else "ahead of"
            signer.tell(
                "clocks-differ",
                SetupError(
                    f"This machine's clock is {span_words(abs(ahead) * SECOND_MS)} {side} that of the node at "
                    f"{self.url}.",
                    "Set the wrong one of the two. Requests are signed by the node's meanwhile.",
                ),
            )
