"""Customs declarations: lodge, assess, query, answer, release, correct, refuse, withdraw, lapse."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from hanse_client.base.errors import InvalidInput
from hanse_client.base.files import read_source
from hanse_client.base.identifiers import Id, parse_choice, parse_id, parse_id_if
from hanse_client.base.objects import CertificateView, DeclarationView
from hanse_client.base.views import Receipt
from hanse_client.exchange.listing import Sought, list_objects
from hanse_client.exchange.once import place_of, sign_body, submit_body, submit_once
from hanse_client.exchange.ownparties import own_party
from hanse_client.exchange.reading import show
from hanse_client.exchange.session import Session
from hanse_client.home.identity import Identity
from hanse_client.resources.sharing.declared import share_declared
from hanse_ledger.kinds.declaration.bodies import (
    AnswerDeclaration,
    AssessDeclaration,
    CertificateUse,
    CorrectDeclaration,
    CustomsLane,
    DeclarationLine,
    LapseDeclaration,
    LineQuantity,
    LodgeDeclaration,
    LowValueGoods,
    QueryDeclaration,
    RefuseDeclaration,
    Regime,
    ReleaseDeclaration,
    WithdrawDeclaration,
)
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, MemberId, Moment, ObjectId


class AsyncDeclarations:
    """Customs declarations. Reached as `client.declarations`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def lodge(  # noqa: PLR0913 (what a declaration says, each by its name)
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
        if (certificate is None) == (not lines):
            raise InvalidInput("Goods are declared by lines or by a certificate.", "Give one of the two.")
        asked = LodgeDeclaration(
            consignment=parse_id_if(consignment, "consignment"),
            customs=customs,
            declarant=await own_party(self._session, declarant),
            invoices=tuple(parse_id(invoice, "invoice") for invoice in invoices),
            lines=tuple(lines),
            low_value=low_value,
            principal=parse_id_if(principal, "principal"),
            regime=parse_choice(Regime, regime, "regime"),
        )
        await share_declared(self._session, asked.declarant, asked.invoices, share)
        if certificate is None:
            return await submit_body(self._session, asked, countersign)
        return await self._draw(asked, parse_id(certificate, "certificate"), countersign)

    async def assess(
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
        body = AssessDeclaration(
            declaration=parse_id(declaration, "declaration"),
            lane=parse_choice(CustomsLane, lane, "lane"),
            profile=_hash_of(profile),
            reasons=tuple(sorted(set(reasons))),
        )
        return await submit_body(self._session, body)

    async def query(
        self, declaration: Id, reasons: Sequence[str], *, file: Path | str | bytes | None = None
    ) -> Receipt:
        """Ask the declarant something; the client's identity is the authority's. Rule C-7.

        Args:
            declaration: the declaration.
            reasons: codes of what is asked, from the authority's own list.
            file: a document that says more; its SHA-256 is recorded, and it is handed over outside the ledger.
        """
        body = QueryDeclaration(
            declaration=parse_id(declaration, "declaration"),
            document=_hash_of(file),
            reasons=tuple(sorted(set(reasons))),
        )
        return await submit_body(self._session, body)

    async def answer(self, declaration: Id, *, file: Path | str | bytes | None = None) -> Receipt:
        """Answer what customs has asked; the client's identity is the declarant's, or its principal's. Rule C-8.

        Args:
            declaration: the declaration; what is answered is the question that is open, from a verified proof.
            file: the document that answers; its SHA-256 is recorded, and it is handed over outside the ledger.

        Raises:
            InvalidInput: customs has asked nothing that is not answered.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        self._session.need_identity()
        view = await show(self._session, declaration, DeclarationView)
        if view.query is None:
            raise InvalidInput(
                f"Nothing is asked about the declaration {view.id.hex()}.",
                f"Look at it: hanse declaration show {view.id.hex()}.",
            )
        body = AnswerDeclaration(declaration=view.id, document=_hash_of(file), query=view.query.record)
        return await submit_body(self._session, body)

    async def release(self, declaration: Id, lines: Mapping[int, int] | None = None) -> Receipt:
        """Release declared goods; the client's identity is the authority's. Rule C-2.

        Args:
            declaration: the declaration.
            lines: how much of which lines, by their numbers, counted from 1, in millionths of their units; by default
                all that is not decided. What is left out stays lodged.
        """
        body = ReleaseDeclaration(
            declaration=parse_id(declaration, "declaration"),
            lines=None if lines is None else _quantities(lines),
        )
        return await submit_body(self._session, body)

    async def correct(self, declaration: Id, lines: Mapping[int, int]) -> Receipt:
        """Lower what was released by mistake; the client's identity is the authority's. Rule C-9.

        The record that released the lines is named as a verified proof of the declaration says.

        Args:
            declaration: the declaration.
            lines: by how much less, by the lines' numbers, counted from 1, in millionths of their units.

        Raises:
            InvalidInput: nothing of one of the lines is released, or they were released by different records.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        self._session.need_identity()
        view = await show(self._session, declaration, DeclarationView)
        releases = {view.lines[number - 1].released_by for number in lines if 1 <= number <= len(view.lines)}
        release = releases.pop() if len(releases) == 1 else None
        if release is None:
            raise InvalidInput(
                "No one record has released these lines.",
                f"Correct what each released by itself: hanse declaration show {view.id.hex()} names the records.",
            )
        return await submit_body(
            self._session, CorrectDeclaration(declaration=view.id, lines=_quantities(lines), release=release)
        )

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

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> AsyncIterator[DeclarationView]:
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
        sought = Sought(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        return list_objects(self._session, DeclarationView, sought)

    async def show(self, declaration: Id) -> DeclarationView:
        """Show a declaration as it stands, from a verified proof of its status."""
        return await show(self._session, declaration, DeclarationView)

    async def _draw(self, asked: LodgeDeclaration, certificate: ObjectId, countersign: Sequence[Identity]) -> Receipt:
        """Declare all that is left on a certificate."""

        async def make() -> Signed:
            # Looked at only now: what was sent before has reserved what was left.
            body = replace(asked, lines=await self._all_that_is_left(certificate))
            return await sign_body(self._session, body, countersign)

        return await submit_once(self._session, await place_of(self._session, asked, countersign, certificate), make)

    async def _all_that_is_left(self, certificate: Id) -> tuple[DeclarationLine, ...]:
        view = await show(self._session, certificate, CertificateView)
        lines = tuple(
            DeclarationLine(
                certificate=CertificateUse(certificate=view.id, line=number),
                hs_code=balance.hs_code,
                origin=balance.origin,
                quantity_micro=balance.available_micro,
                source=None,
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


def _hash_of(file: Path | str | bytes | None) -> Digest | None:
    return None if file is None else hash_bytes(read_source(file)[0])


def _quantities(lines: Mapping[int, int]) -> tuple[LineQuantity, ...]:
    return tuple(LineQuantity(line=number, quantity_micro=lines[number]) for number in sorted(lines))
