"""Hanse for whoever signs and checks: it trusts no node, and verifies every answer.

Names are loaded when they are first used, so that a program that only verifies a file loads neither HTTP nor X.509.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hanse_client.aio import AsyncClient
    from hanse_client.base import errors
    from hanse_client.base.views import Notice, ObjectView, Receipt, RecordView, Refusal, Unsettled
    from hanse_client.client import Client
    from hanse_client.home.drafts import Draft
    from hanse_client.home.identity import Identity
    from hanse_client.verify.offline import verify_file
    from hanse_ledger.proofs.knownheads import KnownHeads
    from hanse_ledger.proofs.report import Report, Verdict

_HOMES = {
    "AsyncClient": "hanse_client.aio",
    "Client": "hanse_client.client",
    "Draft": "hanse_client.home.drafts",
    "Identity": "hanse_client.home.identity",
    "KnownHeads": "hanse_ledger.proofs.knownheads",
    "Notice": "hanse_client.base.views",
    "ObjectView": "hanse_client.base.views",
    "Receipt": "hanse_client.base.views",
    "RecordView": "hanse_client.base.views",
    "Refusal": "hanse_client.base.views",
    "Report": "hanse_ledger.proofs.report",
    "Unsettled": "hanse_client.base.views",
    "Verdict": "hanse_ledger.proofs.report",
    "verify_file": "hanse_client.verify.offline",
}

__all__ = [
    "AsyncClient",
    "Client",
    "Draft",
    "Identity",
    "KnownHeads",
    "Notice",
    "ObjectView",
    "Receipt",
    "RecordView",
    "Refusal",
    "Report",
    "Unsettled",
    "Verdict",
    "errors",
    "verify_file",
]


def __getattr__(name: str) -> object:
    """Load what is asked for."""
    if name == "errors":
        return import_module("hanse_client.base.errors")
    if name not in _HOMES:
        raise AttributeError(f"module 'hanse_client' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List what can be asked for."""
    return sorted({*globals(), *__all__})
