"""Bundles: several steps in one record, all or none."""

from collections.abc import Sequence

from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput
from hanse_client.base.identifiers import parse_key
from hanse_client.exchange.session import Session
from hanse_client.home.drafts import LONGEST_MS, Draft, draft
from hanse_ledger.kinds import own_objects
from hanse_ledger.kinds.bundle.bodies import BundleStep, TakeSteps
from hanse_ledger.kinds.bundle.steps import BUNDLED_NAMED, created_by_step, step_of, with_ids
from hanse_ledger.kinds.object import created_id
from hanse_ledger.values import limits
from hanse_ledger.values.types import ObjectId, PublicKey


class AsyncBundles:
    """Bundles: delivery against payment, title against acceptance, pledge with payout. Reached as `client.bundles`.

    One prepares a draft of all steps and hands `draft.to_json()` to the others, who look at it and sign; the last one
    calls `submit_draft`, within a week. Whoever signs the bundle signs all of it: no step stands without the others.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def prepare(self, steps: Sequence[Draft], *, signers: Sequence[PublicKey | str] = ()) -> Draft:
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
        trust = await self._session.trust()
        for place, each in enumerate(steps):
            _need_step(each, place)
            if each.record.ledger != trust.ledger:
                raise InvalidInput(
                    f"Step {place} is made for another ledger.", "Make it with this ledger's trust file."
                )
        if not limits.STEPS_LEAST <= len(steps) <= limits.STEPS:
            raise InvalidInput(
                f"A bundle has {limits.STEPS_LEAST} to {limits.STEPS} steps; these are {len(steps)}.",
                "Send a single record as it is; put what need not be all or none into bundles of their own.",
            )
        keys = dict.fromkeys((*(key for each in steps for key in each.record.signers), *map(parse_key, signers)))
        prepared = draft(_bundle_of(steps), trust.ledger, tuple(keys), now_ms(), LONGEST_MS)
        self._keep_openings(steps, prepared)
        identity = self._session.identity
        return prepared.sign(identity) if identity is not None and identity.public_key in keys else prepared

    def _keep_openings(self, steps: Sequence[Draft], prepared: Draft) -> None:
        """Keep what opens the documents of the steps, as of the bundle's record.

        What would lie under its record's own id, as of a credit note, lies under the id that follows from its step's.
        """
        for place, each in enumerate(steps):
            for name in (*own_objects(each.record.body, each.id), each.id):
                kept = self._session.openings.of_record(name, each.id)
                if kept is not None:
                    made = created_id(prepared.id, place) if name in (created_id(each.id), each.id) else name
                    about = made if kept.object == created_id(each.id) else kept.object
                    self._session.openings.keep(about, prepared.id, kept.opening, name=made)


def _need_step(each: Draft, place: int) -> None:
    """Insist that a draft may be a step of a bundle. Raises InvalidInput."""
    if each.record.kind not in BUNDLED_NAMED:
        raise InvalidInput(
            f"Step {place} is {each.record.kind}, which stands in no bundle.",
            "Send it as a record of its own: who speaks for whom is settled before.",
        )
    if each.record.mandates:
        raise InvalidInput(
            f"Step {place} is signed under a mandate, and a bundle is under none.",
            "Have its principal sign the bundle itself.",
        )


def _bundle_of(drafts: Sequence[Draft]) -> TakeSteps:
    """Make the steps: what one names of what another one before it creates, it names by that one's place."""
    places: dict[ObjectId, ObjectId] = {}
    steps = list[BundleStep]()
    for place, each in enumerate(drafts):
        steps.append(step_of(with_ids(each.record.body, places)))
        places[created_id(each.id)] = created_by_step(place)
    return TakeSteps(steps=tuple(steps))
