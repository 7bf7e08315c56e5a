"""Published proofs: publish, list, withdraw; and status codes for paper.

A published proof is shown by one node, under an unguessable name, to whoever has the name. The node makes it anew
hourly, so that a later revocation shows.
"""

from contextlib import suppress
from urllib.parse import urlsplit

from msgspec.structs import replace

from hanse_client.base.clock import now_ms
from hanse_client.base.errors import BadAnswer, InvalidInput, NotFound, Refused
from hanse_client.base.identifiers import Id
from hanse_client.base.views import Publication
from hanse_client.exchange.answers import PublicationAnswer, read_answer
from hanse_client.exchange.reading import fetch_proof
from hanse_client.exchange.session import Session
from hanse_client.home.publications import FORMAT, PublicationFile, new_name
from hanse_client.verify.offline import verify_file
from hanse_ledger.proofs.prooffile import MEDIA_TYPE, read_proof
from hanse_ledger.proofs.statuscode import write_status
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.verdict import Verdict

ANSWER_BYTES = 16 * 1024
RELIABLE = (Verdict.VALID, Verdict.VALID_WITH_WARNINGS)


class AsyncPublications:
    """What is published, by this client."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def publish(self, proof: bytes) -> Publication:
        """Publish a proof file at the node, under a new name. The token needs the scope `publish`.

        Whoever has the address reads it, and sees what it tells: with terms all headers of the records. What withdraws
        it is kept in the home folder before it is sent; where no answer comes, publishing the same subjects with the
        same terms again sends the same call.

        Args:
            proof: what `proof` gave; `proof(…, status=True)` for how the objects stand, without records.

        Raises:
            InvalidInput: it is no proof on which anybody should rely.
            Refused: the node publishes no such proof, or has no room.
            NodeUnreachable: no answer; the same call again is harmless.
        """
        report = verify_file(proof, await self._session.trust(), now_ms())
        if report.verdict not in RELIABLE:
            raise InvalidInput(f"This is nothing to publish: {report.detail}.", "Publish a proof that is valid.")
        file, node = read_proof(proof), self._session.transport.node
        objects, terms = tuple(each.id for each in file.objects), tuple(term.name for term in report.terms)
        pending = self._pending(node, objects, terms)
        kept = pending or PublicationFile(
            format=FORMAT,
            address="",
            name=new_name(),
            node=node,
            objects=objects,
            proof=proof,
            published=now_ms(),
            secret="",
            terms=terms,
        )
        if pending is None:
            self._session.publications.keep(kept)
        return _publication(await self._send(kept))

    def kept(self) -> tuple[Publication, ...]:
        """List what was published from this home folder and not withdrawn, oldest first. Nobody is asked."""
        return tuple(_publication(each) for each in self._session.publications.every())

    async def withdraw(self, name: str) -> Publication:
        """Withdraw what was published from this home folder: the node shows it no more.

        Args:
            name: its name or address, in capitals or small letters.

        Raises:
            InvalidInput: it is not known here.
            Refused: the node does not take its secret.
            SetupError: the client does not name the node that shows it.
        """
        kept = self._session.publications.find(name)
        if not kept.secret:
            try:
                # Nobody knows whether it is published: the same call finds out, and brings the secret.
                kept = await self._send(kept)
            except Refused:
                return _publication(kept)
        headers = [("Hanse-Secret", kept.secret)]
        with suppress(NotFound):  # the node knows nothing of it, or no more
            await self._session.transport.ask_one(
                "DELETE", f"/p/{kept.name}", url=kept.node, most=ANSWER_BYTES, headers=headers
            )
        self._session.publications.forget(kept.name)
        return _publication(kept)

    async def status_code(self, object_id: Id) -> str:
        """Give the status of an object as the digits of a code on paper, for halls without a network.

        It carries its proof whole, cannot be withdrawn, and is never better than `valid with warnings`.

        Raises:
            InvalidInput: the status is too large for a code. Else as `proof` does.
        """
        proof = read_proof(await fetch_proof(self._session, [object_id], (), status=True))
        try:
            return write_status(proof)
        except Malformed as error:
            raise InvalidInput(
                f"This status fits no code: {error.detail}.", "Publish it, and print that address."
            ) from error

    def _pending(self, node: str, objects: tuple[bytes, ...], terms: tuple[str, ...]) -> PublicationFile | None:
        """Find a call of which no answer has come, for the same subjects and terms."""
        for each in self._session.publications.every():
            if not each.secret and (each.node, each.objects, each.terms) == (node, objects, terms):
                return each
        return None

    async def _send(self, kept: PublicationFile) -> PublicationFile:
        """Send the call, again where it was sent before, and keep what the node answers."""
        try:
            data = await self._session.transport.ask_one(
                "PUT",
                f"/p/{kept.name}",
                url=kept.node,
                most=ANSWER_BYTES,
                body=kept.proof,
                headers=[("Content-Type", MEDIA_TYPE)],
            )
        except Refused:
            # Nothing is published under this name: what was refused is refused again.
            self._session.publications.forget(kept.name)
            raise
        answer = read_answer(data, PublicationAnswer)
        if answer.name != kept.name:
            raise BadAnswer("The node answered with another name than the one that was published.")
        done = replace(
            kept, address=address_of(answer.address or kept.node, kept.name), proof=b"", secret=answer.secret
        )
        self._session.publications.keep(done)
        return done


def address_of(base: str, name: str) -> str:
    """Write the address of a published proof: in capitals, as the smallest code has it, where that leads there too."""
    parts = urlsplit(base)
    if parts.path.strip("/"):
        return f"{base.rstrip('/')}/p/{name}"
    return f"{parts.scheme}://{parts.netloc}/P/{name}".upper()


def _publication(kept: PublicationFile) -> Publication:
    return Publication(
        name=kept.name,
        address=kept.address or address_of(kept.node, kept.name),
        node=kept.node,
        object_ids=kept.objects,
        terms=kept.terms,
        published_ms=kept.published,
        answered=bool(kept.secret),
    )
