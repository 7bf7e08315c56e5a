"""Why a record about a consignment is refused."""

from hanse_ledger.values.reasons import Reason

CONSIGNMENT_UNKNOWN = Reason("consignment-unknown", "No consignment has this id.", "Check the consignment's id.")

NOT_A_TRADER = Reason(
    "not-a-trader",
    "The party is enrolled neither as a seller nor as a buyer.",
    "Have the seller or the buyer of the goods open the consignment.",
)

NOT_OPENER = Reason(
    "not-opener",
    "The party that opens the consignment, or has opened it, has not signed.",
    "Have the opener sign, or a mandatary under its mandate.",
)

UCR_TAKEN = Reason(
    "ucr-taken",
    "The opener has a consignment under this UCR already.",
    "Look at the one that stands; one movement of goods has one UCR.",
)

WRITERS_NOT_SORTED = Reason(
    "writers-not-sorted",
    "The writers are repeated or out of order.",
    "List members by their names and parties by their ids, each once.",
)

WRITER_NAMED_TWICE = Reason(
    "writer-named-twice",
    "Somebody who is named as a writer is one already: the opener is, and so is whoever was named before.",
    "Leave out who writes into the consignment already.",
)

TOO_MANY_WRITERS = Reason(
    "too-many-writers",
    "The consignment would have more than 32 writers beside its opener.",
    "Name fewer; a writer may let others sign for it under a mandate.",
)

WRITER_UNCLEAR = Reason(
    "writer-unclear",
    "It is not said who writes, or twice: a party or a member does.",
    "Name the party or the member, and leave the other one out.",
)

NOT_WRITER = Reason(
    "not-writer",
    "Whoever writes into the consignment has not signed, or is none of its writers.",
    "Have the consignment's opener name it as a writer, and have it sign.",
)

NOTHING_ADDED = Reason(
    "nothing-added",
    "The record puts nothing in and names no writer.",
    "Name what is put in, or who may write.",
)

ITEM_UNKNOWN = Reason(
    "item-unknown",
    "Nothing that a consignment holds has this id.",
    "Name an invoice, a certificate, a declaration, a payment, a pledge, an order, a shipment or a title.",
)

ITEM_OF_OTHERS = Reason(
    "item-of-others",
    "The writer has no part in what it puts in.",
    "Have a writer put it in that is named in it.",
)

CONSIGNMENT_FULL = Reason(
    "consignment-full",
    "The consignment has 1,024 items, and takes no more.",
    "Open another consignment for what else belongs to the movement.",
)
