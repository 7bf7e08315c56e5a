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
    "Customs has ninety days to decide, from the lodging or from the last that it said of the declaration, and they "
    "have not passed.",
    "Wait for the decision, or have the declarant withdraw the declaration.",
)

QUERY_OPEN = Reason(
    "query-open",
    "The customs authority has asked something already that is not answered.",
    "Wait for the answer, or decide without it.",
)

QUERY_NOT_OPEN = Reason(
    "query-not-open",
    "The customs authority has not asked this, or it is answered.",
    "Look at the declaration: it names the record that waits for an answer.",
)

LINES_NOT_SORTED = Reason(
    "lines-not-sorted", "The lines are repeated or out of order.", "Name each line once, in the declaration's order."
)

DECLARED_LINE_UNKNOWN = Reason(
    "declared-line-unknown", "The declaration has no such line.", "Check the line's number, counted from 1."
)

MORE_THAN_LODGED = Reason(
    "more-than-lodged",
    "More of a line is released than is lodged and not decided.",
    "Release no more than is left; look at the declaration.",
)

NOT_RELEASED_BY = Reason(
    "not-released-by",
    "The record that is corrected is not the one that last released of this line.",
    "Look at the declaration: each line names the record that last released of it.",
)

CORRECTED_TOO_MUCH = Reason(
    "corrected-too-much",
    "The correction takes back more of a line than is released of it, and not drawn by others.",
    "Take back no more than is released; look at the declaration.",
)

CERTIFICATE_NOT_ASKED = Reason(
    "certificate-not-asked",
    "A bonded admission, a low-value import or a return names a certificate, and none of them draws on one.",
    "Leave the certificate out; bonded goods are written off when they leave the zone.",
)

SOURCE_UNFIT = Reason(
    "source-unfit",
    "A zone release or a return does not say where a line comes from, or another declaration does.",
    "Name for each line of a zone release the admission's line, for each of a return the import's; else none.",
)

SOURCE_OF_OTHER_REGIME = Reason(
    "source-of-other-regime",
    "A line comes from a declaration of another kind.",
    "A zone release draws on a bonded admission, a return on an import, a low-value import or a zone release.",
)

SOURCE_OF_OTHER_OFFICE = Reason(
    "source-of-other-office",
    "A line comes from a declaration to another customs authority.",
    "Declare to the authority to which the goods were declared.",
)

SOURCE_OF_OTHER_TRADER = Reason(
    "source-of-other-trader",
    "The party for whom the goods were declared is neither declarant nor principal.",
    "Have it declare, or act for it.",
)

LINE_DIFFERS_FROM_SOURCE = Reason(
    "line-differs-from-source",
    "HS code, origin or unit of a line differ from the line that it comes from.",
    "Declare what was declared there, or name another line.",
)

SOURCE_OVERDRAWN = Reason(
    "source-overdrawn",
    "More is declared than is released, and not drawn yet, of the line that it comes from.",
    "Declare no more than is left; look at the declaration that it comes from.",
)

LOW_VALUE_UNFIT = Reason(
    "low-value-unfit",
    "A low-value import does not say what the goods are worth and which products they are, or another declaration "
    "does.",
    "State value and products in a low-value import, and in no other declaration.",
)

PRODUCTS_DIFFER = Reason(
    "products-differ",
    "A low-value import does not name one product for each of its lines.",
    "Name the seller's id of the product for each line, in order of the lines.",
)

LOW_VALUE_NOT_TAKEN = Reason(
    "low-value-not-taken",
    "The customs authority has not set up to which value it takes low-value imports in this currency.",
    "State the value in a currency for which its office has a limit, or declare an import.",
)

ABOVE_LOW_VALUE = Reason(
    "above-low-value",
    "The goods are worth more than the customs authority takes as a low-value import.",
    "Declare an import.",
)
