"""Customs declarations, for callers that block.

Written from `hanse_client.resources.declarations` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import DeclarationView
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt
from hanse_client.home.identity import Identity
from hanse_client.resources.declarations import AsyncDeclarations
from hanse_ledger.kinds.declaration.bodies import CustomsLane, DeclarationLine, LowValueGoods, Regime
from hanse_ledger.values.types import MemberId, Moment


class Declarations:
    """Customs declarations. Reached as `client.declarations`."""

    def __init__(self, portal: Portal, calls: AsyncDeclarations) -> None:
        self._portal, self._calls = portal, calls

    def lodge(  # noqa: PLR0913 (what a declaration says, each by its name)
        self,
        *,
        customs: MemberId,
        regime: Regime | str,
        invoices: Sequence[Id],
        lines: Sequence[DeclarationLine] = (),
        certificate: Id | None = None,
        low_value: LowValueGoods | None = None,
        principal: Id | None = None,
        declarant: Id | None = None,
        consignment: Id | None = None,
        countersign: Sequence[Identity] = (),
        share: Sequence[Id] = (),
    ) -> Receipt:
        """Declare goods to a customs authority; the client's identity is the declarant's. Rule C-1.

        Args:
            customs: the authority, by its member's name.
            regime: `import`, `export`, `low-value-import`, `bonded-admission`, `zone-release`, `return`; imports and
                zone releases reserve quantities on the certificates; each line of a zone release or a return says what
                it draws on.
            invoices: the invoices of the goods.
            lines: the goods. Left out, all that is still available on `certificate` is declared.
            certificate: a certificate of origin; give it or `lines`.
            low_value: what all the goods of a low-value import are worth, at most what its office has set in
                that currency, and which products they are, one a line; nothing of any other declaration.
            principal: the party for which the declarant acts; its identity must be among `countersign`.
            declarant: the declarant's party, where the home folder does not know it.
            consignment: where declarant or principal writes into one, it is put into it by this record. Rule U-3.
            countersign: who signs besides.
            share: who shall be able to open the invoices' documents, which are the declarant's: see `documents.grant`.

        Raises:
            InvalidInput: neither lines nor a certificate with anything left on it are given, or both; a document to be
                shared is another's, or is not there.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        return self._portal.run(
            self._calls.lodge,
            customs=customs,
            regime=regime,
            invoices=invoices,
            lines=lines,
            certificate=certificate,
            low_value=low_value,
            principal=principal,
            declarant=declarant,
            consignment=consignment,
            countersign=countersign,
            share=share,
        )

    def assess(
        self,
        declaration: Id,
        lane: CustomsLane | str,
        reasons: Sequence[str] = (),
        *,
        profile: Path | str | bytes | None = None,
    ) -> Receipt:
        """Say how closely a declaration is looked at; the client's identity is the authority's. Rule C-6.

        Args:
            declaration: the declaration.
            lane: `green` (let through), `blue` (looked at afterwards), `yellow` (the papers) or `red` (the goods).
            reasons: codes from the authority's own list, 1 to 16 capital letters, digits and hyphens each; green needs
                none.
            profile: the file of the risk profile by which it was assessed; its SHA-256 is recorded.
        """
        return self._portal.run(self._calls.assess, declaration, lane, reasons, profile=profile)

    def query(self, declaration: Id, reasons: Sequence[str], *, file: Path | str | bytes | None = None) -> Receipt:
        """Ask the declarant something; the client's identity is the authority's. Rule C-7.

        Args:
            declaration: the declaration.
            reasons: codes of what is asked, from the authority's own list.
            file: a document that says more; its SHA-256 is recorded, and it is handed over outside the ledger.
        """
        return self._portal.run(self._calls.query, declaration, reasons, file=file)

    def answer(self, declaration: Id, *, file: Path | str | bytes | None = None) -> Receipt:
        """Answer what customs has asked; the client's identity is the declarant's, or its principal's. Rule C-8.

        Args:
            declaration: the declaration; what is answered is the question that is open, from a verified proof.
            file: the document that answers; its SHA-256 is recorded, and it is handed over outside the ledger.

        Raises:
            InvalidInput: customs has asked nothing that is not answered.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        return self._portal.run(self._calls.answer, declaration, file=file)

    def release(self, declaration: Id, lines: Mapping[int, int] | None = None) -> Receipt:
        """Release declared goods; the client's identity is the authority's. Rule C-2.

        Args:
            declaration: the declaration.
            lines: how much of which lines, by their numbers, counted from 1, in millionths of their units; by default
                all that is not decided. What is left out stays lodged.
        """
        return self._portal.run(self._calls.release, declaration, lines)

    def correct(self, declaration: Id, lines: Mapping[int, int]) -> Receipt:
        """Lower what was released by mistake; the client's identity is the authority's. Rule C-9.

        The record that released the lines is named as a verified proof of the declaration says.

        Args:
            declaration: the declaration.
            lines: by how much less, by the lines' numbers, counted from 1, in millionths of their units.

        Raises:
            InvalidInput: nothing of one of the lines is released, or they were released by different records.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        return self._portal.run(self._calls.correct, declaration, lines)

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

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> Iterator[DeclarationView]:
        """Walk over declarations, the newest first, each proven. That none is left out is the node's word.

        Args:
            state: only of this state, or of these.
            open: only those for which something is left to do, or only those that have ended.
            whose: a party's or member's; by default the client's own, or everybody's where it has no identity.
            other: only those that are this party's or member's too.
            since_ms: only those that were created at this block time or later.
            until_ms: only those that were created before this block time.

        Raises:
            InvalidInput: no declaration has such a state.
        """
        return self._portal.iterate(
            self._calls.list(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        )

    def show(self, declaration: Id) -> DeclarationView:
        """Show a declaration as it stands, from a verified proof of its status."""
        return self._portal.run(self._calls.show, declaration)
