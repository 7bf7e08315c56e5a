"""Titles, for callers that block.

Written from `hanse_client.resources.titles` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import TitleView
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt, RecordView
from hanse_client.home.drafts import Draft
from hanse_client.resources.titles import AsyncTitles
from hanse_ledger.kinds.title.bodies import Medium
from hanse_ledger.values.types import MemberId, Moment


class Titles:
    """Titles. Reached as `client.titles`.

    What carrier and holder sign together one of them prepares, and hands on as `draft.to_json()`; the other one looks
    at it and calls `submit_draft(Draft.from_json(…))` within a week.
    """

    def __init__(self, portal: Portal, calls: AsyncTitles) -> None:
        self._portal, self._calls = portal, calls

    def issue(
        self,
        shipment: Id,
        file: Path | str | bytes,
        *,
        holder: Id,
        terms: Mapping[str, str],
        consignment: Id | None = None,
    ) -> Receipt:
        """Issue the title on a shipment; the client's identity is the carrier's. Rule T-3.

        Args:
            shipment: the shipment, which has not arrived.
            file: the bill of lading or other document of title. It stays here, and is committed to.
            holder: the party to whose order it is issued.
            terms: what the document says, by the names of the catalogue `transport`, such as `number`.
            consignment: where the carrier writes into one, it is put into it by this record. Rule U-3.

        Raises as `submit` does.
        """
        return self._portal.run(self._calls.issue, shipment, file, holder=holder, terms=terms, consignment=consignment)

    def transfer(self, title: Id, new_holder: Id) -> Receipt:
        """Pass a title on; the client's identity is its holder's. Rule T-4.

        Args:
            title: the title.
            new_holder: the party that holds it from then on, alone.
        """
        return self._portal.run(self._calls.transfer, title, new_holder)

    def reject(self, title: Id, reasons: Sequence[str]) -> Receipt:
        """Give a title back to whom it came from, within seven days; the client's identity is its holder's. Rule T-5.

        Args:
            title: the title.
            reasons: codes of the holder's own list, 1 to 16 capital letters, digits and hyphens each.
        """
        return self._portal.run(self._calls.reject, title, reasons)

    def prepare_surrender(self, title: Id) -> Draft:
        """Prepare the surrender of a title to its carrier, and sign it. Rule T-6.

        Holder and carrier sign; of a title on paper the carrier alone, once the paper has been presented.
        """
        return self._portal.run(self._calls.prepare_surrender, title)

    def prepare_amendment(self, title: Id, file: Path | str | bytes, *, terms: Mapping[str, str]) -> Draft:
        """Prepare an amended document of a title, and sign it; carrier and holder sign. Rule T-7.

        Args:
            title: the title.
            file: the amended document. It stays here, and is committed to.
            terms: what it says, `statement` among it: what is amended.
        """
        return self._portal.run(self._calls.prepare_amendment, title, file, terms=terms)

    def prepare_conversion(
        self,
        title: Id,
        medium: Medium | str,
        file: Path | str | bytes,
        *,
        terms: Mapping[str, str],
        holder: Id | None = None,
    ) -> Draft:
        """Prepare a change of a title's medium, and sign it; carrier and holder sign. Rule T-8.

        Args:
            title: the title.
            medium: `paper` or `electronic`: the new one.
            file: the document in its new form. It stays here, and is committed to.
            terms: what it says, `statement` among it: that it stands in place of the old form.
            holder: who has given the paper up, and holds the title from then on; to paper it is the present holder.
        """
        return self._portal.run(self._calls.prepare_conversion, title, medium, file, terms=terms, holder=holder)

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> Iterator[TitleView]:
        """Walk over titles, the newest first, each proven. That none is left out is the node's word.

        Args:
            state: only of this state, or of these.
            open: only those for which something is left to do, or only those that have ended.
            whose: a party's or member's; by default the client's own, or everybody's where it has no identity.
            other: only those that are this party's or member's too.
            since_ms: only those that were created at this block time or later.
            until_ms: only those that were created before this block time.

        Raises:
            InvalidInput: no title has such a state.
        """
        return self._portal.iterate(
            self._calls.list(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        )

    def show(self, title: Id) -> TitleView:
        """Show a title and its holder as they stand, from a verified proof of its status."""
        return self._portal.run(self._calls.show, title)

    def records(self, title: Id) -> Iterator[RecordView]:
        """Walk over a title's records, newest first, each proven and none left out."""
        return self._portal.iterate(self._calls.records(title))
