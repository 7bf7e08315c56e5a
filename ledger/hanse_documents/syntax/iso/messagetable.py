"""The table of messages: where in each what is asked for stands, by local names.

A path leads from the transaction; `../` begins at the group around it (`PmtInf`, `Undrlyg`, an entry), `/` at the
message. Of several paths the first that is there counts: names differ by version, and a version that has another
place for something is one more path. Local names, because namespaces differ by version.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from hanse_documents.model.documents import MessageKind

Paths = Mapping[str, tuple[str, ...]]

OLDEST = 2
"""The first version that is read: those before are of the years before 2009, and built otherwise."""


class MessageTotals(Struct, frozen=True, kw_only=True):
    """Where a count, a sum over all currencies and a sum in one currency stand, as seen from what they are about."""

    count: str
    sum: str
    money: str = ""


class MessageRow(Struct, frozen=True, kw_only=True):
    """One message: its element in the document, where its transactions are, and where in them is what.

    `whole` is what says something of all transactions together; `needed` must stand in each, and is asked for where the
    structure is not checked.
    """

    body: str
    group: str = ""
    group_totals: MessageTotals | None = None
    identifier: str = "GrpHdr/MsgId"
    kind: MessageKind
    needed: tuple[str, ...] = ()
    paths: Paths
    totals: MessageTotals | None = None
    transactions: tuple[str, ...]
    whole: tuple[str, ...] = ()
    whole_paths: Paths = MappingProxyType({})

    @property
    def bodies(self) -> tuple[str, str]:
        """Name the element: in 2008 it was called as the message."""
        return self.body, f"{self.kind.value}.001.02"


_TRANSFER: Paths = {
    "bearer": ("ChrgBr", "../ChrgBr"),
    "charges": ("ChrgsInf",),
    "creditor": ("Cdtr",),
    "creditor_account": ("CdtrAcct",),
    "creditor_agent": ("CdtrAgt",),
    "debtor": ("Dbtr", "../Dbtr"),
    "debtor_account": ("DbtrAcct", "../DbtrAcct"),
    "debtor_agent": ("DbtrAgt", "../DbtrAgt"),
    "end_to_end": ("PmtId/EndToEndId",),
    "instruction": ("PmtId/InstrId",),
    "remittance": ("RmtInf",),
    "transaction": ("PmtId/TxId",),
    "uetr": ("PmtId/UETR",),
}

_ORIGINAL: Paths = {
    "end_to_end": ("OrgnlEndToEndId",),
    "instruction": ("OrgnlInstrId",),
    "transaction": ("OrgnlTxId",),
    "uetr": ("OrgnlUETR",),
}

_ENTRY: Paths = {
    "amount": ("Amt", "AmtDtls/TxAmt/Amt"),
    "bank_reference": ("Refs/AcctSvcrRef", "../AcctSvcrRef"),
    "charges": ("Chrgs",),
    "counter_value": ("AmtDtls/CntrValAmt/Amt", "AmtDtls/TxAmt/Amt"),
    "creditor": ("RltdPties/Cdtr",),
    "creditor_account": ("RltdPties/CdtrAcct",),
    "creditor_agent": ("RltdAgts/CdtrAgt",),
    "debtor": ("RltdPties/Dbtr",),
    "debtor_account": ("RltdPties/DbtrAcct",),
    "debtor_agent": ("RltdAgts/DbtrAgt",),
    "end_to_end": ("Refs/EndToEndId",),
    "instructed": ("AmtDtls/InstdAmt/Amt",),
    "instruction": ("Refs/InstrId",),
    "reason": ("RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry"),
    "remittance": ("RmtInf",),
    "transaction": ("Refs/TxId",),
    "uetr": ("Refs/UETR",),
}

MESSAGES: Mapping[str, MessageRow] = {
    row.kind.value: row
    for row in (
        MessageRow(
            kind=MessageKind.INITIATION,
            body="CstmrCdtTrfInitn",
            group="PmtInf",
            group_totals=MessageTotals(count="NbOfTxs", sum="CtrlSum"),
            needed=("amount", "creditor"),
            paths={
                **_TRANSFER,
                "amount": ("Amt/InstdAmt", "Amt/EqvtAmt/Amt"),
                "valued": ("../ReqdExctnDt/Dt", "../ReqdExctnDt/DtTm", "../ReqdExctnDt"),
            },
            totals=MessageTotals(count="GrpHdr/NbOfTxs", sum="GrpHdr/CtrlSum"),
            transactions=("CdtTrfTxInf",),
        ),
        MessageRow(
            kind=MessageKind.CREDIT_TRANSFER,
            body="FIToFICstmrCdtTrf",
            needed=("creditor", "creditor_agent", "debtor", "debtor_agent"),
            paths={
                **_TRANSFER,
                "amount": ("IntrBkSttlmAmt",),
                "instructed": ("InstdAmt",),
                "valued": ("IntrBkSttlmDt", "/GrpHdr/IntrBkSttlmDt"),
            },
            totals=MessageTotals(count="GrpHdr/NbOfTxs", sum="GrpHdr/CtrlSum", money="GrpHdr/TtlIntrBkSttlmAmt"),
            transactions=("CdtTrfTxInf",),
        ),
        MessageRow(
            kind=MessageKind.RETURN,
            body="PmtRtr",
            paths={
                **_ORIGINAL,
                "amount": ("RtrdIntrBkSttlmAmt",),
                "bearer": ("ChrgBr",),
                "charges": ("ChrgsInf",),
                "creditor": ("OrgnlTxRef/Cdtr",),
                "creditor_account": ("OrgnlTxRef/CdtrAcct",),
                "creditor_agent": ("OrgnlTxRef/CdtrAgt",),
                "debtor": ("OrgnlTxRef/Dbtr",),
                "debtor_account": ("OrgnlTxRef/DbtrAcct",),
                "debtor_agent": ("OrgnlTxRef/DbtrAgt",),
                "instructed": ("RtrdInstdAmt",),
                "reason": (
                    "RtrRsnInf/Rsn/Cd",
                    "RtrRsnInf/Rsn/Prtry",
                    "/OrgnlGrpInf/RtrRsnInf/Rsn/Cd",
                    "/OrgnlGrpInf/RtrRsnInf/Rsn/Prtry",
                ),
                "remittance": ("OrgnlTxRef/RmtInf",),
                "valued": ("IntrBkSttlmDt", "/GrpHdr/IntrBkSttlmDt"),
            },
            totals=MessageTotals(count="GrpHdr/NbOfTxs", sum="GrpHdr/CtrlSum", money="GrpHdr/TtlRtrdIntrBkSttlmAmt"),
            transactions=("TxInf",),
        ),
        MessageRow(
            kind=MessageKind.STATEMENT, body="BkToCstmrStmt", group="Stmt", paths=_ENTRY, transactions=("Ntry",)
        ),
        MessageRow(
            kind=MessageKind.NOTIFICATION,
            body="BkToCstmrDbtCdtNtfctn",
            group="Ntfctn",
            paths=_ENTRY,
            transactions=("Ntry",),
        ),
        MessageRow(
            kind=MessageKind.STATUS,
            body="FIToFIPmtStsRpt",
            paths={
                **_ORIGINAL,
                "amount": ("OrgnlTxRef/IntrBkSttlmAmt", "OrgnlTxRef/Amt/InstdAmt"),
                "at": ("AccptncDtTm",),
                "information": ("StsRsnInf/AddtlInf", "StsRsnInf/AddtlStsRsnInf"),
                "original_kind": ("OrgnlGrpInf/OrgnlMsgNmId", "/OrgnlGrpInfAndSts/OrgnlMsgNmId"),
                "original_message": ("OrgnlGrpInf/OrgnlMsgId", "/OrgnlGrpInfAndSts/OrgnlMsgId"),
                "reason": ("StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry", "StsRsnInf/StsRsn/Cd", "StsRsnInf/StsRsn/Prtry"),
                "status": ("TxSts", "/OrgnlGrpInfAndSts/GrpSts"),
                "valued": ("OrgnlTxRef/IntrBkSttlmDt",),
            },
            transactions=("TxInfAndSts",),
            whole=("OrgnlGrpInfAndSts",),
            whole_paths={
                "information": ("StsRsnInf/AddtlInf", "StsRsnInf/AddtlStsRsnInf"),
                "original_kind": ("OrgnlMsgNmId",),
                "original_message": ("OrgnlMsgId",),
                "reason": ("StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry", "StsRsnInf/StsRsn/Cd", "StsRsnInf/StsRsn/Prtry"),
                "status": ("GrpSts",),
            },
        ),
        MessageRow(
            kind=MessageKind.CANCELLATION,
            body="FIToFIPmtCxlReq",
            group="Undrlyg",
            identifier="Assgnmt/Id",
            paths={
                **_ORIGINAL,
                "amount": ("OrgnlIntrBkSttlmAmt", "OrgnlTxRef/IntrBkSttlmAmt"),
                "at": ("/Assgnmt/CreDtTm",),
                "case": ("Case/Id", "../OrgnlGrpInfAndCxl/Case/Id", "/Case/Id"),
                "information": ("CxlRsnInf/AddtlInf",),
                "original_kind": ("OrgnlGrpInf/OrgnlMsgNmId", "../OrgnlGrpInfAndCxl/OrgnlMsgNmId"),
                "original_message": ("OrgnlGrpInf/OrgnlMsgId", "../OrgnlGrpInfAndCxl/OrgnlMsgId"),
                "reason": ("CxlRsnInf/Rsn/Cd", "CxlRsnInf/Rsn/Prtry"),
                "valued": ("OrgnlIntrBkSttlmDt",),
            },
            totals=MessageTotals(count="CtrlData/NbOfTxs", sum="CtrlData/CtrlSum"),
            transactions=("TxInf",),
            whole=("OrgnlGrpInfAndCxl",),
            whole_paths={
                "at": ("/Assgnmt/CreDtTm",),
                "case": ("Case/Id", "/Case/Id"),
                "information": ("CxlRsnInf/AddtlInf",),
                "original_kind": ("OrgnlMsgNmId",),
                "original_message": ("OrgnlMsgId",),
                "reason": ("CxlRsnInf/Rsn/Cd", "CxlRsnInf/Rsn/Prtry"),
            },
        ),
        MessageRow(
            kind=MessageKind.RESOLUTION,
            body="RsltnOfInvstgtn",
            group="CxlDtls",
            identifier="Assgnmt/Id",
            paths={
                **_ORIGINAL,
                "amount": ("OrgnlIntrBkSttlmAmt", "OrgnlInstdAmt", "OrgnlTxRef/IntrBkSttlmAmt"),
                "at": ("/Assgnmt/CreDtTm",),
                "case": ("RslvdCase/Id", "../OrgnlGrpInfAndSts/RslvdCase/Id", "/RslvdCase/Id"),
                "information": ("CxlStsRsnInf/AddtlInf",),
                "original_kind": (
                    "OrgnlGrpInf/OrgnlMsgNmId",
                    "../OrgnlGrpInfAndSts/OrgnlMsgNmId",
                    "../OrgnlPmtInfAndSts/OrgnlGrpInf/OrgnlMsgNmId",
                ),
                "original_message": (
                    "OrgnlGrpInf/OrgnlMsgId",
                    "../OrgnlGrpInfAndSts/OrgnlMsgId",
                    "../OrgnlPmtInfAndSts/OrgnlGrpInf/OrgnlMsgId",
                ),
                "reason": ("CxlStsRsnInf/Rsn/Cd", "CxlStsRsnInf/Rsn/Prtry"),
                "status": (
                    "TxCxlSts",
                    "../OrgnlPmtInfAndSts/PmtInfCxlSts",
                    "../OrgnlGrpInfAndSts/GrpCxlSts",
                    "/Sts/Conf",
                ),
                "valued": ("OrgnlIntrBkSttlmDt",),
            },
            transactions=("TxInfAndSts", "OrgnlPmtInfAndSts/TxInfAndSts"),
            whole=("OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts"),
            whole_paths={
                "at": ("/Assgnmt/CreDtTm",),
                "case": ("RslvdCase/Id", "/RslvdCase/Id"),
                "information": ("CxlStsRsnInf/AddtlInf",),
                "original_kind": ("OrgnlMsgNmId", "OrgnlGrpInf/OrgnlMsgNmId"),
                "original_message": ("OrgnlMsgId", "OrgnlGrpInf/OrgnlMsgId"),
                "reason": ("CxlStsRsnInf/Rsn/Cd", "CxlStsRsnInf/Rsn/Prtry"),
                "status": ("GrpCxlSts", "PmtInfCxlSts", "/Sts/Conf"),
            },
        ),
    )
}
"""By definition, such as `camt.053`."""
