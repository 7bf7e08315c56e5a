"""What opens a record's document is kept by the record, where others of the same object have documents too."""

from collections.abc import Iterator

import pytest

from hanse_client import Client
from hanse_client.base.clock import DAY_MS, now_ms
from hanse_client.base.errors import InvalidInput, Refused
from hanse_client.base.identifiers import Id
from hanse_documents.samples import certificate_in_force
from hanse_ledger.values.moments import moment_words
from tests.world.messages import UETR, entry, notice
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import CERTIFICATE, World
from tests.world.typed.desk import make_node_here, node_here

NUMBER = "qiantang-chamber.example:coo:"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one node for the tests of this file; all that trade have one home folder."""
    folder = tmp_path_factory.mktemp("world")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url:
        yield World(url, corridor, folder / "home")


def shown(client: Client, about: bytes, named: bytes, term: str) -> list[str | None]:
    """Show a term of what is named, in a proof about an object."""
    disclosed: dict[Id, list[str]] = {named: [term]}
    report = client.verify(client.proof(about, disclose=disclosed))
    return [each.value for each in report.terms]


def test_each_part_of_a_payment_keeps_its_message(world: World) -> None:
    """Two parts arrive, and a third that the rules refuse; each that stands is shown, the payment's name the last."""
    invoice = world.issue().object_id
    with world.client("buyer") as buyer:
        payment = buyer.payments.instruct(
            payer_bank="bank-a", payee_bank="bank-b", allocations={invoice: 515_000}, uetr=UETR
        ).object_id
    with world.client("bank-b") as bank, world.client("bank-a") as other:
        parts = [
            bank.payments.confirm(
                payment, notice(entry(amount, uetr=UETR, end_to_end=end)), transaction=end, partial=True
            ).record_id
            for amount, end in (("2000.00", "PART-1"), ("3000.00", "PART-2"))
        ]
        # Of the same home folder: what the rules refuse has taken nothing away.
        with pytest.raises(Refused):
            other.payments.confirm(payment, notice(entry("150.00", uetr=UETR, end_to_end="FALSE")), partial=False)
        assert [shown(bank, payment, part, "end_to_end") for part in parts] == [["PART-1"], ["PART-2"]]
        assert shown(bank, payment, payment, "end_to_end") == ["PART-2"]
        corrected = bank.payments.correct(payment, notice(entry("2990.00", uetr=UETR, end_to_end="PART-2B"))).record_id
        assert shown(bank, payment, payment, "end_to_end") == ["PART-2B"]
        assert shown(bank, payment, corrected, "end_to_end") == ["PART-2B"]
        assert shown(bank, payment, parts[0], "end_to_end") == ["PART-1"]


def test_an_application_and_its_grant_keep_theirs(world: World) -> None:
    """Exporter and issuer have one home folder, and a second grant that is refused takes nothing away."""
    draft, paper, late = (
        CERTIFICATE.read_bytes().replace(b"QT26-03318", number) for number in (b"DRAFT-1", b"CO-1", b"CO-2")
    )
    with world.client("seller") as seller:
        applied = seller.certificates.apply(draft, issuer="chamber")
    certificate = applied.object_id
    with world.client("chamber") as chamber:
        assert shown(chamber, certificate, certificate, "number") == [NUMBER + "DRAFT-1"]
        granted = chamber.certificates.issue(paper, application=certificate)
        with pytest.raises(Refused):
            chamber.certificates.issue(late, application=certificate)
        assert shown(chamber, certificate, certificate, "number") == [NUMBER + "CO-1"]
        assert shown(chamber, certificate, granted.record_id, "number") == [NUMBER + "CO-1"]
        assert shown(chamber, certificate, applied.record_id, "number") == [NUMBER + "DRAFT-1"]


def test_the_story_of_the_origin_shows_a_granted_certificate(world: World) -> None:
    """Its own terms, as of one that was issued without being applied for."""
    days = [moment_words(now_ms() + past * DAY_MS)[:10] for past in (-1, 2)]
    paper = certificate_in_force(*days)
    invoice = world.issue().object_id
    with world.client("seller") as seller, world.client("buyer") as buyer, world.client("customs") as customs:
        buyer.invoices.accept(invoice)
        certificate = seller.certificates.apply(paper, issuer="chamber").object_id
        with world.client("chamber") as chamber:
            granted = chamber.certificates.issue(paper, application=certificate).record_id
        customs.offices.open()
        declared = buyer.declarations.lodge(
            customs="customs", regime="import", invoices=[invoice], certificate=certificate
        )
        customs.declarations.release(declared.object_id)
        report = seller.verify(seller.story(invoice, "origin"))
    assert granted in {term.record for term in report.terms}


def test_what_opens_nothing_here_is_refused(world: World) -> None:
    """Of what was made elsewhere no term is shown."""
    invoice = world.issue().object_id
    with world.client("buyer", home=world.home / "elsewhere") as buyer:
        with pytest.raises(InvalidInput, match="is not in"):
            buyer.proof(invoice, disclose=["BT-1"])
        with pytest.raises(InvalidInput, match="is not in"):
            buyer.proof(invoice, disclose={invoice: ["BT-1"]})
