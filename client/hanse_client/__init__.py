"""Hanse for whoever signs and checks: it trusts no node, and verifies every answer.

Names are loaded when they are first used, so that a program that only verifies a file loads neither HTTP nor X.509.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hanse_client.aio import AsyncClient
    from hanse_client.base import errors
    from hanse_client.base.found import AttestationView, FileMatch, FileSearch, FoundRecord, TermDifference
    from hanse_client.base.objects import (
        CertificateView,
        ConsignmentView,
        DeclarationView,
        DocumentView,
        InvoiceView,
        MandateView,
        ObjectView,
        OfficeView,
        OrderView,
        PartyView,
        PaymentView,
        PledgeView,
        ShipmentView,
        TitleView,
    )
    from hanse_client.base.views import (
        Head,
        KeyStanding,
        Notice,
        Outcome,
        Publication,
        Receipt,
        RecordView,
        Refusal,
        Unsettled,
    )
    from hanse_client.client import Client
    from hanse_client.home.drafts import Draft, SignaturesMissing
    from hanse_client.home.enrolments import EnrolmentRequest
    from hanse_client.home.identity import Identity
    from hanse_client.home.knownnames import KnownName
    from hanse_client.resources.arriving.confirming import Confirmation, ConfirmationOutcome
    from hanse_client.resources.inbox.cases import InboxCase, InboxWait, InboxWorth
    from hanse_client.resources.inbox.comings import InboxChange
    from hanse_client.resources.sharing.lookedat import LookedAt
    from hanse_client.resources.sharing.partyreads import PartyRead, Reader
    from hanse_client.ring.ringkeys import KeyRing
    from hanse_client.verify.hookevents import WebhookEvent, WebhookVerifier
    from hanse_client.verify.offline import verify_file
    from hanse_client.verify.report import Report
    from hanse_ledger.proofs.knownheads import KnownHeads
    from hanse_ledger.values.verdict import Verdict

_HOMES = {
    "AsyncClient": "hanse_client.aio",
    "AttestationView": "hanse_client.base.found",
    "CertificateView": "hanse_client.base.objects",
    "Client": "hanse_client.client",
    "Confirmation": "hanse_client.resources.arriving.confirming",
    "ConfirmationOutcome": "hanse_client.resources.arriving.confirming",
    "ConsignmentView": "hanse_client.base.objects",
    "DeclarationView": "hanse_client.base.objects",
    "DocumentView": "hanse_client.base.objects",
    "Draft": "hanse_client.home.drafts",
    "EnrolmentRequest": "hanse_client.home.enrolments",
    "FileMatch": "hanse_client.base.found",
    "FileSearch": "hanse_client.base.found",
    "FoundRecord": "hanse_client.base.found",
    "Head": "hanse_client.base.views",
    "Identity": "hanse_client.home.identity",
    "InboxCase": "hanse_client.resources.inbox.cases",
    "InboxChange": "hanse_client.resources.inbox.comings",
    "InboxWait": "hanse_client.resources.inbox.cases",
    "InboxWorth": "hanse_client.resources.inbox.cases",
    "InvoiceView": "hanse_client.base.objects",
    "KeyRing": "hanse_client.ring.ringkeys",
    "KeyStanding": "hanse_client.base.views",
    "KnownHeads": "hanse_ledger.proofs.knownheads",
    "KnownName": "hanse_client.home.knownnames",
    "LookedAt": "hanse_client.resources.sharing.lookedat",
    "MandateView": "hanse_client.base.objects",
    "Notice": "hanse_client.base.views",
    "ObjectView": "hanse_client.base.objects",
    "OfficeView": "hanse_client.base.objects",
    "Outcome": "hanse_client.base.views",
    "OrderView": "hanse_client.base.objects",
    "PartyRead": "hanse_client.resources.sharing.partyreads",
    "PartyView": "hanse_client.base.objects",
    "PaymentView": "hanse_client.base.objects",
    "PledgeView": "hanse_client.base.objects",
    "Publication": "hanse_client.base.views",
    "Reader": "hanse_client.resources.sharing.partyreads",
    "Receipt": "hanse_client.base.views",
    "RecordView": "hanse_client.base.views",
    "Refusal": "hanse_client.base.views",
    "Report": "hanse_client.verify.report",
    "ShipmentView": "hanse_client.base.objects",
    "TitleView": "hanse_client.base.objects",
    "SignaturesMissing": "hanse_client.home.drafts",
    "TermDifference": "hanse_client.base.found",
    "Unsettled": "hanse_client.base.views",
    "Verdict": "hanse_ledger.values.verdict",
    "WebhookEvent": "hanse_client.verify.hookevents",
    "WebhookVerifier": "hanse_client.verify.hookevents",
    "verify_file": "hanse_client.verify.offline",
}

__all__ = [
    "AsyncClient",
    "AttestationView",
    "CertificateView",
    "Client",
    "Confirmation",
    "ConfirmationOutcome",
    "ConsignmentView",
    "DeclarationView",
    "DocumentView",
    "Draft",
    "EnrolmentRequest",
    "FileMatch",
    "FileSearch",
    "FoundRecord",
    "Head",
    "Identity",
    "InboxCase",
    "InboxChange",
    "InboxWait",
    "InboxWorth",
    "InvoiceView",
    "KeyRing",
    "KeyStanding",
    "KnownHeads",
    "KnownName",
    "LookedAt",
    "MandateView",
    "Notice",
    "ObjectView",
    "OfficeView",
    "OrderView",
    "Outcome",
    "PartyRead",
    "PartyView",
    "PaymentView",
    "PledgeView",
    "Publication",
    "Reader",
    "Receipt",
    "RecordView",
    "Refusal",
    "Report",
    "ShipmentView",
    "SignaturesMissing",
    "TermDifference",
    "TitleView",
    "Unsettled",
    "Verdict",
    "WebhookEvent",
    "WebhookVerifier",
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
