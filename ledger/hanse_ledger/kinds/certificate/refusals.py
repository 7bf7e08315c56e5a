"""Why a record about a certificate is refused, or one that names a certificate."""

from hanse_ledger.values.reasons import Reason

CERTIFICATE_UNKNOWN = Reason("certificate-unknown", "No certificate has this id.", "Check the certificate's id.")

NOT_ORIGIN_ISSUER = Reason(
    "not-origin-issuer", "The origin issuer of the certificate has not signed.", "Have the origin issuer sign."
)

CERTIFICATE_NOT_LIVE = Reason(
    "certificate-not-live", "The certificate has been revoked.", "Ask its issuer for a new one."
)

CERTIFICATE_NOT_VALID_NOW = Reason(
    "certificate-not-valid-now", "The certificate is not valid at block time.", "Use a certificate that is valid now."
)
