"""Why a record about a declaration is refused."""

from hanse_ledger.values.reasons import Reason

DECLARATION_UNKNOWN = Reason("declaration-unknown", "No declaration has this id.", "Check the declaration's id.")

NOT_DECLARANT = Reason("not-declarant", "The declarant has not signed.", "Have the declarant sign.")

PRINCIPAL_IS_DECLARANT = Reason(
    "principal-is-declarant",
    "The declarant is named as its own principal.",
    "Leave the principal out: who declares for itself has none.",
)

NOT_PRINCIPAL = Reason(
    "not-principal", "The declarant acts for another party that has not signed.", "Have the principal sign too."
)

NOT_CUSTOMS = Reason(
    "not-customs",
    "The customs authority addressed has not signed.",
    "Only the authority that the declaration names decides it.",
)

NOT_TRADER = Reason(
    "not-trader",
    "The party for whom goods are declared is neither seller nor buyer of the invoice.",
    "Let the seller or the buyer, or an agent with its signature, lodge the declaration.",
)

CERTIFICATE_LINE_UNKNOWN = Reason(
    "certificate-line-unknown", "The certificate has no such line.", "Check the line's number, counted from 1."
)

CERTIFICATE_OF_OTHER_EXPORTER = Reason(
    "certificate-of-other-exporter",
    "The certificate's exporter is not the seller of the declared invoices.",
    "Use a certificate issued to the seller.",
)

CERTIFICATE_FOR_OTHER_CONSIGNEE = Reason(
    "certificate-for-other-consignee",
    "The certificate names another consignee than the buyer of the declared invoices.",
    "Use a certificate issued for this buyer.",
)

LINE_DIFFERS_FROM_CERTIFICATE = Reason(
    "line-differs-from-certificate",
    "HS code, origin or unit of the declared line differ from the certificate's line.",
    "Declare what the certificate says, or use another certificate.",
)

CERTIFICATE_OVERDRAWN = Reason(
    "certificate-overdrawn",
    "The certificate's line has less quantity left than is declared, or for export less than that in all.",
    "Declare no more than is left, or ask the issuer for another certificate.",
)

DECLARATION_DECIDED = Reason(
    "declaration-decided", "The declaration is decided already.", "Look at the declaration's status."
)

NOT_CONCERNED = Reason(
    "not-concerned",
    "Whoever has signed is neither declarant nor principal, nor seller or buyer of a declared invoice.",
    "Have one of them sign.",
)

LAPSED_TOO_SOON = Reason(
    "lapsed-too-soon",
    "Customs has ninety days from the lodging to decide, and they have not passed.",
    "Wait for the decision, or have the declarant withdraw the declaration.",
)
