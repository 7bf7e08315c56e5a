"""Certificates in other names than edi3's, written with edi3's: each shape is a function, and all meet in one reader.

What a shape leaves out stays out; what a wrapper says of issuer, dates and number is taken where the data are silent.
"""

from collections.abc import Callable, Mapping

from hanse_documents.semantics.country_names import country_named
from hanse_documents.syntax.certificates.quantities import quantity_in
from hanse_documents.syntax.certificates.wrappings import Wrapping
from hanse_documents.syntax.jsonplaces import Json, at, every, first, first_text, text_at

CONSIGNMENT = "supplyChainConsignment"


def as_edi3(wrapping: Wrapping) -> Json | None:
    """Write a certificate with the names of edi3; None where it is none of a shape that is read."""
    for belongs, write in _SHAPES:
        if belongs(wrapping):
            return write(wrapping)
    return None


def _is_edi3(wrapping: Wrapping) -> bool:
    return CONSIGNMENT in wrapping.subject


def _is_d23b(wrapping: Wrapping) -> bool:
    return "exchangedDocument" in wrapping.subject and "specifiedConsignment" in wrapping.subject


def _is_usmca(wrapping: Wrapping) -> bool:
    named = " ".join((*wrapping.types, text_at(wrapping.subject, "type") or "")).upper()
    return any(name in named for name in ("USMCA", "CUSMA", "T-MEC"))


def _without_nothing(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _from_edi3(wrapping: Wrapping) -> Json:
    """Fill what edi3's own names leave to the wrapper, and what AANZFTA certificates name otherwise."""
    given = wrapping.subject
    certificate: dict[str, object] = {**given}
    consignment = given[CONSIGNMENT]
    if isinstance(consignment, Mapping):
        certificate[CONSIGNMENT] = _consignment(consignment)
    if not wrapping.kind and wrapping.issuer_name is None:
        return certificate
    agreement = text_at(given, "freeTradeAgreement")
    certificate.setdefault("isPreferential", agreement is not None)
    if wrapping.issuer_name or wrapping.issuer_id:
        certificate.setdefault("issuer", _without_nothing(iD=wrapping.issuer_id, name=wrapping.issuer_name))
    if wrapping.issued:
        certificate.setdefault("issueDateTime", wrapping.issued)
    if wrapping.number:
        certificate.setdefault("iD", wrapping.number)
    if wrapping.valid_from and wrapping.valid_until:
        period = {"startDateTime": wrapping.valid_from, "endDateTime": wrapping.valid_until}
        certificate.setdefault("effectivePeriod", period)
    return certificate


def _consignment(given: Json) -> Json:
    consignment: dict[str, object] = {**given}
    for name, other in (("exporter", "consignor"), ("consignee", "importer")):
        if name not in given and other in given:
            consignment[name] = given[other]
    for name in ("exportCountry", "importCountry"):
        if name in given:
            consignment[name] = _country(given[name])
    if isinstance(items := given.get("includedConsignmentItems"), list):
        consignment["includedConsignmentItems"] = [_item(item) for item in items]
    return consignment


def _country(value: object) -> object:
    """Give a country its code where it has a name alone."""
    if isinstance(value, str):
        return {"code": country_named(value) or value}
    if isinstance(value, Mapping) and not text_at(value, "code") and (name := text_at(value, "name")):
        return {**value, "code": country_named(name) or name}
    return value


def _item(item: object) -> object:
    if not isinstance(item, Mapping) or not isinstance(lines := item.get("tradeLineItems"), list):
        return item
    alone = item if len(lines) == 1 else None
    return {**item, "tradeLineItems": [_line(line, alone) for line in lines]}


def _line(line: object, alone: object) -> object:
    """Put the quantity of a line to the place where it is read; of an item's only line it may stand at the item."""
    if not isinstance(line, Mapping):
        return line
    written: dict[str, object] = {**line}
    if isinstance(product := line.get("tradeProduct"), Mapping) and "originCountry" in product:
        written["tradeProduct"] = {**product, "originCountry": _country(product["originCountry"])}
    if "tradeDelivery" not in line and (quantity := quantity_in(line) or quantity_in(alone)) is not None:
        written["tradeDelivery"] = {"despatchedQuantity": quantity}
    return written


def _content(value: object, *path: str) -> str | None:
    """Give a value of the UN/CEFACT JSON syntax, where a text is `{"content": …}`; plain texts are taken too."""
    found = first(at(value, *path))
    return text_at(found, "content") if isinstance(found, Mapping) else text_at(found)


def _from_d23b(wrapping: Wrapping) -> Json:
    """Write the preferential certificate of UN/CEFACT's Buy-Ship-Pay model, D23B."""
    document, consignment = wrapping.subject["exchangedDocument"], wrapping.subject["specifiedConsignment"]
    procedure = at(consignment, "applicableCrossBorderRegulatoryProcedure")
    items = every(at(consignment, "includedConsignmentItem"))
    return _without_nothing(
        iD=_content(document, "id") or "",
        issueDateTime=_content(document, "issueDateTime"),
        issuer=_d23b_party(at(document, "issuer")) or {},
        isPreferential=True,
        freeTradeAgreement=_content(procedure, "freeTradeAgreementName"),
        supplyChainConsignment=_without_nothing(
            exporter=_d23b_party(at(consignment, "consignor")),
            consignee=_d23b_party(at(consignment, "consignee")),
            exportCountry=_of_code(_content(consignment, "exportTradeCountry", "id")),
            importCountry=_of_code(_content(consignment, "importTradeCountry", "id")),
            includedConsignmentItems=[_d23b_item(item, procedure) for item in items],
        ),
    )


def _of_code(code: str | None) -> Json | None:
    return None if code is None else {"code": code}


def _d23b_party(value: object) -> Json | None:
    party = first(value)
    if not isinstance(party, Mapping):
        return None
    country = _content(party, "postalAddress", "countryId")
    address = None if country is None else {"countryCode": country}
    return _without_nothing(iD=_content(party, "id"), name=_content(party, "name"), postalAddress=address)


def _d23b_item(item: object, procedure: object) -> Json:
    criterion = _content(item, "applicableCrossBorderRegulatoryProcedure", "originCriteriaText")
    return _without_nothing(
        crossBorderRegulatoryProcedure=_without_nothing(
            originCriteriaText=criterion or _content(procedure, "originCriteriaText")
        ),
        tradeLineItems=[_d23b_line(line) for line in every(at(item, "includedTradeLineItem"))],
    )


def _d23b_line(line: object) -> Json:
    product = at(line, "specifiedTradeProduct")
    code = _content(product, "designatedProductClassification", "classCode")
    quantity = quantity_in(line)
    invoice = _content(line, "invoiceReferencedDocument", "id")
    return _without_nothing(
        tradeProduct=_without_nothing(
            description=_content(product, "description"),
            harmonisedTariffCode=None if code is None else {"classCode": code},
            originCountry=_of_code(_content(product, "originTradeCountry", "id")),
        ),
        tradeDelivery=None if quantity is None else {"despatchedQuantity": quantity},
        invoiceReference=None if invoice is None else {"iD": invoice},
    )


def _from_usmca(wrapping: Wrapping) -> Json:
    """Write a USMCA certification as the W3C traceability vocabulary and UNTP name its elements.

    A certification has no number: what it is called, else the moment of its issue, stands for it.
    """
    whole = {**wrapping.whole, **wrapping.subject}
    exporter, importer = _organisation(whole.get("exporterDetails")), _organisation(whole.get("importerDetails"))
    start, end = text_at(whole, "blanketPeriodFrom"), text_at(whole, "blanketPeriodTo")
    invoice = first_text(whole, ("invoiceNumber",), ("invoice", "invoiceNumber"))
    goods = [goods for subject in wrapping.subjects for goods in (every(subject.get("products")) or every(subject))]
    return _without_nothing(
        iD=text_at(whole, "identifier") or wrapping.number or wrapping.issued or "",
        issueDateTime=wrapping.issued,
        issuer=_without_nothing(iD=wrapping.issuer_id, name=wrapping.issuer_name),
        isPreferential=True,
        freeTradeAgreement="USMCA",
        effectivePeriod={"startDateTime": start, "endDateTime": end} if start and end else None,
        supplyChainConsignment=_without_nothing(
            exporter=exporter or _without_nothing(name=wrapping.issuer_name),
            consignee=importer,
            exportCountry=_of_code(text_at(exporter, "postalAddress", "countryCode")),
            importCountry=_of_code(text_at(importer, "postalAddress", "countryCode")),
            includedConsignmentItems=[_usmca_item(each, invoice) for each in goods],
        ),
    )


def _organisation(value: object) -> Json | None:
    party = first(value)
    if not isinstance(party, Mapping):
        return None
    country = first_text(
        party,
        ("location", "address", "addressCountry"),
        ("address", "addressCountry"),
        ("locationInformation", "address", "addressCountry", "countryCode"),
    )
    address = None if country is None else {"countryCode": country_named(country) or country}
    identifier = first_text(party, ("taxId",), ("registeredId",), ("id",))
    return _without_nothing(iD=identifier, name=text_at(party, "name"), postalAddress=address)


def _usmca_item(goods: object, invoice: str | None) -> Json:
    """Write one product: `product` holds it, or the goods are named directly, as UNTP does."""
    product = at(goods, "product") or goods
    code = first_text(
        product, ("commodity", "commodityCode"), ("hsCode",), ("HSCode",), ("productCategory", "code"), ("htsCode",)
    )
    origin = first_text(goods, ("countryOfOrigin",), ("product", "countryOfOrigin"), ("countryOfProduction",))
    quantity = quantity_in(goods)
    criterion = first_text(goods, ("originCriterion",), ("originCriteria",))
    number = text_at(goods, "invoiceNumber") or invoice
    line = _without_nothing(
        tradeProduct=_without_nothing(
            description=first_text(product, ("description",), ("name",), ("commodity", "description")),
            harmonisedTariffCode=None if code is None else {"classCode": code},
            originCountry=_of_code(country_named(origin) or origin if origin else None),
        ),
        tradeDelivery=None if quantity is None else {"despatchedQuantity": quantity},
        invoiceReference=None if number is None else {"iD": number},
    )
    return _without_nothing(
        crossBorderRegulatoryProcedure=None if criterion is None else {"originCriteriaText": criterion},
        tradeLineItems=[line],
    )


_SHAPES: tuple[tuple[Callable[[Wrapping], bool], Callable[[Wrapping], Json]], ...] = (
    (_is_edi3, _from_edi3),
    (_is_d23b, _from_d23b),
    (_is_usmca, _from_usmca),
)
"""How each shape is told, and what writes it with edi3's names; the first that fits is taken."""
