"""Bundles, for callers that block.

Written from `hanse_client.resources.bundles` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Sequence

from hanse_client.base.portal import Portal
from hanse_client.home.drafts import Draft
from hanse_client.resources.bundles import AsyncBundles
from hanse_ledger.values.types import PublicKey


class Bundles:
    """Bundles: delivery against payment, title against acceptance, pledge with payout. Reached as `client.bundles`.

    One prepares a draft of all steps and hands `draft.to_json()` to the others, who look at it and sign; the last one
    calls `submit_draft`, within a week. Whoever signs the bundle signs all of it: no step stands without the others.
    """

    def __init__(self, portal: Portal, calls: AsyncBundles) -> None:
        self._portal, self._calls = portal, calls

    def prepare(self, steps: Sequence[Draft], *, signers: Sequence[PublicKey | str] = ()) -> Draft:
        """Put drafts into one record, a step each, in their order, and sign it where the client's identity is to. G-6.

        A step may name what another one before it creates, by the id that its draft gave it. The drafts themselves are
        not sent; what opens their documents is kept for the bundle. Their signatures do not count for it.

        Args:
            steps: drafts of 2 to 16 records, as `client.sign_as(countersigners=…)` or a method `prepare…` makes them.
            signers: keys of those who sign, besides the signers of the drafts.

        Raises:
            InvalidInput: there are too few or too many, one is of a kind that is no step or is signed under a mandate,
                or is made for another ledger.
            SetupError: the home folder cannot be written.
        """
        return self._portal.run(self._calls.prepare, steps, signers=signers)
