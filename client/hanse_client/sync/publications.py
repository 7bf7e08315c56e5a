"""Published proofs, for callers that block.

Written from `hanse_client.resources.publications` by `python -m tests.blocking_twins`; a test compares.
"""

from hanse_client.base.identifiers import Id
from hanse_client.base.portal import Portal
from hanse_client.base.views import Publication
from hanse_client.resources.publications import AsyncPublications


class Publications:
    """What is published, by this client."""

    def __init__(self, portal: Portal, calls: AsyncPublications) -> None:
        self._portal, self._calls = portal, calls

    def publish(self, proof: bytes) -> Publication:
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
        return self._portal.run(self._calls.publish, proof)

    def kept(self) -> tuple[Publication, ...]:
        """List what was published from this home folder and not withdrawn, oldest first. Nobody is asked."""
        return self._calls.kept()

    def withdraw(self, name: str) -> Publication:
        """Withdraw what was published from this home folder: the node shows it no more.

        Args:
            name: its name or address, in capitals or small letters.

        Raises:
            InvalidInput: it is not known here.
            Refused: the node does not take its secret.
            SetupError: the client does not name the node that shows it.
        """
        return self._portal.run(self._calls.withdraw, name)

    def status_code(self, object_id: Id) -> str:
        """Give the status of an object as the digits of a code on paper, for halls without a network.

        It carries its proof whole, cannot be withdrawn, and is never better than `valid with warnings`.

        Raises:
            InvalidInput: the status is too large for a code. Else as `proof` does.
        """
        return self._portal.run(self._calls.status_code, object_id)
