"""What a node tells OpenTelemetry: nothing, also where the process that it runs in has providers."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from fastapi import FastAPI
from opentelemetry import _logs, metrics, trace

from hanse_node.access.caller import Caller
from hanse_node.signing import tls
from tests.world.front import front
from tests.world.peer_listener import peer_listener


class Told(trace.TracerProvider, metrics.MeterProvider, _logs.LoggerProvider):
    """A provider of everything, which notes that it was asked for something."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get_tracer(self, *given: Any, **named: Any) -> trace.Tracer:
        """Note it."""
        self.asked.append("tracer")
        return trace.NoOpTracerProvider().get_tracer(*given, **named)

    def get_meter(self, *given: Any, **named: Any) -> metrics.Meter:
        """Note it."""
        self.asked.append("meter")
        return metrics.NoOpMeterProvider().get_meter(*given, **named)

    def get_logger(self, *given: Any, **named: Any) -> _logs.Logger:
        """Note it."""
        self.asked.append("logger")
        return _logs.NoOpLoggerProvider().get_logger(*given, **named)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Have the process's providers be one that notes."""
    provider = Told()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    monkeypatch.setattr(metrics, "get_meter_provider", lambda: provider)
    for module in (_logs, _logs._internal):
        monkeypatch.setattr(module, "get_logger_provider", lambda: provider)
    return provider


async def _ask(app: FastAPI, path: str) -> int:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return (await client.get(path)).status_code


def test_the_library_would_tell(told: Told) -> None:
    """Left as it is, FastAPI asks whatever providers the process has: without this the tests below show nothing."""
    assert anyio.run(_ask, FastAPI(), "/") == 404
    assert {"tracer", "meter", "logger"} <= set(told.asked)


def test_a_node_tells_nothing(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither an answer nor a bug, with its words, reaches a provider."""
    with front(tmp_path) as node:
        monkeypatch.setattr(node.service.proofs, "trust", _fail)
        assert node.get("/livez").status_code == 200
        assert anyio.run(_ask, node.app, "/v1/trust") == 500
    assert told.asked == []


def test_the_listener_for_members_tells_nothing(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does what members' nodes ask."""
    monkeypatch.setattr(tls, "GRACE", timedelta(days=3_650))  # its certificates count now
    with peer_listener(tmp_path) as listener:
        assert listener.ask("bank", "GET", "/livez").status == 404
    assert told.asked == []


def _fail(_caller: Caller) -> bytes:
    raise RuntimeError("what nobody else should read")
