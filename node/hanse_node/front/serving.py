"""Serving: listeners, the servers behind them, and their common end."""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from ssl import SSLContext
from typing import Any, NamedTuple

import uvicorn

from hanse_node.base.bounds import CONNECTIONS, KEEP_ALIVE_SECONDS, STOP_SECONDS
from hanse_node.base.errors import CannotStart
from hanse_node.base.worker import Worker
from hanse_node.front.connections import BoundedConnection
from hanse_node.front.listening import Door

new_quick_loop: Callable[[], asyncio.AbstractEventLoop]
try:
    new_quick_loop = import_module("uvloop").new_event_loop
except ImportError:  # there is none for Windows
    new_quick_loop = asyncio.new_event_loop

LOOK_SECONDS = 0.05
"""How often a running node looks whether it is to stop."""


class Serving(NamedTuple):
    """A server, which is given no sockets of its own, and what accepts its connections."""

    server: uvicorn.Server
    door: Door


def make_serving(
    app: object,
    listener: socket.socket,
    connection: Callable[..., BoundedConnection],
    tls: Callable[[], SSLContext] | None = None,
) -> Serving:
    """Put an app behind a listener.

    Args:
        app: an ASGI app.
        listener: a bound socket.
        connection: makes a connection of what uvicorn gives it.
        tls: gives the TLS settings for the next connection; nil for none.
    """
    server = uvicorn.Server(_server_config(app))

    def make() -> BoundedConnection:
        state = server.lifespan.state
        return connection(config=server.config, server_state=server.server_state, app_state=state)

    return Serving(server, Door(listener, make, tls))


def serve(
    servers: Sequence[Serving],
    beside: Sequence[Worker],
    stop: threading.Event | None,
    announce: Callable[[], None],
) -> None:
    """Serve until one of the servers, a signal or `stop` says that it is over.

    Args:
        servers: all that is served.
        beside: what runs as long, on their event loop: it ends first, for servers wait for streams.
        stop: set by whoever wants an end.
        announce: called once everything is served.
    """
    uvicorns = [each.server for each in servers]

    async def run() -> None:
        for worker in beside:
            worker.start()
        serving = {asyncio.create_task(server.serve(sockets=[])) for server in uvicorns}
        doors: list[asyncio.Task[None]] = []
        announced = False
        while not all(task.done() for task in serving):
            if all(server.started for server in uvicorns) and not announced:
                announced = True
                doors = [asyncio.create_task(task.door.run()) for task in servers]
                announce()
            ended = any(task.done() for task in (*serving, *doors)) or any(server.should_exit for server in uvicorns)
            if ended or (stop is not None and stop.is_set()):
                for server in uvicorns:
                    server.should_exit = True
                for door in doors:
                    door.cancel()
                # Streams would go on for ever, and the server waits for them.
                for worker in reversed(beside):
                    worker.stop()
            await asyncio.wait(serving, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in serving:
            await task
        for done in await asyncio.gather(*doors, return_exceptions=True):
            if isinstance(done, Exception):
                raise done

    with _signals(uvicorns), asyncio.Runner(loop_factory=_loop_for(servers)) as runner:
        runner.run(run())


def _loop_for(servers: Sequence[Serving]) -> Callable[[], asyncio.AbstractEventLoop]:
    """Choose what makes the event loop.

    uvloop's takes a fifth less of the time of a single record. But it gives each TLS connection 256 KiB to read into,
    more than anybody has of whom nothing is known; so it serves where there is no TLS.
    """
    return asyncio.new_event_loop if any(server.door.tls for server in servers) else new_quick_loop


@contextmanager
def _signals(servers: Sequence[uvicorn.Server]) -> Iterator[None]:
    """Have SIGTERM and SIGINT stop the servers and nothing else.

    A server catches them while it serves, and raises them anew when it is done: by then they must not end the
    process, which still has to close what it opened.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_number: int, _frame: object) -> None:
        for server in servers:
            server.should_exit = True

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _server_config(app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # uvicorn's own type of an app is narrower than Starlette's
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS + 1,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


class Address(NamedTuple):
    """Where a host's name leads."""

    family: socket.AddressFamily
    address: tuple[Any, ...]


def resolve(host: str, port: int) -> Address:
    """Find the address of a host. Raises CannotStart."""
    try:
        addresses = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotStart(
            f"The host {host} is not known here: {reason}", "Name an address of this machine, such as 127.0.0.1"
        ) from error
    return Address(addresses[0][0], addresses[0][4])


def bind(host: str, port: int, address: Address) -> socket.socket:
    """Bind an address. Raises CannotStart."""
    try:
        # With the protocol named: asyncio sends small answers at once on such sockets alone, on others 40 ms late.
        listener = socket.socket(address.family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address.address)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise CannotStart(
            f"The address {host} with port {port} cannot be used: {error.strerror}",
            "Choose another port, or stop who uses it",
        ) from error
    return listener


def url_of(host: str, listener: socket.socket, scheme: str) -> str:
    """Write where a listener is reached."""
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{listener.getsockname()[1]}"
