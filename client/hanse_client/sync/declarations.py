"""Customs declarations, for callers that block.

Written from `hanse_client.resources.declarations` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Sequence

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import DeclarationView
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt
from hanse_client.home.identity import Identity
from hanse_client.resources.declarations import AsyncDeclarations
from hanse_ledger.kinds.declaration.bodies import DeclarationLine, Regime
from hanse_ledger.values.types import MemberId


class Declarations:
    """Customs declarations. Reached as `client.declarations`."""

    def __init__(self, portal: Portal, calls: AsyncDeclarations) -> None:
        self._portal, self._calls = portal, calls

    def lodge(
        self,
        *,
        customs: MemberId,
        regime: Regime | str,
        invoices: Sequence[Id],
        lines: Sequence[DeclarationLine] = (),
        certificate: Id | None = None,
        principal: Id | None = None,
        declarant: Id | None = None,
        cosign: Sequence[Identity] = (),
    ) -> Receipt:
        """Declare goods to a customs authority; the client's identity is the declarant's. Rule C-1.

        Args:
            customs: the authority, by its member's name.
            regime: `import` or `export`; an import reserves the quantities on the certificates.
            invoices: the invoices of the goods.
            lines: the goods. Left out, all that is still available on `certificate` is declared.
            certificate: a certificate of origin; give it or `lines`.
            principal: the party for which the declarant acts; its identity must be among `cosign`.
            declarant: the declarant's party, where the home folder does not know it.
            cosign: who signs besides.

        Raises:
            InvalidInput: neither lines nor a certificate with anything left on it are given, or both.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        return self._portal.run(
            self._calls.lodge,
            customs=customs,
            regime=regime,
            invoices=invoices,
            lines=lines,
            certificate=certificate,
            principal=principal,
            declarant=declarant,
            cosign=cosign,
        )

    def release(self, declaration: Id) -> Receipt:
        """Release the declared goods; the client's identity is the authority's. Rule C-2."""
        return self._portal.run(self._calls.release, declaration)

    def refuse(self, declaration: Id, reasons: Sequence[str]) -> Receipt:
        """Refuse a declaration; the client's identity is the authority's. Rule C-3.

        Args:
            declaration: the declaration.
            reasons: codes from the authority's own published list, 1 to 16 capital letters, digits and hyphens each.
        """
        return self._portal.run(self._calls.refuse, declaration, reasons)

    def withdraw(self, declaration: Id) -> Receipt:
        """Take back a declaration that customs has not decided. Rule C-4.

        The client's identity is the declarant's, or that of the party for which it declared.
        """
        return self._portal.run(self._calls.withdraw, declaration)

    def lapse(self, declaration: Id) -> Receipt:
        """Record that customs has not decided a declaration within ninety days. Rule C-5.

        The client's identity is the declarant's, the principal's, or that of a seller or buyer of a declared invoice.
        """
        return self._portal.run(self._calls.lapse, declaration)

    def show(self, declaration: Id) -> DeclarationView:
        """Show a declaration as it stands, from a verified proof of its status."""
        return self._portal.run(self._calls.show, declaration)
