"""Why a record about a certificate is refused, or one that names a certificate."""

from hanse_ledger.values.reasons import Reason

CERTIFICATE_UNKNOWN = Reason("certificate-unknown", "No certificate has this id.", "Check the certificate's id.")

NOT_ORIGIN_ISSUER = Reason(
    "not-origin-issuer", "The origin issuer of the certificate has not signed.", "Have the origin issuer sign."
)

CERTIFICATE_NOT_LIVE = Reason(
    "certificate-not-live",
    "The certificate is not in force: it is an application, or has been revoked or replaced.",
    "Ask its issuer for one that is in force.",
)

CERTIFICATE_NOT_VALID_NOW = Reason(
    "certificate-not-valid-now", "The certificate is not valid at block time.", "Use a certificate that is valid now."
)

CERTIFICATE_RESERVED = Reason(
    "certificate-reserved",
    "A part of the certificate is reserved for a declaration that is not decided.",
    "Wait until it is decided, withdrawn or lapsed.",
)

DRAWN_NOT_CARRIED = Reason(
    "drawn-not-carried",
    "The line does not carry over what has been drawn on the replaced certificate's line, of the same goods.",
    "Keep the line in its place, and state at least what has been written off.",
)

DRAWN_BEYOND_QUANTITY = Reason(
    "drawn-beyond-quantity",
    "More has been drawn on the line than it certifies.",
    "Certify at least what has been written off already.",
)

NOT_EXPORTER = Reason("not-exporter", "The exporter has not signed.", "Have the exporter sign.")

NOT_ASKING = Reason("not-asking", "The office that asks has not signed.", "Have the office that the record names sign.")

CERTIFICATE_CLOSED = Reason(
    "certificate-closed",
    "It is neither an application that waits nor a certificate in force.",
    "Look at the certificate's status.",
)

APPLICATION_CLOSED = Reason(
    "application-closed",
    "It is no application that waits for its issuer's decision.",
    "Look at the certificate's status.",
)

QUESTION_OPEN = Reason("question-open", "A question about it is not answered yet.", "Wait for the answer.")

QUESTION_NOT_OPEN = Reason(
    "question-not-open",
    "This has not been asked about it, or it is answered.",
    "Look at the certificate: it names the record that waits for an answer.",
)
