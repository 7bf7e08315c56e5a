"""Messages with planted values, written from a schema: what must be there, and what the test wants to read back."""

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from hanse_documents.model.documents import MessageKind
from hanse_documents.syntax.iso.messagetable import MessageRow
from tests.unit.documents.iso.schemas import Member, Schema

UETR = "7f0d2c34-9a51-4c1e-8b77-2d6f0e1a9c55"
BOOKED = (MessageKind.NOTIFICATION, MessageKind.STATEMENT)

# Field of the table: what follows its path, one after the other until the version has it; value; field that is read.
# Without a value the schema's own is planted.
ACCOUNT = ("Id/IBAN",)
AGENT = ("FinInstnId/BICFI", "FinInstnId/BIC")
PARTY = ("Pty/Nm", "Nm")
PLANTED: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "amount": (("",), "1234.56", ""),
    "bank_reference": (("",), "BANK-1", "bank_reference"),
    "case": (("",), "CASE-1", "case"),
    "creditor": (PARTY, "Qingwan Kiln Studio Co Ltd", "creditor_name"),
    "creditor_account": (ACCOUNT, "BE68539007547034", "creditor_iban"),
    "creditor_agent": (AGENT, "HNSABEB0XXX", "creditor_agent"),
    "debtor": (PARTY, "Tafelrood BV", "debtor_name"),
    "debtor_account": (ACCOUNT, "BE71096123456769", "debtor_iban"),
    "debtor_agent": (AGENT, "HNSBBEB0XXX", "debtor_agent"),
    "end_to_end": (("",), "E2E-1", "end_to_end"),
    "information": (("",), "As agreed", "information/1"),
    "instruction": (("",), "INSTR-1", "instruction_id"),
    "original_kind": (("",), "pacs.008.001.08", "original_kind"),
    "original_message": (("",), "MSG-0", "original_message"),
    "reason": (("",), "", "reason"),
    "status": (("",), "", "status"),
    "transaction": (("",), "TX-1", "transaction_id"),
    "uetr": (("",), UETR, "uetr"),
    "valued": (("",), "2026-10-13", "valued"),
}
REMITTED = (
    (("Strd/RfrdDocInf/Nb", "Strd/RfrdDocInf/RfrdDocNb"), "QW-2026-0917", "documents/1"),
    (("Strd/CdtrRefInf/Ref", "Strd/CdtrRefInf/CdtrRef"), "RF24QW20260917", "creditor_reference"),
    (("Ustrd",), "thank you", "unstructured/1"),
)


def planted_in(schema: Schema, row: MessageRow) -> tuple[dict[str, str], dict[str, str]]:
    """Choose where to plant what: the values by their paths from the document, and what should be read of them."""
    kind = schema.kind(schema.root)
    body = kind.parts[0].name
    assert body in row.bodies
    values = {f"{body}/{row.identifier}": "MSG-1"}
    wanted = {"message": "MSG-1", "kind": row.kind.value}
    transaction = "Ntry/NtryDtls/TxDtls" if row.kind in BOOKED else row.transactions[0]
    around = f"{body}/{row.group}" if row.group else body
    inside = f"{around}/{transaction}"
    group = f"{around}/Ntry" if row.kind in BOOKED else around

    def plant(path: str, endings: tuple[str, ...], value: str, field: str) -> bool:
        start = f"{body}/{path[1:]}" if path.startswith("/") else f"{group}/{path[3:]}"
        whole = start if path.startswith(("/", "../")) else f"{inside}/{path}"
        for ending in endings:
            full = f"{whole}/{ending}".rstrip("/")
            text = text_at(schema, full)
            if text is not None:
                # Codes differ by version: of those the schema's own is planted.
                values[full] = value or text
                if field:
                    wanted[field] = values[full]
                return True
        return False

    reports = "information" in row.paths
    for name, (endings, value, field) in PLANTED.items():
        named = "reasons/1" if name == "reason" and reports else field
        any(plant(path, endings, value, named) for path in row.paths.get(name, ()))
    for endings, value, field in REMITTED:
        any(plant(path, endings, value, field) for path in row.paths.get("remittance", ()))
    if row.kind in BOOKED:
        values |= {
            f"{group}/Amt": "1234.56",
            f"{group}/CdtDbtInd": "CRDT",
            f"{around}/Acct/Id/IBAN": "BE68539007547034",
        }
        values |= {next(path for path in (f"{group}/Sts/Cd", f"{group}/Sts") if is_text(schema, path)): "BOOK"}
        values |= {f"{group}/ValDt/Dt": "2026-10-13", f"{group}/BookgDt/Dt": "2026-10-12"}
        wanted |= {"booked": "2026-10-12", "valued": "2026-10-13", "status": "BOOK", "direction": "CRDT"}
    counted = row.totals
    if counted is not None and is_text(schema, f"{body}/{counted.count}"):
        values[f"{body}/{counted.count}"] = "1"
    if row.group_totals is not None and is_text(schema, f"{group}/{row.group_totals.count}"):
        values[f"{group}/{row.group_totals.count}"] = "1"
    amount = (
        {"amount/amount_minor": "123456"}
        if "status" in row.paths or "case" in row.paths
        else {"amount_minor": "123456"}
    )
    return values, wanted | (amount if any(value == "1234.56" for value in values.values()) else {})


def is_text(schema: Schema, path: str) -> bool:
    """Tell whether a schema has an element with a text at a path."""
    return text_at(schema, path) is not None


def text_at(schema: Schema, path: str) -> str | None:
    """Give a text that an element at a path may have; None where there is no such element."""
    kind = schema.kind(schema.root)
    for step in path.split("/"):
        part = next((part for part in kind.parts if part.name == step), None)
        if part is None:
            return None
        kind = schema.kind(part.kind_name)
    return kind.sample


def message_of(schema: Schema, planted: Mapping[str, str]) -> bytes:
    """Write the smallest message of a schema that holds what is planted."""
    content = _content(schema, Member("Document", 1, 1, schema.root), "", planted)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{schema.namespace}">{content}</Document>'.encode()


def _content(schema: Schema, member: Member, path: str, planted: Mapping[str, str]) -> str:
    kind = schema.kind(member.kind_name)
    if kind.sample is not None:
        return escape(planted.get(path, kind.sample))
    if kind.anything:
        return '<any xmlns="urn:any"/>'
    below = {part.name: f"{path}/{part.name}".lstrip("/") for part in kind.parts}
    held = [part for part in kind.parts if _holds(planted, below[part.name])]
    usual = kind.parts[:1] if kind.choice else [part for part in kind.parts if part.least or part in held]
    written = held[:1] or usual if kind.choice else usual
    return "".join(_element(schema, part, below[part.name], planted) for part in written)


def _element(schema: Schema, part: Member, path: str, planted: Mapping[str, str]) -> str:
    attributes = schema.kind(part.kind_name).attributes
    given = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<{part.name}{given}>{_content(schema, part, path, planted)}</{part.name}>"


def _holds(planted: Mapping[str, str], path: str) -> bool:
    return any(each == path or each.startswith(f"{path}/") for each in planted)
