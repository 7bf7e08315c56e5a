"""Certificates of origin, for callers that block.

Written from `hanse_client.resources.certificates` by `python -m tests.blocking_twins`; a test compares.
"""

from pathlib import Path

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import CertificateView
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt
from hanse_client.resources.certificates import AsyncCertificates
from hanse_ledger.kinds.certificate.bodies import CertificateRevocation
from hanse_ledger.values.types import Moment


class Certificates:
    """Certificates of origin and their balances. Reached as `client.certificates`."""

    def __init__(self, portal: Portal, calls: AsyncCertificates) -> None:
        self._portal, self._calls = portal, calls

    def issue(
        self,
        file: Path | str | bytes,
        *,
        exporter: Id,
        consignee: Id | None = None,
        discoverable: bool = True,
        valid_from_ms: Moment | None = None,
        valid_until_ms: Moment | None = None,
        again: bool = False,
    ) -> Receipt:
        """Certify the origin of an exporter's goods; the client's identity is an origin issuer's. Rule O-1.

        Each line opens a balance, from which imports draw.

        Args:
            file: a certificate in the UN/CEFACT data model, by path or as bytes.
            exporter: the exporter's party.
            consignee: the one party for which it counts; by default it counts for every buyer.
            discoverable: let anyone who holds the very file look it up.
            valid_from_ms: where the file does not say from when it is valid; by default the moment of issue, or
                the start of its day (UTC) where the file gives no time, else now.
            valid_until_ms: where the file does not say until when.
            again: register the file even if this home folder has registered it for this issuer, and it stands.

        Returns:
            The receipt. Of a file that stands already it is that of the record that stands, with the warning
            `registered-already`; nothing was sent then, so that trying again after an unclear failure is safe.

        Raises:
            DocumentError: the file is no certificate that can be registered.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        return self._portal.run(
            self._calls.issue,
            file,
            exporter=exporter,
            consignee=consignee,
            discoverable=discoverable,
            valid_from_ms=valid_from_ms,
            valid_until_ms=valid_until_ms,
            again=again,
        )

    def revoke(self, certificate: Id, reason: CertificateRevocation | str) -> Receipt:
        """Take a certificate back; the client's identity is its issuer's. Rule O-2.

        Args:
            certificate: the certificate.
            reason: a value of `CertificateRevocation`.
        """
        return self._portal.run(self._calls.revoke, certificate, reason)

    def show(self, certificate: Id) -> CertificateView:
        """Show a certificate and its balances as they stand, from a verified proof of its status."""
        return self._portal.run(self._calls.show, certificate)
