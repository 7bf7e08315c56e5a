"""Which transaction of a message is a payment's, and what was charged on the way."""

import pytest

from hanse_client.base.errors import DocumentError
from hanse_client.resources.arriving.arrivals import arrival_of, find_transaction
from hanse_documents.checks import Agreement, compare, disagrees
from hanse_documents.model.documents import PaymentDocument
from hanse_documents.samples import sample
from hanse_documents.syntax.iso20022 import read_iso20022
from hanse_documents.syntax.ubl import read_ubl
from hanse_ledger.kinds.payment.bodies import PaymentCharge
from hanse_ledger.values.types import ChargeBearer
from tests.world.messages import OTHER_UETR, UETR, amounts_under_way, charge, entry, notice, transfer

AMOUNTS = amounts_under_way(238_000)
Told = tuple[int, tuple[tuple[str | None, int, str | None], ...]]


def shown(data: bytes, uetr: str | None = UETR, transaction: str | int | None = None) -> PaymentDocument:
    """Find the payment in a message."""
    return find_transaction(read_iso20022(data), AMOUNTS, uetr, transaction)


def told(
    data: bytes, uetr: str | None = UETR, named: tuple[PaymentCharge, ...] = (), transaction: str | None = None
) -> Told:
    """Tell what a message says was credited, and what was charged by whom and for whom."""
    credited, charges = arrival_of(shown(data, uetr, transaction), AMOUNTS, uetr, named)
    return credited, tuple((one.agent, one.amount_minor, one.bearer) for one in charges)


def net(booked: str, charges: str = "") -> bytes:
    """Write the notification of a payment of which less has arrived than was instructed."""
    return notice(entry(booked, instructed="2380.00", uetr=UETR, charges=charges))


@pytest.mark.parametrize(
    ("data", "credited", "charges"),
    [
        (notice(entry("2380.00", uetr=UETR)), 238_000, ()),
        (net("2362.50", charge("17.50")), 236_250, (("HNSABEB0XXX", 1_750, "SHAR"),)),
        (notice(entry("2362.50", amount="2380.00", charges=charge("17.50"), uetr=UETR)), 236_250,
         (("HNSABEB0XXX", 1_750, "SHAR"),)),
        (notice(entry("2362.50", charges=charge("17.50"), uetr=UETR)), 236_250, (("HNSABEB0XXX", 1_750, "SHAR"),)),
        (net("2362.50", charge("10.00") + charge("7.50", "CRED", "")), 236_250,
         (("HNSABEB0XXX", 1_000, "SHAR"), (None, 750, "CRED"))),
        # What the debtor bore beside the payment has not made it smaller.
        (net("2380.00", charge("17.50", "DEBT")), 238_000, ()),
        (net("2370.00", charge("17.50", "DEBT") + charge("10.00")), 237_000,
         (("HNSABEB0XXX", 1_000, "SHAR"),)),
        # Both amounts are stated, and no bank says that it took the difference.
        (net("2362.50"), 236_250, ((None, 1_750, None),)),
        (net("2362.50", charge("17.50", "")), 236_250, (("HNSABEB0XXX", 1_750, None),)),
    ],
)  # fmt: skip
def test_what_banks_took_is_told(data: bytes, credited: int, charges: object) -> None:
    """What was credited and what was charged are together what was instructed, wherever a bank writes it."""
    assert told(data) == (credited, charges)


@pytest.mark.parametrize(
    "data",
    [
        notice(entry("2362.50", uetr=UETR)),
        net("2362.50", charge("17.49")),
        notice(entry("2400.00", uetr=UETR)),
        net("2362.50", charge("17.50", currency="USD")),
        notice(entry("2362.50", instructed="2370.00", uetr=UETR)),
    ],
)
def test_what_is_not_accounted_for_is_refused_in_money(data: bytes) -> None:
    """The refusal says what was instructed, what was credited and what was charged."""
    with pytest.raises(DocumentError) as refused:
        told(data)
    for words in ("2380.00 EUR were instructed", "credited", "charged"):
        assert words in refused.value.message
    assert refused.value.wanted == "together 2380.00 EUR, as instructed"
    assert "--charge" in refused.value.action


def test_a_bank_names_what_its_message_does_not() -> None:
    """A message may say what arrived and nothing else: then the bank that signs says what was taken."""
    taken = PaymentCharge(agent="HNSABEB0XXX", amount_minor=1_750, bearer=ChargeBearer.CREDITOR)
    assert told(notice(entry("2362.50", uetr=UETR)), named=(taken,)) == (236_250, (("HNSABEB0XXX", 1_750, "CRED"),))
    with pytest.raises(DocumentError, match=r"17\.50 EUR charged"):
        told(notice(entry("2380.00", uetr=UETR)), named=(taken,))


@pytest.mark.parametrize("uetr", [UETR, None])
@pytest.mark.parametrize(
    "data",
    [
        notice(entry("2380.00", end_to_end="ORD-7"), version="02"),
        notice(entry("2380.00"), version="02"),
        notice(entry("10.00"), entry("2380.00"), entry("2380.00", direction="DBIT"), version="04"),
        transfer("2380.00", end_to_end="ORD-7"),
        notice(entry("2362.50", charges=charge("17.50")), entry("900.00")),
        notice(entry("2380.00", references=("RF18539007547034", "RF712348231"))),
    ],
)
def test_messages_without_a_reference_are_found_by_the_amount(data: bytes, uetr: str | None) -> None:
    """No version before 8 has a place for a UETR; one transaction of what was instructed is the payment."""
    credited, charges = told(data, uetr)
    assert credited + sum(minor for _, minor, _ in charges) == 238_000


def test_a_payment_without_a_reference_is_found_in_a_message_with_one() -> None:
    """The bank gave it a UETR on the way, which nobody knew when it was instructed."""
    assert told(notice(entry("10.00", uetr=UETR), entry("2380.00", uetr=OTHER_UETR)), None)[0] == 238_000


TWINS = notice(
    entry("2380.00", end_to_end="ORD-7", references=("RF18539007547034",)),
    entry("2380.00", end_to_end="ORD-8", uetr=OTHER_UETR),
    entry("2380.00", end_to_end="3"),
)


def test_where_several_fit_the_bank_says_which() -> None:
    """Candidates are listed with what tells them apart; any of their names will do, or their number."""
    with pytest.raises(DocumentError) as refused:
        shown(TWINS)
    assert refused.value.field == "transaction"
    assert "2 transactions of the message may be this payment" in refused.value.message
    assert "#1 2380.00 EUR ORD-7, RF18539007547034; #3 2380.00 EUR 3" in refused.value.message
    for name, chosen in (
        ("ORD-7", "ORD-7"),
        ("#1", "ORD-7"),
        (1, "ORD-7"),
        ("rf18 5390 0754 7034", "ORD-7"),
        ("3", "3"),
    ):
        assert shown(TWINS, transaction=name).end_to_end == chosen


@pytest.mark.parametrize("name", ["ORD-9", "#4", "#0", 0, 4, "", "#", "#-1", "#" + "9" * 5_000])
def test_a_transaction_that_is_not_there_is_refused(name: str | int) -> None:
    """What is named must be one of the message's."""
    with pytest.raises(DocumentError, match="0 transactions of the message are called"):
        shown(TWINS, transaction=name)


def test_another_payments_reference_is_refused() -> None:
    """A transaction that bears another UETR is another payment, also where the bank names it."""
    with pytest.raises(DocumentError) as refused:
        shown(notice(entry("2380.00", uetr=OTHER_UETR)))
    assert "No transaction of the message shows this payment of 2380.00 EUR." in refused.value.message
    with pytest.raises(DocumentError, match="UETR of another payment"):
        arrival_of(shown(TWINS, transaction="ORD-8"), AMOUNTS, UETR)


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (notice(entry("2380.00", uetr=UETR, reversal=True)), "a reversal"),
        (notice(entry("2380.00", uetr=UETR, status="PDNG")), "PDNG"),
        (notice(entry("2380.00", uetr=UETR, direction="DBIT")), "a debit"),
    ],
)
def test_only_a_booked_credit_confirms(data: bytes, seen: str) -> None:
    """What is announced, taken back or debited has not arrived."""
    with pytest.raises(DocumentError) as refused:
        told(data)
    assert (refused.value.seen, refused.value.wanted) == (seen, "BOOK")


def test_a_credit_that_the_same_message_takes_back_confirms_nothing() -> None:
    """The reversal bears the references of what it reverses."""
    credit, back = (entry("2380.00", end_to_end="ORD-7", uetr=UETR, reversal=reversal) for reversal in (False, True))
    with pytest.raises(DocumentError, match="takes the credit back"):
        told(notice(credit, back))
    assert told(notice(credit, entry("2380.00", end_to_end="ORD-8", reversal=True)))[0] == 238_000


BACK = entry("2380.00", end_to_end="ORD-7", uetr=UETR, reversal=True, direction="DBIT")
SERVICED = "<Refs><AcctSvcrRef>S-1</AcctSvcrRef>"
RETURNED = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>"


@pytest.mark.parametrize(
    "back",
    [
        BACK.replace("ORD-7", "NOTPROVIDED"),
        BACK.replace(f"<UETR>{UETR}</UETR>", ""),
        BACK.replace("ORD-7", "STORNO-1"),
        BACK.replace("2380.00", "80.00"),
        BACK.replace("<RmtInf></RmtInf>", "<RmtInf><Ustrd>Storno</Ustrd></RmtInf>"),
        BACK.replace("ORD-7", "NOTPROVIDED").replace(f"<UETR>{UETR}</UETR>", "").replace("<Refs>", SERVICED),
        BACK.replace("<RvslInd>true</RvslInd>", "").replace("</TxDtls>", RETURNED),
    ],
    ids=[
        "by the UETR alone",
        "by the id alone",
        "with an id of its own",
        "in part",
        "with words",
        "by the bank's reference",
        "a return",
    ],
)
def test_a_reversal_need_not_repeat_every_reference(back: str) -> None:
    """One id of both is enough, whatever else the reversal says, and of whatever amount it is; a UETR before all."""
    credit = entry("2380.00", end_to_end="ORD-7", uetr=UETR).replace("<Refs>", SERVICED)
    for message, transaction in ((notice(credit, back), "#1"), (notice(back, credit), "#2")):
        for named in (None, transaction):
            with pytest.raises(DocumentError, match="takes the credit back") as refused:
                told(message, transaction=named)
            assert refused.value.field == "RvslInd"


def test_a_reversal_that_names_nothing_is_asked_about() -> None:
    """Of the same amount, or of what was instructed: it may be this credit's, and the bank says that it is not."""
    credit = entry("2380.00", end_to_end="ORD-7", uetr=UETR)
    nameless = entry("2380.00", reversal=True, direction="DBIT")
    with pytest.raises(DocumentError, match="does not say which") as refused:
        told(notice(credit, nameless))
    assert "--transaction" in refused.value.action
    assert "#2 2380.00 EUR (no booked credit)" in str(refused.value.seen)
    assert told(notice(credit, nameless), transaction="ORD-7")[0] == 238_000
    charged = notice(entry("2362.50", instructed="2380.00", uetr=UETR, charges=charge("17.50")), nameless)
    with pytest.raises(DocumentError, match="does not say which"):
        told(charged)
    for other in (
        entry("99.00", reversal=True, direction="DBIT"),
        entry("2380.00", reversal=True),  # the reversal of a debit
        entry("2380.00", reversal=True, direction="DBIT", end_to_end="ORD-8"),
        entry("2380.00", reversal=True, direction="DBIT", status="PDNG"),
        entry("2380.00", reversal=True, direction="DBIT", currency="USD"),
    ):
        assert told(notice(credit, other))[0] == 238_000


DEBITED = entry("2380.00", reversal=True, direction="DBIT")
BARE = entry("2380.00").replace("<Refs>", SERVICED)
WITH_ID = entry("2380.00", end_to_end="ORD-7").replace("<Refs>", SERVICED)
WITH_BOTH = entry("2380.00", end_to_end="ORD-7", uetr=UETR).replace("<Refs>", SERVICED)


@pytest.mark.parametrize(
    ("credit", "back"),
    [
        (BARE, DEBITED.replace("NOTPROVIDED", "STORNO-1")),
        (BARE, DEBITED.replace("</Refs>", f"<UETR>{OTHER_UETR}</UETR></Refs>")),
        (WITH_ID, DEBITED.replace("</Refs>", f"<UETR>{OTHER_UETR}</UETR></Refs>")),
        (WITH_ID, DEBITED.replace("<Refs>", "<Refs><AcctSvcrRef>S-2</AcctSvcrRef>")),
        (WITH_ID, DEBITED.replace("NOTPROVIDED", "STORNO-1").replace("<Refs>", SERVICED)),
        (WITH_BOTH, BACK.replace(UETR, OTHER_UETR)),
        (WITH_BOTH, BACK.replace(UETR, OTHER_UETR).replace("2380.00", "80.00")),
    ],
    ids=["an id", "a UETR", "another kind of id", "the bank's", "the bank's same, another id", "an id same",
         "in part"],
)  # fmt: skip
def test_a_reversal_with_other_ids_than_the_credit_is_asked_about(credit: str, back: str) -> None:
    """No id that both bear tells them apart, or one is the same and another is not: the bank says that it stands."""
    for message, transaction in ((notice(credit, back), "#1"), (notice(back, credit), "#2")):
        for uetr in (None, UETR):
            with pytest.raises(DocumentError, match="does not say which") as refused:
                told(message, uetr)
            assert refused.value.field == "RvslInd"
            assert told(message, uetr, transaction=transaction)[0] == 238_000


@pytest.mark.parametrize(
    "back",
    [
        BACK.replace("ORD-7", "ORD-8").replace(UETR, OTHER_UETR),
        BACK.replace("ORD-7", "NOTPROVIDED").replace(UETR, OTHER_UETR),
        BACK.replace("ORD-7", "ORD-8").replace(f"<UETR>{UETR}</UETR>", ""),
    ],
    ids=["of both", "the UETR", "the id"],
)
def test_an_id_of_both_that_differs_tells_another_one(back: str) -> None:
    """Where no other one is the same, the credit stands."""
    assert told(notice(WITH_BOTH, back))[0] == 238_000


def test_another_currency_is_another_currency() -> None:
    """Currency and decimal places are compared together."""
    with pytest.raises(DocumentError, match="another currency") as refused:
        told(notice(entry("2380.00", uetr=UETR, currency="USD")))
    assert (refused.value.seen, refused.value.wanted) == ("USD of 2 decimal places", "EUR of 2")


def test_a_banks_name_stays_off_the_ledger() -> None:
    """The record has BICs alone: an agent that the message names otherwise is told by none."""
    named = charge("17.50", agent="").replace("</Rcrd>", "<Agt><FinInstnId><Nm>Bank</Nm></FinInstnId></Agt></Rcrd>")
    assert told(net("2362.50", named)) == (236_250, ((None, 1_750, "SHAR"),))


@pytest.mark.parametrize(("kind", "credited", "charged"), [("charges", 512_500, 2_500), ("no-uetr", 515_000, 0)])
def test_the_samples_have_what_banks_do_to_a_payment(kind: str, credited: int, charged: int) -> None:
    """Charges on the way, and no UETR: a transfer and its notice each, and the notice is of the transfer."""
    (transferred,), notices = (read_iso20022(sample(f"{name}-{kind}.xml")) for name in ("pacs008", "camt054"))
    amounts = amounts_under_way(transferred.amount_minor)
    found = find_transaction(notices, amounts, transferred.uetr)
    assert (transferred.uetr is None) == (kind == "no-uetr")
    arrived, charges = arrival_of(found, amounts, transferred.uetr)
    assert (arrived, sum(charge.amount_minor for charge in charges)) == (credited, charged)
    findings = compare(read_ubl(sample("invoice.xml")), None, [transferred, found])
    assert not disagrees(findings)
    (deducted,) = [finding for finding in findings if finding.check == "D-22"]
    assert (deducted.outcome is Agreement.DIFFERS) == (charged > 0)
