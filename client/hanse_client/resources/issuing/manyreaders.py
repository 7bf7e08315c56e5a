"""With whom many invoices are shared: each reader's key is proven once, and each file is sealed when its turn comes."""

from collections.abc import Sequence
from pathlib import Path

from anyio import to_thread

from hanse_client.base.errors import DocumentError, HanseError, InvalidInput
from hanse_client.base.files import read_source
from hanse_client.base.identifiers import Id
from hanse_client.exchange.session import Session
from hanse_client.home.openings import Opening
from hanse_client.resources.sharing.recipients import Recipient, recipient_named
from hanse_client.resources.sharing.sealed import SealedDocument, seal_document
from hanse_client.resources.sharing.travelling import Travelling
from hanse_client.sealing.content import READERS
from hanse_ledger.values.hashing import hash_bytes


class ManyReaders:
    """Finds readers, each once: those of all invoices, which are given here, and those of one."""

    def __init__(self, session: Session, share: Sequence[Id]) -> None:
        self._session, self._share = session, tuple(share)
        self._found: dict[Id, Recipient | HanseError] = {}

    async def named(self, more: Sequence[Id] = ()) -> tuple[Recipient, ...]:
        """Find to whose keys a document is sealed; none where nobody is named. Raises as `recipients_named`."""
        found = dict[bytes, Recipient]()
        for name in (*self._share, *more):
            each = await self._one(name)
            found[each.reader] = each
        if len(found) > READERS:
            raise InvalidInput(f"A document is shared with at most {READERS} readers; these are {len(found)}.")
        return tuple(found.values())

    async def _one(self, name: Id) -> Recipient:
        if name not in self._found:
            try:
                self._found[name] = await recipient_named(self._session, name)
            except InvalidInput as error:  # of what stands in the ledger; a node that does not answer may the next time
                self._found[name] = error
        found = self._found[name]
        if isinstance(found, HanseError):
            raise found
        return found


async def seal_file(
    session: Session, file: Path | str | bytes, opening: Opening, readers: Sequence[Recipient], identities: Travelling
) -> SealedDocument:
    """Read an invoice's file once more, and seal it. Raises DocumentError: it was changed, or is too large."""
    data, _ = await to_thread.run_sync(read_source, file)
    if hash_bytes(data) != opening.file_digest:
        raise DocumentError(
            f"{opening.name} was changed while it was registered.", "Let nothing write to it, and run the same again."
        )
    return await seal_document(session, data, opening, readers, identities)
