"""The pages that are made from the code: they are what it says, and nothing that travels is missing in them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds import KINDS, OBJECTS
from hanse_ledger.kinds.claims import (
    CLAIMS,
    ClaimKind,
    claim_key,
    ended_claim,
    payload_claim,
    pledge_claim,
    reports_claim,
    tag_claim,
)
from hanse_ledger.kinds.consignment.bodies import OpenConsignment
from hanse_ledger.kinds.mandate.bodies import RevokeMandate
from hanse_ledger.kinds.office.bodies import OpenOffice
from hanse_ledger.kinds.reasons import ALL
from hanse_ledger.kinds.standins import payload
from hanse_ledger.values.hashing import hash_bytes
from tests.conftest import ROOT
from tests.pages.formats import FORMATS, HOMES, pages
from tests.pages.marks import filled
from tests.pages.state import aspects_of
from tests.pages.values import codes, named_types
from tests.world.corridor import Corridor, story, traders
from tests.world.corridor_genesis import public, uetr_of
from tests.world.trade.pledging import pledge

PAGES = dict(pages())
NAMES = [str(path.relative_to(ROOT)) for path in PAGES]


def read(page: str) -> str:
    """Read a page of formats."""
    return (FORMATS / page).read_text("utf-8")


@pytest.mark.parametrize(("page", "make"), PAGES.items(), ids=NAMES)
def test_a_page_is_what_the_code_says(page: Path, make: Callable[[], str]) -> None:
    """Each page, or the blocks inside it, are as the code has them; `make pages` writes them anew."""
    assert page.read_text("utf-8") == make()


def test_every_kind_aspect_claim_and_reason_stands_in_a_page() -> None:
    """Whoever writes the rules in another language finds the form of all that they are about."""
    bodies, state, rules = read("bodies.md"), read("state.md"), (ROOT / "docs" / "rules.md").read_text("utf-8")
    assert [kind.name for kind in KINDS if f"\n### `{kind.name}`\n" not in bodies] == []
    aspects = [f"{row.name}/{name}" for row in OBJECTS for name in aspects_of(row)]
    assert [name for name in aspects if f"\n| `{name}` | " not in state] == []
    assert [claim.value for claim in ClaimKind if f"\n| `{claim.value}` | " not in state] == []
    assert [reason.value for reason in ALL if f"\n| `{reason.value}` | " not in rules] == []


def test_every_type_in_a_table_is_told() -> None:
    """Each name of a type in a field's row is one of types.md, or `Body`, which each kind has of its own."""
    told = {name for name, *_ in named_types()} | {code.__name__ for code in codes()} | {"Body"}
    rows = [row for page in FORMATS.glob("*.md") for row in page.read_text("utf-8").splitlines()]
    named = {name for row in rows for name in re.findall(r"^\| (?:\d+ )?`[^|]*` \| [^|,]* `([A-Z]\w+)` \|", row)}
    assert len(named) > 20
    assert named - told == set()
    assert len([*named_types()]) == len({name for name, *_ in named_types()})


def test_every_link_of_a_made_page_leads_somewhere() -> None:
    """A part is linked to its table, a kind to its rule: there is a heading of that name."""
    for page in PAGES:
        for file, anchor in re.findall(r"\]\(([\w./-]*)#([\w-]+)\)", page.read_text("utf-8")):
            headings = re.findall(r"^#+ (.*)$", (page.parent / file if file else page).read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}, file


def test_a_value_has_one_table() -> None:
    """What travels on several ways is told in one place, below a heading of its own name."""
    for kind, page in HOMES.items():
        found = re.findall(rf"^#+ {kind.__name__}$", read(page), re.MULTILINE)
        assert len(found) <= 1, kind


def test_marks_that_nothing_fills_are_noticed(tmp_path: Path) -> None:
    """A block that is not made, and one that has no place, are bugs of the page."""
    page = tmp_path / "page.md"
    page.write_text("Before.\n\n<!-- made: one -->\nold\n<!-- end -->\nAfter.\n")
    assert filled(page, {"one": lambda: "new"}) == "Before.\n\n<!-- made: one -->\n\nnew\n\n<!-- end -->\nAfter.\n"
    with pytest.raises(AssertionError, match=r"page\.md"):
        filled(page, {"one": lambda: "new", "two": lambda: "more"})


def eventful() -> Corridor:
    """A whole trade; then a key is replaced, one is revoked, a payment comes to nothing, and evidence is reported."""
    corridor = story()
    corridor.issue_invoice(2, name="second")
    corridor.instruct_payment(40_000, invoice="second", number=2, name="rejected")
    corridor.submit(corridor.make.payment_rejection("rejected"), "bank-be")
    corridor.submit(corridor.make.evidence(), "market")
    corridor.submit(corridor.make.rotation("seller", "seller 2"), "seller", "seller 2")
    corridor.submit(corridor.make.revocation("agent", "agent"), "agent")
    return corridor


def test_claims_are_as_their_rows_say() -> None:
    """Each kind of claim has a row; over the parts that it names there stands a value of the size that it tells."""
    corridor = eventful()
    corridor.submit(corridor.make.sample(OpenOffice), "customs-be")
    mandate = corridor.grant_mandate(party=corridor.id["seller"])
    corridor.submit(RevokeMandate(mandate=mandate), "buyer")
    corridor.dispatch_shipment()
    corridor.issue_title()
    sealed = payload("claimed", "buyer")
    corridor.submit(replace(corridor.make.invoice(17), payload=sealed), "seller 2")
    folder = replace(corridor.make.sample(OpenConsignment), opener=corridor.id["buyer"])
    corridor.submit(folder, "buyer")
    report, tag = corridor.make.evidence(), corridor.make.invoice().tags[0]
    keys = [
        (ClaimKind.ENDED, ended_claim(corridor.id["second"], corridor.id["buyer"])),
        (ClaimKind.ENDED, ended_claim(corridor.id["seller"], corridor.id["seller"])),
        (ClaimKind.ENDED_MANDATE, claim_key(ClaimKind.ENDED_MANDATE, mandate)),
        (ClaimKind.EVIDENCE, claim_key(ClaimKind.EVIDENCE, hash_bytes(report.evidence))),
        (ClaimKind.KEY, claim_key(ClaimKind.KEY, public("buyer"))),
        (ClaimKind.OFFICE, claim_key(ClaimKind.OFFICE, b"customs-be")),
        (ClaimKind.PAYLOAD, payload_claim(sealed.hash)),
        (ClaimKind.REPORTS, reports_claim(report.member, None, corridor.head.time)),
        (ClaimKind.REPORTS, reports_claim(report.member, report.accused[0], corridor.head.time)),
        (ClaimKind.REVOKED_KEY, claim_key(ClaimKind.REVOKED_KEY, public("agent"))),
        (ClaimKind.REVOKED_KEY, claim_key(ClaimKind.REVOKED_KEY, public("seller"))),
        (ClaimKind.TAG, tag_claim(tag.epoch, tag.value)),
        (ClaimKind.TITLE, claim_key(ClaimKind.TITLE, corridor.id["shipment"])),
        (ClaimKind.UCR, claim_key(ClaimKind.UCR, folder.opener, folder.ucr.encode())),
        (ClaimKind.UETR, claim_key(ClaimKind.UETR, b"bank-be", uetr_of(1).encode())),
    ]
    seen: dict[ClaimKind, set[int]] = {}
    for kind, key in keys:
        seen.setdefault(kind, set()).add(len(corridor.ledger.claims[key]))
    lent = traders()
    lent.issue_invoice()
    lent.accept_invoice()
    pledge(lent)
    pledged = (lent.id["invoice"], tag_claim(tag.epoch, tag.value))
    seen[ClaimKind.PLEDGE] = {len(lent.ledger.claims[pledge_claim(name)]) for name in pledged}
    assert [claim.kind for claim in CLAIMS] == list(ClaimKind)
    assert {claim.kind: set(claim.sizes) for claim in CLAIMS} == seen
