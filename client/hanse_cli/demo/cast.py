"""Who takes part in the trade that `hanse demo` runs, and whose node serves whom."""

from collections.abc import Mapping

from msgspec import Struct

from hanse_cli.folders.corridor import Plan, PlannedMember
from hanse_client.home.identity import Identity
from hanse_documents.model.documents import InvoiceDocument
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.wire.membership import MemberRole

MARKET, CHAMBER = "market", "chamber"
EXPORT_CUSTOMS, IMPORT_CUSTOMS = "customs-cn", "customs-be"
BUYERS_BANK, SELLERS_BANK = "bank-buyer", "bank-seller"

PLAN = Plan(
    name="Hangzhou to Antwerp, a demonstration",
    operator=MARKET,
    members=(
        PlannedMember(id=MARKET, name="Silk and Delft Market", roles=(MemberRole.MARKETPLACE,)),
        PlannedMember(id=CHAMBER, name="Qiantang Chamber of International Trade", roles=(MemberRole.ORIGIN_ISSUER,)),
        PlannedMember(id=EXPORT_CUSTOMS, name="Export customs", roles=(MemberRole.CUSTOMS,)),
        PlannedMember(id=IMPORT_CUSTOMS, name="Import customs", roles=(MemberRole.CUSTOMS,)),
        PlannedMember(id=BUYERS_BANK, name="Bank of the buyer", roles=(MemberRole.BANK,)),
        PlannedMember(id=SELLERS_BANK, name="Bank of the seller", roles=(MemberRole.BANK,)),
    ),
)
"""The corridor: a marketplace whose node is the one cosigner, a chamber, two customs authorities and two banks."""

SELLER, BUYER, CARRIER, BROKER = "seller", "buyer", "carrier", "broker"
PARTIES: Mapping[str, PartyRole] = {
    SELLER: PartyRole.SELLER,
    BUYER: PartyRole.BUYER,
    CARRIER: PartyRole.CARRIER,
    BROKER: PartyRole.AGENT,
}
"""The parties, which run no node, and what each may do."""

NODES = (MARKET, CHAMBER, IMPORT_CUSTOMS, SELLERS_BANK)
"""Who runs a node, where there are several."""

CARRIED = {EXPORT_CUSTOMS: IMPORT_CUSTOMS, BUYERS_BANK: SELLERS_BANK, **dict.fromkeys(PARTIES, MARKET)}
"""Whose node serves those who run none, where there are several nodes."""

STOPPED = CHAMBER
"""Whose node is stopped in the middle: when it has certified, the others go on without it."""


class Firm(Struct, frozen=True):
    """A firm that stands in no paper of which the names are read."""

    name: str
    city: str
    country: str


FIRMS: Mapping[str, Firm] = {
    CARRIER: Firm("Ningbo Blue Line", "Ningbo", "CN"),
    BROKER: Firm("Zhoushan Customs Brokers", "Ningbo", "CN"),
}


def identity_terms(invoice: InvoiceDocument) -> dict[str, dict[str, str]]:
    """Give each party's legal identity: seller's and buyer's as the invoice has them."""
    terms = {name: {"name": firm.name, "city": firm.city, "country": firm.country} for name, firm in FIRMS.items()}
    for role, party in ((SELLER, invoice.seller), (BUYER, invoice.buyer)):
        named = {"name": party.name, "register": party.legal_id, "vat": party.vat_id}
        terms[role] = {key: value for key, value in named.items() if value}
    return terms


def called(identities: Mapping[str, Identity], invoice: InvoiceDocument) -> dict[str, str]:
    """Say how each is called where its acts are told: members as they are planned, parties with what they are."""
    parties = identity_terms(invoice)
    members = {member.id: member.name for member in PLAN.members}
    return {name: members.get(name) or f"{parties[name].get('name', name)} ({name})" for name in identities}


def make_identities() -> dict[str, Identity]:
    """Make the keys of the parties; the members' are made with the corridor."""
    return {name: Identity.generate(name) for name in PARTIES}
