"""Messages as banks send them, written for a test: transfers and notifications of several versions and shapes."""

from hanse_ledger.kinds.payment.state import PaymentAmounts

UETR = "7f0d2c34-9a51-4c1e-8b77-2d6f0e1a9c55"
OTHER_UETR = "0b9a6c1e-3d42-4f8a-9e10-6a7b8c9d0e1f"

_NOTICE = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.{version}"><BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>T-1</MsgId></GrpHdr><Ntfctn><Id>T-1-1</Id><Acct><Id><IBAN>BE68539007547034</IBAN></Id></Acct>{entries}
</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"""

_TRANSFER = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.{version}"><FIToFICstmrCdtTrf>
<GrpHdr><MsgId>P-1</MsgId></GrpHdr><CdtTrfTxInf><PmtId><EndToEndId>{end_to_end}</EndToEndId>{uetr}</PmtId>{amounts}
{charges}</CdtTrfTxInf></FIToFICstmrCdtTrf></Document>"""


def entry(
    booked: str,
    *,
    amount: str = "",
    instructed: str = "",
    charges: str = "",
    end_to_end: str = "NOTPROVIDED",
    uetr: str = "",
    references: tuple[str, ...] = (),
    reversal: bool = False,
    status: str = "BOOK",
    direction: str = "CRDT",
    currency: str = "EUR",
) -> str:
    """Write one entry of one transaction; amounts are decimal texts, charges XML."""
    own = f'<Amt Ccy="{currency}">{amount or booked}</Amt>'
    stated = f'<AmtDtls><InstdAmt><Amt Ccy="{currency}">{instructed}</Amt></InstdAmt></AmtDtls>' if instructed else ""
    named = "".join(f"<Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd>" for reference in references)
    return (
        f'<Ntry><Amt Ccy="{currency}">{booked}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        f"{'<RvslInd>true</RvslInd>' if reversal else ''}<Sts><Cd>{status}</Cd></Sts><NtryDtls><TxDtls>"
        f"<Refs><EndToEndId>{end_to_end}</EndToEndId>{f'<UETR>{uetr}</UETR>' if uetr else ''}</Refs>{own}{stated}"
        f"{charges}<RmtInf>{named}</RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def charge(amount: str, bearer: str = "SHAR", agent: str = "HNSABEB0XXX", currency: str = "EUR") -> str:
    """Write what one bank took."""
    bic = f"<Agt><FinInstnId><BICFI>{agent}</BICFI></FinInstnId></Agt>" if agent else ""
    borne = f"<Br>{bearer}</Br>" if bearer else ""
    return f'<Chrgs><Rcrd><Amt Ccy="{currency}">{amount}</Amt>{borne}{bic}</Rcrd></Chrgs>'


def notice(*entries: str, version: str = "08") -> bytes:
    """Write a notification of some entries."""
    return _NOTICE.format(version=version, entries="".join(entries)).encode()


def transfer(amount: str, *, end_to_end: str = "NOTPROVIDED", uetr: str = "", version: str = "02") -> bytes:
    """Write a transfer of one payment in euros."""
    return _TRANSFER.format(
        version=version,
        end_to_end=end_to_end,
        uetr=f"<UETR>{uetr}</UETR>" if uetr else "",
        amounts=f'<IntrBkSttlmAmt Ccy="EUR">{amount}</IntrBkSttlmAmt>',
        charges="",
    ).encode()


def amounts_under_way(amount_minor: int) -> PaymentAmounts:
    """Give what a payment's amounts are of which nothing has arrived yet."""
    return PaymentAmounts(
        allocations=(),
        amount_minor=amount_minor,
        charged_minor=0,
        credited_minor=0,
        currency="EUR",
        debit=None,
        last_charged_minor=0,
        last_credited_minor=0,
        minor_digits=2,
        returned_minor=0,
        under_way_minor=amount_minor,
    )
