"""What the page itself says, in English; the catalogues have it in other languages."""

PAGE = {
    "page.title": "Hanse: check a proof",
    "page.lead": "This page checks a proof by itself. Nothing that you choose leaves your device.",
    "page.language": "Language",
    "page.release": (
        "Hanse {release}. The ledger's own verifier, translated when this page was built; it asks no "
        "network for anything."
    ),
    "page.drop": "Drop a proof here, or choose it.",
    "page.choose-proof": "Choose a proof",
    "page.choose-trust": "Choose a trust file",
    "page.choose-other-trust": "Choose another trust file",
    "page.trust-missing": (
        "Without a trust file nothing says who may vouch. Take it from somebody whom you trust, never "
        "from whoever gave you the proof."
    ),
    "page.trusts": "Trusted ledger:",
    "page.no-trust-file": "{name} is no trust file that can be used, and was not taken: {detail}",
    "page.reading": "Reading the file",
    "page.unreadable": "The file cannot be read. Choose it again.",
    "page.checking": "Checking",
    "page.signatures": "{count} signatures verified so far",
    "page.fault": "a fault of this page: {detail}",
    "page.fault-meaning": (
        "This page failed. That says nothing about the proof: check it with another release of the "
        "page, or with `hanse verify`."
    ),
    "page.as-of": "As of {moment}, {age}.",
    "page.age-ahead": "which this device's clock has not reached: look whether it is right",
    "page.reason": "In a word for programs: {reason}",
    "page.warnings": "Warnings",
    "page.established": "Established",
    "page.not-established": "Not established",
    "page.vouchers": "Who vouches",
    "page.subjects": "What the proof is about",
    "page.details": "Details",
    "page.terms": "Disclosed terms",
    "page.not-stated": "proven not to be stated",
    "page.document-alone": "(the document's word alone)",
    "page.agrees-with-record": "(agrees with the record)",
    "page.provenance": "Who did what, when",
    "page.signed-by": "Signed by",
    "page.drawing": "A drawing of the {count} records listed above, with a lane for each object",
    "page.steps": "Each step of the check",
    "page.passed": "passed",
    "page.failed": "not passed",
    "page.file": "This check",
    "page.file-name": "File",
    "page.file-size": "Size",
    "page.bytes": "{count} bytes",
    "page.ledger": "Ledger",
    "page.log-size": "Entries of the ledger",
    "page.checked-at": "Checked at",
    "page.copy": "Copy",
    "page.copy-id": "Copy the id that begins with {id}",
    "page.copied": "Copied",
    "page.not-copied": "It could not be copied: mark it by hand.",
    "page.print": "Print a receipt",
    "page.choose-document": "Choose a document to compare",
    "page.choose-opening": "Choose its opening",
    "page.opening": "Opening:",
    "page.no-opening": "That is no opening of a document: {name}",
    "page.document": "Is this the very document?",
    "page.document-lead": (
        "The proof names documents by their fingerprints. Choose a file to see whether it is one of them. Where the "
        "proof hides which file a document is, its opening tells; whoever issued the document has it."
    ),
    "page.document-same": "Yes, byte for byte.",
    "page.document-other": "No.",
    "page.document-hidden": "That cannot be told without the document's opening.",
    "page.document-none": "The proof names no document.",
    "page.document-too-large": "{name} is too large to be compared here: use `hanse verify --document`.",
    "page.code": "A code on paper",
    "page.codes": "Read a code on paper",
    "page.codes-lead": (
        "A code can carry how one object stands, whole, for places without a network. It is as old as the paper."
    ),
    "page.camera": "Use the camera",
    "page.camera-sees": "What the camera sees",
    "page.camera-looking": "Looking for a code. Hold it so that it fills the picture.",
    "page.stop-camera": "Stop the camera",
    "page.no-camera": (
        "There is no camera here, or the browser does not let this page use it, as some do not for a saved file. "
        "Take a picture of the code and choose it."
    ),
    "page.choose-picture": "Choose a picture of a code",
    "page.typed": "Or what the code says, typed or by a scanner:",
    "page.check-typed": "Check it",
    "page.code-none-seen": "There is no code to be seen there. Take it from nearer, in good light, not aslant.",
    "page.code-no-picture": "That is no picture that this browser can show.",
    "page.code-address": (
        "The code holds an address at {host}, and no proof. This page opens nothing: at that address {host} could "
        "show you anything."
    ),
    "page.code-other": "The code holds neither a proof nor an address. It says:",
    "page.copy-code": "Copy what the code says",
    "page.several": "What was chosen",
    "page.too-many": "{count} more were chosen than are checked at once.",
    "page.trust-replaced": (
        "This is not the trust file that this page came with. Use it only if it comes from somebody whom you trust, "
        "and not from whoever gave you the proof."
    ),
    "page.own-trust": "Use the page's own trust file again",
    "page.receipt": "Receipt of a check",
    "page.drawing-frame": "The drawing: the arrow keys move it",
    "page.host-notice": (
        "{host} shows you this, and could show anything. A page that you saved yourself needs no {host}."
    ),
    "page.host-compare": "Compare what is shown here with the paper before you rely on it.",
    "verdict.valid": "Valid",
    "verdict.valid-with-warnings": "Valid with warnings",
    "verdict.expired-or-superseded": "Expired or superseded",
    "verdict.revoked": "Revoked",
    "verdict.tampered": "Tampered",
    "verdict.unknown-issuer": "Unknown issuer",
    "verdict.not-found": "Not found",
    "verdict.cannot-check": "Cannot check",
    "verdict.unsupported-format": "Unsupported format",
}
