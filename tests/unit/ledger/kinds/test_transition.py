"""Rule H-1 and the front page: which objects a record touches, and in which order."""

from hashlib import sha256

import pytest

from hanse_ledger.kinds.claims import ClaimKind, claim_key, ended_claim, tag_claim
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.history import NO_HISTORY, History
from hanse_ledger.kinds.invoice.bodies import IssueInvoice
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.view import Delta
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded
from hanse_ledger.transition import transition
from hanse_ledger.values.types import Digest
from hanse_ledger.wire.part import Body
from tests.world.corridor import Corridor, story, traders
from tests.world.corridor_genesis import public, seed_of, uetr_of


def ready() -> Corridor:
    """A corridor in which every kind of record but enrolment is accepted next."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.issue_invoice(2, name="second")
    corridor.issue_certificate()
    corridor.lodge_export()
    corridor.lodge_import()
    corridor.instruct_payment(60_000)
    corridor.instruct_payment(40_000, number=2, name="paid")
    corridor.confirm_payment("paid")
    return corridor


READY = ready()
MAKE = READY.make


def apply(signed: Signed) -> Delta:
    """Apply a record to the corridor's state without keeping the change."""
    return transition(READY.ledger, signed, READY.ledger.ledger, READY.next_time())


def named(delta: Delta, signed: Signed) -> list[str]:
    """Name the objects of a change in their order; what is created is called new."""
    names = {name: word for word, name in READY.id.items()} | {created_id(signed.id): "new"}
    return [names[value.id] for value in delta.objects]


@pytest.mark.parametrize(
    ("body", "signers", "changed", "touched"),
    [
        (MAKE.enrolment("x"), ("market", "x"), ["new"], set()),
        (MAKE.rotation("buyer", "x"), ("buyer", "x"), ["buyer"], set()),
        (MAKE.revocation("buyer", "buyer"), ("market",), ["buyer"], set()),
        (MAKE.move("buyer", "chamber"), ("chamber", "market", "buyer"), ["buyer"], set()),
        (MAKE.invoice(3), ("seller",), ["new"], {"seller", "buyer"}),
        (MAKE.acceptance(), ("buyer",), ["invoice"], {"buyer"}),
        (MAKE.invoice_refusal("second"), ("buyer",), ["second"], {"buyer"}),
        (MAKE.cancellation("second"), ("seller",), ["second"], {"seller"}),
        (MAKE.certificate(), ("chamber",), ["new"], {"seller", "buyer"}),
        (MAKE.certificate_revocation(), ("chamber",), ["certificate"], set()),
        (MAKE.declaration(Regime.EXPORT, 1), ("seller",), ["new", "invoice"], {"seller", "certificate"}),
        (MAKE.declaration(Regime.IMPORT, 1), ("agent", "buyer"), ["new", "invoice", "certificate"], {"agent", "buyer"}),
        (MAKE.release("import"), ("customs-be",), ["import", "certificate"], set()),
        (MAKE.release("export"), ("customs-cn",), ["export"], set()),
        (MAKE.declaration_refusal("import"), ("customs-be",), ["import", "invoice", "certificate"], set()),
        (MAKE.declaration_refusal("export"), ("customs-cn",), ["export", "invoice"], set()),
        (MAKE.withdrawal("import"), ("agent",), ["import", "invoice", "certificate"], {"agent"}),
        (MAKE.withdrawal("export"), ("seller",), ["export", "invoice"], {"seller"}),
        (MAKE.instruction(1, invoice="second", number=3), ("buyer",), ["new", "second"], {"buyer", "seller"}),
        (MAKE.confirmation("payment", credited_minor=60_000), ("bank-cn",), ["payment", "invoice"], set()),
        (MAKE.payment_rejection("payment"), ("bank-be",), ["payment", "invoice"], set()),
        (MAKE.payment_acceptance("payment"), ("bank-be",), ["payment", "invoice"], set()),
        (MAKE.payment_return("paid", amount_minor=1), ("bank-cn",), ["paid", "invoice"], set()),
        (MAKE.correction("paid", credited_minor=1), ("bank-cn",), ["paid", "invoice"], set()),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "__struct_fields__") else "",
)
def test_record_touches_what_it_creates_changes_names_and_who_signs(
    body: Body, signers: tuple[str, ...], changed: list[str], touched: set[str]
) -> None:
    """H-1: the created object first, the changed ones in the rule's order, the rest by id; each history gains one."""
    signed = READY.sign(body, *signers)
    delta = apply(signed)
    names = named(delta, signed)
    assert names[: len(changed)] == changed
    rest = names[len(changed) :]
    assert set(rest) == touched
    assert [READY.id[name] for name in rest] == sorted(READY.id[name] for name in rest)
    for value in delta.objects:
        before = READY.ledger.objects.get(value.id)
        assert value.history == (before.history if before else NO_HISTORY).after(signed.id)


def test_history_is_a_hash_chain() -> None:
    """The head after a record is SHA-256 of the head, the count so far as 8 bytes, and the record's id."""
    first, second = seed_of("one"), seed_of("two")
    head = sha256(bytes(32) + bytes(8) + first).digest()
    assert NO_HISTORY.after(first) == History(count=1, head=head)
    longer = sha256(head + (1).to_bytes(8, "big") + second).digest()
    assert NO_HISTORY.after(first).after(second) == History(count=2, head=longer)


def test_every_history_replays_from_the_log() -> None:
    """The records that name an object, in the order of the log, lead to the head in its state."""
    corridor = story()
    heads = dict.fromkeys(corridor.ledger.objects, NO_HISTORY)
    for block in corridor.blocks:
        for row in block.entries:
            entry = decode_entry(row.data)
            if isinstance(entry, RecordEntry):
                assert row.record == open_decoded(entry.payload).id
                assert len(set(row.touched)) == len(row.touched)
                heads |= {name: heads[name].after(row.record) for name in row.touched}
    assert heads == {name: value.history for name, value in corridor.ledger.objects.items()}


def tags_of(body: IssueInvoice) -> list[Digest]:
    """Name the claims of an invoice to its tags."""
    return [tag_claim(tag.epoch, tag.value) for tag in body.tags]


@pytest.mark.parametrize(
    ("body", "signers", "keys", "given"),
    [
        (MAKE.enrolment("x"), ("market", "x"), [claim_key(ClaimKind.KEY, public("x"))], True),
        (
            MAKE.rotation("buyer", "x"),
            ("buyer", "x"),
            [
                claim_key(ClaimKind.KEY, public("x")),
                claim_key(ClaimKind.REVOKED_KEY, public("buyer")),
                ended_claim(READY.id["buyer"], READY.id["buyer"]),
            ],
            True,
        ),
        (
            MAKE.revocation("buyer", "buyer"),
            ("market",),
            [claim_key(ClaimKind.REVOKED_KEY, public("buyer"))],
            True,
        ),
        (MAKE.invoice(3), ("seller",), tags_of(MAKE.invoice(3)), True),
        (MAKE.invoice_refusal("second"), ("buyer",), tags_of(MAKE.invoice(2)), False),
        (MAKE.cancellation("second"), ("seller",), tags_of(MAKE.invoice(2)), False),
        (
            MAKE.instruction(1, invoice="second", number=3),
            ("buyer",),
            [claim_key(ClaimKind.UETR, b"bank-be", uetr_of(3).encode())],
            True,
        ),
    ],
    ids=["enrol", "rotate", "revoke", "issue", "refuse", "cancel", "instruct"],
)
def test_claim_stands_in_the_change(body: Body, signers: tuple[str, ...], keys: list[Digest], given: bool) -> None:
    """The rules of uniqueness change exactly their own claims: they set them, or they give them back."""
    signed = READY.sign(body, *signers)
    claims = apply(signed).claims
    assert list(claims) == keys
    assert [claims[key] is not None for key in keys] == [given] * len(keys)


def test_claim_is_named_by_its_kind_and_its_length_prefixed_parts() -> None:
    """No two kinds, and no two splits of the same bytes, share a claim."""
    assert claim_key(ClaimKind.TAG, b"ab", b"c") == (sha256(b"\0\0\0\3tag" + b"\0\0\0\2ab" + b"\0\0\0\1c").digest())
    names = {
        claim_key(kind, *parts)
        for kind in ClaimKind
        for parts in ((b"ab", b"c"), (b"a", b"bc"), (b"abc",), (b"abc", b""))
    }
    assert len(names) == len(ClaimKind) * 4


def test_applying_changes_nothing_by_itself() -> None:
    """A change is a value: the state is as before until somebody commits it."""
    objects, claims = dict(READY.ledger.objects), dict(READY.ledger.claims)
    apply(READY.sign(MAKE.acceptance(), "buyer"))
    assert (READY.ledger.objects, READY.ledger.claims) == (objects, claims)


def test_same_record_makes_the_same_change() -> None:
    """The ledger is a function: applied twice to one state, a record changes the same."""
    signed = READY.sign(MAKE.declaration(Regime.IMPORT, 1), "agent", "buyer")
    assert apply(signed) == apply(signed)
