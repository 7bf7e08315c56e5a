"""Customs declarations: lodge, release, refuse, withdraw."""

from collections.abc import Sequence

from msgspec.structs import replace

from hanse_client.base.errors import InvalidInput
from hanse_client.base.identifiers import Id, parse_choice, parse_id
from hanse_client.base.objects import CertificateView, DeclarationView
from hanse_client.base.views import Receipt
from hanse_client.exchange.once import place_of, sign_body, submit_body, submit_once
from hanse_client.exchange.ownparties import own_party
from hanse_client.exchange.reading import show
from hanse_client.exchange.session import Session
from hanse_client.home.identity import Identity
from hanse_ledger.kinds.declaration.bodies import (
    CertificateUse,
    DeclarationLine,
    LapseDeclaration,
    LodgeDeclaration,
    RefuseDeclaration,
    Regime,
    ReleaseDeclaration,
    WithdrawDeclaration,
)
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.types import MemberId


class AsyncDeclarations:
    """Customs declarations. Reached as `client.declarations`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def lodge(
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
        if (certificate is None) == (not lines):
            raise InvalidInput("Goods are declared by lines or by a certificate.", "Give one of the two.")
        asked = LodgeDeclaration(
            customs=customs,
            declarant=await own_party(self._session, declarant),
            invoices=tuple(parse_id(invoice, "invoice") for invoice in invoices),
            lines=tuple(lines),
            principal=None if principal is None else parse_id(principal, "principal"),
            regime=parse_choice(Regime, regime, "regime"),
        )
        if certificate is None:
            return await submit_body(self._session, asked, cosign)
        drawn = parse_id(certificate, "certificate")

        async def make() -> Signed:
            # Looked at only now: what was sent before has reserved what was left.
            body = replace(asked, lines=await self._all_that_is_left(drawn))
            return await sign_body(self._session, body, cosign)

        return await submit_once(self._session, await place_of(self._session, asked, cosign, drawn), make)

    async def release(self, declaration: Id) -> Receipt:
        """Release the declared goods; the client's identity is the authority's. Rule C-2."""
        return await submit_body(self._session, ReleaseDeclaration(declaration=parse_id(declaration, "declaration")))

    async def refuse(self, declaration: Id, reasons: Sequence[str]) -> Receipt:
        """Refuse a declaration; the client's identity is the authority's. Rule C-3.

        Args:
            declaration: the declaration.
            reasons: codes from the authority's own published list, 1 to 16 capital letters, digits and hyphens each.
        """
        body = RefuseDeclaration(declaration=parse_id(declaration, "declaration"), reasons=tuple(sorted(set(reasons))))
        return await submit_body(self._session, body)

    async def withdraw(self, declaration: Id) -> Receipt:
        """Take back a declaration that customs has not decided. Rule C-4.

        The client's identity is the declarant's, or that of the party for which it declared.
        """
        return await submit_body(self._session, WithdrawDeclaration(declaration=parse_id(declaration, "declaration")))

    async def lapse(self, declaration: Id) -> Receipt:
        """Record that customs has not decided a declaration within ninety days. Rule C-5.

        The client's identity is the declarant's, the principal's, or that of a seller or buyer of a declared invoice.
        """
        return await submit_body(self._session, LapseDeclaration(declaration=parse_id(declaration, "declaration")))

    async def show(self, declaration: Id) -> DeclarationView:
        """Show a declaration as it stands, from a verified proof of its status."""
        return await show(self._session, declaration, DeclarationView)

    async def _all_that_is_left(self, certificate: Id) -> tuple[DeclarationLine, ...]:
        view = await show(self._session, certificate, CertificateView)
        lines = tuple(
            DeclarationLine(
                certificate=CertificateUse(certificate=view.id, line=number),
                hs_code=balance.hs_code,
                origin=balance.origin,
                quantity_micro=balance.available_micro,
                unit=balance.unit,
            )
            for number, balance in enumerate(view.balances, start=1)
            if balance.available_micro > 0
        )
        if not lines:
            raise InvalidInput(
                f"Nothing is left on the certificate {view.id.hex()}.",
                f"What drew on it: hanse certificate show {view.id.hex()}. Ask its issuer for another certificate.",
            )
        return lines
