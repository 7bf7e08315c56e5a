"""Bills of lading as TradeTrust credentials have them: a subject with `blNumber`."""

from hanse_documents.model.carriage import TransportDocument, TransportGoods, TransportKind
from hanse_documents.model.documents import DocumentParty
from hanse_documents.model.errors import Examiner
from hanse_documents.syntax.carriage.papervalues import ReadValues
from hanse_documents.syntax.certificates.wrappings import Wrapping
from hanse_documents.syntax.jsonplaces import Json, every, first_text, text_at


def bill_in(wrapping: Wrapping, examiner: Examiner) -> TransportDocument | None:
    """Read a bill of lading; None where the credential is about something else."""
    bill, values = wrapping.subject, ReadValues(examiner)
    number = text_at(bill, "blNumber")
    if number is None:
        return None
    scac = text_at(bill, "scac")
    consignee = _party(bill, "consignee", values)
    order = consignee is not None and (consignee.name or "").casefold().startswith("to order")
    return TransportDocument(
        carrier=None if scac is None else DocumentParty(identifiers=(scac,), name=text_at(bill, "carrierName")),
        consignee=consignee,
        consignor=_party(bill, "shipper", values),
        discharge_place=text_at(bill, "portOfDischarge"),
        document_type=TransportKind.BILL_OF_LADING,
        issued=values.day(first_text(bill, ("dateOfIssue",), ("issueDate",)) or wrapping.issued, "issuanceDate"),
        lines=tuple(
            _goods(each, values, f"packages/{place}") for place, each in enumerate(every(bill.get("packages")), 1)
        ),
        loaded=values.day(first_text(bill, ("onBoardDate",), ("shippedOnBoardDate",)), "onBoardDate"),
        loading_place=text_at(bill, "portOfLoading"),
        mode="1",
        number=number,
        to_order=order,
        vessel=text_at(bill, "vessel"),
        voyage=text_at(bill, "voyageNo"),
    )


def _party(bill: Json, name: str, values: ReadValues) -> DocumentParty | None:
    party = first_text(bill, (name, "name"), (name,))
    country = values.country(first_text(bill, (name, "address", "country")), f"{name}/address/country")
    return None if party is None and country is None else DocumentParty(country=country, name=party)


def _goods(package: object, values: ReadValues, where: str) -> TransportGoods:
    return TransportGoods(
        description=first_text(package, ("description",), ("packagesDescription",)),
        gross_mass_micro=values.mass(text_at(package, "weight"), text_at(package, "measurement"), where),
    )
