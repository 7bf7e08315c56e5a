"""Hanse for whoever signs and checks: it trusts no node, and verifies every answer.

Names are loaded when they are first used, so that a program that only verifies a file loads neither HTTP nor X.509.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hanse_client.aio import AsyncClient
    from hanse_client.base import errors
    from hanse_client.base.objects import (
        CertificateView,
        DeclarationView,
        InvoiceView,
        ObjectView,
        PartyView,
        PaymentView,
    )
    from hanse_client.base.views import Head, Notice, Outcome, Receipt, RecordView, Refusal, Unsettled
    from hanse_client.client import Client
    from hanse_client.home.drafts import Draft
    from hanse_client.home.enrolments import EnrolmentRequest
    from hanse_client.home.identity import Identity
    from hanse_client.verify.offline import verify_file
    from hanse_client.verify.report import Report
    from hanse_ledger.proofs.knownheads import KnownHeads
    from hanse_ledger.values.verdict import Verdict

_HOMES = {
    "AsyncClient": "hanse_client.aio",
    "CertificateView": "hanse_client.base.objects",
    "Client": "hanse_client.client",
    "DeclarationView": "hanse_client.base.objects",
    "Draft": "hanse_client.home.drafts",
    "EnrolmentRequest": "hanse_client.home.enrolments",
    "Head": "hanse_client.base.views",
    "Identity": "hanse_client.home.identity",
    "InvoiceView": "hanse_client.base.objects",
    "KnownHeads": "hanse_ledger.proofs.knownheads",
    "Notice": "hanse_client.base.views",
    "ObjectView": "hanse_client.base.objects",
    "Outcome": "hanse_client.base.views",
    "PartyView": "hanse_client.base.objects",
    "PaymentView": "hanse_client.base.objects",
    "Receipt": "hanse_client.base.views",
    "RecordView": "hanse_client.base.views",
    "Refusal": "hanse_client.base.views",
    "Report": "hanse_client.verify.report",
    "Unsettled": "hanse_client.base.views",
    "Verdict": "hanse_ledger.values.verdict",
    "verify_file": "hanse_client.verify.offline",
}

__all__ = [
    "AsyncClient",
    "CertificateView",
    "Client",
    "DeclarationView",
    "Draft",
    "EnrolmentRequest",
    "Head",
    "Identity",
    "InvoiceView",
    "KnownHeads",
    "Notice",
    "ObjectView",
    "Outcome",
    "PartyView",
    "PaymentView",
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
