"""A sample of each record of customs declarations."""

from hanse_ledger.kinds.declaration.bodies import (
    AnswerDeclaration,
    AssessDeclaration,
    CertificateUse,
    CorrectDeclaration,
    CustomsLane,
    DeclarationLine,
    LapseDeclaration,
    LineQuantity,
    LodgeDeclaration,
    QueryDeclaration,
    RefuseDeclaration,
    Regime,
    ReleaseDeclaration,
    WithdrawDeclaration,
)
from hanse_ledger.kinds.standins import stand_in


def lodge() -> LodgeDeclaration:
    """An agent declares the buyer's import of 300 pieces, under the invoice and the certificate's first line."""
    line = DeclarationLine(
        certificate=CertificateUse(certificate=stand_in("certificate"), line=1),
        hs_code="610910",
        origin="CN",
        quantity_micro=300_000_000,
        source=None,
        unit="C62",
    )
    return LodgeDeclaration(
        consignment=None,
        customs="customs-be",
        declarant=stand_in("agent"),
        invoices=(stand_in("invoice"),),
        lines=(line,),
        low_value=None,
        principal=stand_in("buyer"),
        regime=Regime.IMPORT,
    )


def release() -> ReleaseDeclaration:
    """Customs releases 200 of the 300 pieces; the rest stays lodged."""
    return ReleaseDeclaration(declaration=stand_in("import"), lines=(LineQuantity(line=1, quantity_micro=200_000_000),))


def refuse() -> RefuseDeclaration:
    """Customs refuses the declaration."""
    return RefuseDeclaration(declaration=stand_in("import"), reasons=("DOCS",))


def withdraw() -> WithdrawDeclaration:
    """The agent takes it back."""
    return WithdrawDeclaration(declaration=stand_in("import"))


def lapse() -> LapseDeclaration:
    """Somebody whom it concerns has waited for customs long enough."""
    return LapseDeclaration(declaration=stand_in("import"))


def assess() -> AssessDeclaration:
    """Customs looks at the papers: the profile has found the origin worth a look."""
    return AssessDeclaration(
        declaration=stand_in("import"), lane=CustomsLane.YELLOW, profile=stand_in("risk profile"), reasons=("ORIGIN",)
    )


def query() -> QueryDeclaration:
    """Customs asks for the packing list, in a letter."""
    return QueryDeclaration(declaration=stand_in("import"), document=stand_in("letter"), reasons=("PACKING-LIST",))


def answer() -> AnswerDeclaration:
    """The agent sends it."""
    return AnswerDeclaration(declaration=stand_in("import"), document=stand_in("packing list"), query=stand_in("query"))


def correct() -> CorrectDeclaration:
    """Customs has released 50 pieces too many."""
    return CorrectDeclaration(
        declaration=stand_in("import"),
        lines=(LineQuantity(line=1, quantity_micro=50_000_000),),
        release=stand_in("release"),
    )
