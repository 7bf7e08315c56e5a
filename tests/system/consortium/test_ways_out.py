"""Rights whose holders are gone, and what comes to nothing, with the SDK against a real node."""

from collections.abc import Iterator

import pytest

from hanse_client import Draft, Refusal, Verdict
from hanse_client.base.errors import IdentityError, Refused
from hanse_client.verify.offline import verify_file
from hanse_ledger.kinds.certificate.bodies import IssueCertificate
from hanse_ledger.kinds.declaration.bodies import (
    CertificateUse,
    DeclarationLine,
    LodgeDeclaration,
    Regime,
    WithdrawDeclaration,
)
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.party.bodies import KeyRevocation
from hanse_ledger.values import limits
from hanse_ledger.values.moments import moment_words
from tests.world.sdk_node import NodeCorridor, now_ms, running_node
from tests.world.sdk_world import CERTIFICATE, World

pytestmark = pytest.mark.system

GOODS = DeclarationLine(
    certificate=None, hs_code="691200", origin="CN", quantity_micro=1_000_000, source=None, unit="C62"
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run a node with a seller and a buyer."""
    folder, corridor = tmp_path_factory.mktemp("world"), NodeCorridor()
    with running_node(corridor.make_node(folder / "node")) as url:
        yield World(url, corridor, folder / "home")


def test_a_stranger_does_not_fill_a_certificate(world: World) -> None:
    """A buyer lodges and withdraws: sixteen times, then it is told the bound; the certificate is proven whole."""
    invoice = world.issue()
    with world.client("chamber") as chamber:
        certificate = chamber.certificates.issue(CERTIFICATE, exporter=world.seller_id)
    with world.client("seller") as seller:
        issued = seller.record(certificate.record_id).record.body
        assert isinstance(issued, IssueCertificate)
        before = len(seller.proof(certificate.object_id))
    goods = issued.lines[0]
    line = DeclarationLine(
        certificate=CertificateUse(certificate=certificate.object_id, line=1),
        hs_code=goods.hs_code,
        origin=goods.origin,
        quantity_micro=1,
        source=None,
        unit=goods.unit,
    )
    body = LodgeDeclaration(
        consignment=None,
        customs="customs",
        declarant=world.buyer_id,
        invoices=(invoice.object_id,),
        lines=(line,),
        low_value=None,
        principal=None,
        regime=Regime.IMPORT,
    )
    with world.client("buyer") as buyer:
        answers = []
        for _ in range(limits.ENDED + 4):
            lodging = buyer.draft(body)
            withdrawal = buyer.draft(WithdrawDeclaration(declaration=created_id(lodging.id)))
            answers += [buyer.submit_drafts([lodging])[0]]
            if not isinstance(answers[-1], Refusal):
                buyer.submit_draft(withdrawal)
    refusals = [answer for answer in answers if isinstance(answer, Refusal)]
    assert (len(answers) - len(refusals), {refusal.code for refusal in refusals}) == (limits.ENDED, {"too-many-ended"})
    with world.client("seller") as seller:
        proof = seller.proof(certificate.object_id)
        assert seller.declarations.lodge(
            customs="customs", regime="export", invoices=[invoice.object_id], certificate=certificate.object_id
        )
    assert verify_file(proof, world.corridor.trust, now_ms()).verdict is Verdict.VALID
    assert len(proof) < before + 64 * limits.ENDED * 1024


def test_what_is_open_is_not_ended_too_soon(world: World) -> None:
    """The banks are there, and customs has its time: the refusal says from when it may be."""
    invoice = world.issue()
    with world.client("buyer") as buyer:
        payment = buyer.payments.instruct(
            payer_bank="bank-b", payee_bank="bank-a", allocations={invoice.object_id: 100}
        )
        declaration = buyer.declarations.lodge(
            customs="customs", regime="import", invoices=[invoice.object_id], lines=[GOODS]
        )
        with pytest.raises(Refused) as withdrawn:
            buyer.payments.withdraw(payment.object_id)
    with world.client("seller") as seller, pytest.raises(Refused) as lapsed:
        seller.declarations.lapse(declaration.object_id)
    assert (withdrawn.value.code, withdrawn.value.rule) == ("withdrawn-too-soon", "S-5")
    assert withdrawn.value.refusal.wanted == f"from {moment_words(payment.time_ms + limits.WITHDRAW_MS)}"
    assert (lapsed.value.code, lapsed.value.rule) == ("lapsed-too-soon", "C-5")
    assert lapsed.value.refusal.wanted == f"from {moment_words(declaration.time_ms + limits.LAPSE_MS)}"


def test_a_party_moves_and_its_new_member_revokes(world: World) -> None:
    """The party asks, two members sign the file one after the other; from then on the new one alone may revoke."""
    invoice = world.issue()
    with world.client("seller") as seller:
        draft = seller.parties.prepare_move("bank-a")
    assert len(draft.missing) == 2
    for member in ("bank-a", "market"):
        draft = Draft.from_json(draft.sign(world.corridor.members[member]).to_json())
    with world.client("market") as market:
        market.submit_draft(draft)
        assert market.parties.show(world.seller_id).links.member == "bank-a"
        with pytest.raises(Refused) as refused:
            market.keys.revoke(world.seller.public_key, KeyRevocation.COMPROMISE, party=world.seller_id)
        assert refused.value.code == "not-party-or-enroller"
    with world.client("seller") as seller, pytest.raises(IdentityError):
        seller.parties.prepare_move("nobody")
    with world.client("bank-a") as bank:
        bank.keys.revoke(world.seller.public_key, KeyRevocation.COMPROMISE, party=world.seller_id)
        report = verify_file(bank.proof(invoice.object_id), world.corridor.trust, now_ms())
    assert report.verdict is Verdict.VALID_WITH_WARNINGS, report.detail
    assert any("was revoked" in warning for warning in report.warnings)
