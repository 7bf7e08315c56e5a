"""One call to a webhook's receiver: signed, bounded, and only to where the operator lets the node call."""

from collections.abc import Callable
from ipaddress import ip_network
from types import TracebackType
from typing import Self

from msgspec import Struct

from hanse_io.outgoing import BadFraming, NoAnswer, Outgoing, OutOfReach, Reach
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import Moment
from hanse_node.base.bounds import WEBHOOK_ANSWER_BYTES, WEBHOOK_SECONDS
from hanse_node.base.errors import CannotStart
from hanse_node.queries.cloudevents import MEDIA_TYPE
from hanse_node.store.beside.webhooks import HookDelivery
from hanse_node.webhooks.secretfiles import HookSecrets
from hanse_node.webhooks.signing import headers

URL_BYTES = 2_048
FAULT_LETTERS = 200
GONE = 410
LONGEST_WAIT_SECONDS = 3_600

MOST_NETWORKS = 32


class Message(Struct, frozen=True, kw_only=True):
    """What is sent: an event, with the id that it has each time it is sent."""

    id: str
    type: str
    position: int | None
    body: bytes


class Sent(Struct, frozen=True, kw_only=True):
    """What came of a call: what is kept of it, and how long the receiver asks to be left alone."""

    delivery: HookDelivery
    wait_ms: int = 0


def read_reach(text: str) -> Reach:
    """Read the setting: addresses and networks inside that may be called, parted by commas. Raises CannotStart."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    try:
        found = [ip_network(word) for word in words]
    except ValueError as error:
        raise CannotStart(f"`inside` in [webhooks] is wrong: {error}", "Write 127.0.0.1, 10.1.0.0/24") from error
    if len(found) > MOST_NETWORKS:
        raise CannotStart(f"`inside` names {len(found)} networks; at most {MOST_NETWORKS}", "Name larger ones")
    return Reach(found)


def check_url(url: str) -> None:
    """Insist that an address is one that can be called. Raises Malformed."""
    if len(url) > URL_BYTES or not url.isascii() or not url.isprintable() or " " in url:
        raise Malformed(f"the address has more than {URL_BYTES} letters, or others than ASCII's")
    try:
        calls = Outgoing(url, seconds=WEBHOOK_SECONDS, reach=Reach())
    except ValueError as error:
        raise Malformed(f"the address is none: {error}") from error
    if calls.url.userinfo or calls.url.fragment:
        raise Malformed("the address holds a user or a fragment, which are sent to nobody")


class Receiver:
    """Whoever is at a webhook's address. Lives on one event loop; connections are kept while it is open."""

    def __init__(self, url: str, secrets: HookSecrets, reach: Reach, clock: Callable[[], Moment]) -> None:
        """Prepare; nothing is sent yet.

        Args:
            url: where it is.
            secrets: with which messages are signed, each as long as it counts.
            reach: where the node may call.
            clock: the present in milliseconds since 1970.

        Raises:
            ValueError: the address is none.
        """
        parsed = Outgoing(url, seconds=WEBHOOK_SECONDS, reach=reach).url
        self._path = parsed.raw_path.decode("ascii")
        self._calls = Outgoing(
            f"{parsed.scheme}://{parsed.netloc.decode('ascii')}", seconds=WEBHOOK_SECONDS, reach=reach
        )
        self.secrets, self._clock = secrets, clock

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._calls.close()

    async def send(self, message: Message) -> Sent:
        """Send a message once, and say what came of it. It raises nothing that the receiver could cause."""
        begun = self._clock()
        status: int | None = None
        fault, wait_ms = "", 0
        try:
            answer = await self._calls.ask(
                "POST",
                self._path,
                most=WEBHOOK_ANSWER_BYTES,
                body=message.body,
                headers=[
                    ("content-type", MEDIA_TYPE),
                    ("user-agent", "hanse-webhooks/1"),
                    *headers(self.secrets.counting(begun), message.id, begun // 1_000, message.body),
                ],
            )
        except (NoAnswer, OutOfReach, BadFraming) as error:
            fault = str(error)[:FAULT_LETTERS]
        else:
            status = answer.status
            fault = "" if answer.ok else f"it answers with the status {status}"
            wait_ms = 0 if answer.ok else _wait(answer.headers.get(b"retry-after", b""))
        return Sent(
            delivery=HookDelivery(
                made=begun,
                id=message.id,
                position=message.position,
                type=message.type,
                milliseconds=max(0, self._clock() - begun),
                status=status,
                fault=fault,
            ),
            wait_ms=wait_ms,
        )


def _wait(text: bytes) -> int:
    """Read how long a receiver asks to be left alone, in milliseconds: an hour at most; a date is not read."""
    return 1_000 * min(int(text), LONGEST_WAIT_SECONDS) if text.isdigit() and len(text) < 10 else 0


def said_gone(delivery: HookDelivery) -> bool:
    """Tell whether the receiver wants nothing more, ever."""
    return delivery.status == GONE
