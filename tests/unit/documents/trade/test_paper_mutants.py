"""Each element of each paper in JSON, once: deleted, emptied, doubled, of another type: an answer, and nothing else."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from hanse_documents import DocumentVerdict, check_document
from hanse_documents.checks import compare_set, set_of
from tests.unit.documents.trade.test_carriage import DECLARATION, SHIPMENT, packing_list
from tests.unit.documents.trade.test_certificate_shapes import AANZFTA, D23B, UBL, USMCA
from tests.unit.documents.trade.test_certificate_wrappers import CERTIFICATE, credential, version_3

DCSA: dict[str, Any] = {
    "transportDocumentTypeCode": "BOL",
    "transportDocumentReference": "BL-1",
    "isToOrder": False,
    "documentParties": {
        "shipper": {"partyName": "Seller", "identifyingCodes": [{"partyCode": "1"}], "address": {"countryCode": "CN"}},
        "consignee": {"partyName": "Buyer"},
    },
    "consignmentItems": [
        {
            "descriptionOfGoods": ["Plates"],
            "HSCodes": ["691110"],
            "cargoItems": [
                {
                    "equipmentReference": "MSKU1234565",
                    "cargoGrossWeight": {"value": 5000, "unit": "KGM"},
                    "outerPackaging": {"numberOfPackages": 26, "packageCode": "CT"},
                }
            ],
        }
    ],
    "utilizedTransportEquipments": [{"equipment": {"equipmentReference": "MSKU1234565"}, "seals": [{"number": "S"}]}],
    "shippedOnBoardDate": "2026-09-21",
    "transports": {"portOfLoading": {"UNLocationCode": "CNNGB"}, "vesselVoyages": [{"vesselName": "Blue Heron"}]},
}
PAPERS = {
    "edi3": CERTIFICATE,
    "aanzfta": AANZFTA,
    "usmca": USMCA,
    "d23b": D23B,
    "wco": DECLARATION,
    "dcsa": DCSA,
    "oa3": version_3(credential({"iD": "1", "supplyChainConsignment": {}})),
}
INSTEAD: tuple[Any, ...] = (None, "", [], {}, "x", 5, -1, True, [[]], [{}], {"value": None}, "9" * 40, "\u0000")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """List the paths to everything below a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield (*path, key)
        yield from places(part, (*path, key))


def mutants(paper: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Change each place in each way."""
    for path in places(paper):
        for instead in (..., *INSTEAD):
            changed = copy.deepcopy(paper)
            holder: Any = changed
            for step in path[:-1]:
                holder = holder[step]
            if instead is ...:
                del holder[path[-1]]
            elif instead == [[]]:
                holder[path[-1]] = [holder[path[-1]], holder[path[-1]]]
            else:
                holder[path[-1]] = instead
            yield changed


@pytest.mark.parametrize("name", PAPERS)
def test_every_mutant_gets_an_answer(name: str) -> None:
    """A verdict for each, no exception; what is read is compared without one either, and what is invalid is told."""
    whole = check_document(json.dumps(PAPERS[name]).encode()).document
    for mutant in mutants(PAPERS[name]):
        report = check_document(json.dumps(mutant).encode(), "paper")
        if report.document is None:
            assert report.verdict is not DocumentVerdict.VALID
            assert report.findings
            continue
        compare_set(set_of([report.document, *([] if whole is None else [whole])]))


@pytest.mark.parametrize(
    "text", [UBL.replace("KIND", "EUR.1"), packing_list("BillOfLading", SHIPMENT)], ids=["co", "bl"]
)
def test_every_mutant_in_xml_gets_an_answer(text: str) -> None:
    """The same in UBL: each element deleted, emptied, doubled, filled with other words, moved to the end."""
    root = etree.fromstring(text.encode())
    for place in range(1, len(list(root.iter()))):
        for how in ("deleted", "emptied", "doubled", "changed", "moved"):
            mutant = copy.deepcopy(root)
            element = list(mutant.iter())[place]
            parent = element.getparent()
            assert parent is not None
            match how:
                case "deleted":
                    parent.remove(element)
                case "emptied":
                    element.clear()
                case "doubled":
                    parent.append(copy.deepcopy(element))
                case "changed":
                    element.text = "zz 9"
                case _:
                    mutant.append(element)
            report = check_document(etree.tostring(mutant), "paper")
            if report.document is None:
                assert report.fatal()
            else:
                compare_set(set_of([report.document]))
