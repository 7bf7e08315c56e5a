"""What can be written of bundles."""

from typing import Annotated

from msgspec import Meta

from hanse_ledger.values import limits
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.part import Body, Part


class BundleStep(Part, frozen=True, kw_only=True):
    """One step of a bundle: what a record of its own would say.

    Attributes:
        body: what is recorded, the map of its kind.
        kind: such as `title.transfer`.
        refs: the ids of all objects that the body names, sorted, each once; not of what a step before it creates.
        version: 1.
    """

    body: Body
    kind: str
    refs: tuple[ObjectId, ...]
    version: int


class TakeSteps(Body, frozen=True, kw_only=True):
    """Do several things at once, all or none. Signed by all who must sign any of the steps. Rule G-6.

    The steps apply in their order, each to what those before it have left. An id of 28 zero bytes and the number of a
    step, 4 bytes big-endian, counted from 0, names what that step before it creates.
    """

    steps: Annotated[tuple[BundleStep, ...], Meta(min_length=limits.STEPS_LEAST, max_length=limits.STEPS)]
