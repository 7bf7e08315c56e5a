"""What stands in the state of a title."""

from enum import StrEnum

from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.title.bodies import Medium
from hanse_ledger.values.types import Digest, Moment, ObjectId


class TitleState(StrEnum):
    """Whether a title gives a right still."""

    LIVE = "live"
    SURRENDERED = "surrendered"


class TitleDocument(Value, frozen=True, kw_only=True):
    """The commitment to the document that is in force, and how often another one was put in its place."""

    changes: int
    file: Digest


class TitleHolding(Value, frozen=True, kw_only=True):
    """Who holds the title since when: nobody here while it is on paper, nor once it is surrendered.

    `previous` is from whom it was transferred, while it may be rejected by its holder; else nil.
    """

    holder: ObjectId | None
    previous: ObjectId | None
    since: Moment


class TitleLinks(Value, frozen=True, kw_only=True):
    """The carrier that issued the title, and the shipment on which it did."""

    carrier: ObjectId
    shipment: ObjectId


class TitleStatus(Value, frozen=True, kw_only=True):
    """The title's state, and its medium."""

    medium: Medium
    state: TitleState


class Title(Object, frozen=True, kw_only=True, gc=False, tag="title"):
    """A document of title: whoever holds it may claim the goods of the shipment."""

    document: TitleDocument
    history: History
    holding: TitleHolding
    links: TitleLinks
    status: TitleStatus
