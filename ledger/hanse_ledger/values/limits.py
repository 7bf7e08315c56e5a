"""Every bound of the ledger, in one place. Sizes in bytes, times in milliseconds."""

RECORD_BYTES = 32 * 1024
RECORD_DEPTH = 8
SIGNERS = 8
SIGNATURE_BYTES = 2_420
"""An ML-DSA-44 signature, the largest that version 1 keeps room for."""
ENVELOPE_BYTES = RECORD_BYTES + SIGNERS * (SIGNATURE_BYTES + 16) + 128
"""At most 52,384, so that an entry stays under 65,535."""
ENTRY_BYTES = 65_535
REFS = 64
LINES = 200
"""Lines of goods of a certificate or of a declaration. A declared line has at most 132 bytes, so that a declaration of
everything on a certificate fits a record; a certificate's state has a balance a line, 25 kB with all of them."""
ALLOCATIONS = 32
ROLES = 8
TAGS = 2
CONDITIONS = 8
"""Declarations and certificates that one payment waits for."""
CHARGES = 16
"""More than the banks that one payment passes on its way."""
PACKAGES = 32
"""Kinds of packages of one shipment, each with its invoice."""
REASONS = 16
WRITERS = 32
"""Who writes into a consignment beside its opener: each that is named stands in a proof of what it puts in."""
ITEMS = 1_024
"""What is put into a consignment: a proof of its history shows the beginning of each."""
PAYLOAD_BYTES = 8 * 1024 * 1024
"""A sealed file."""
PAYLOAD_READERS = 32
"""Who can open one sealed file."""
DOCUMENT_READERS = 128
"""Who can open a document in all, with the copies that were sealed later: each may sign receipts."""
DECLARATIONS = 60
"""How many declarations that name an invoice are named when a document of it is erased: a record names 64 objects."""
HOLDS = 16
"""How often an office may order that a document be kept, and let go of it."""
TEXT = 256

EXPIRY_MS = 7 * 24 * 3_600_000
"""How far `expires` may lie after block time."""

PROPOSAL_MS = 30 * 24 * 3_600_000
"""How long a proposed change of the members stays open at most. Each is its proposer's own, and is in nobody's way."""

KEY_WARNING_MS = 90 * 24 * 3_600_000
"""So long before a member's last key ends it is said: when it has ended, the member can sign for no other."""

WITHDRAW_MS = 30 * 24 * 3_600_000
"""How long a payment's banks have for it before it may be withdrawn while they are there."""

REJECT_MS = 7 * 24 * 3_600_000
"""How long whoever was made holder of a title may give it back."""

LAPSE_MS = 90 * 24 * 3_600_000
"""How long customs has for a declaration before it may lapse."""

ENDED = 16
"""How many withdrawn, refused, rejected or lapsed ones a trader may have on another's object and open one more."""

ROTATIONS = 128
"""How often a party may replace its key: each rotation goes into the proof of whatever it signs later."""

OFFICERS = 256
"""How many officers an office has in force at once. Its acts are not bounded."""

APPOINTMENT_MS = 366 * 24 * 3_600_000
"""How long an appointment lasts at most: a year, a leap year too."""

MANDATES = 4
"""Under how many mandates one record is signed."""

STEPS_LEAST, STEPS = 2, 16
"""How many steps a bundle has, at least and at most."""

MANDATE_KINDS = 64
"""How many kinds of records a mandate covers: each is named."""

POWERS = 8
FOUR_EYES = 64
LOW_VALUES = 16
KIND_NAME = 49

MEMBER_CHANGES = 65_536
"""How many records of the members a proof or a trust file may hold."""

BATCH_RECORDS = 1_000
MEMBERS = 128
EVIDENCE_BYTES = 24 * 1024
EVIDENCE_A_DAY = 16
"""So many files may a member report against another in a day of block time: who produces more has made its point."""
REPORTS_A_DAY = 128
"""And so many against all others together: a name of the accused that nobody bears opens no share of its own."""
DAY_MS = 24 * 3_600_000
REPAIR_MS = 7 * 24 * 3_600_000
"""So long a lost key, if it is not lost, may contest that another one takes its place."""
COSIGNERS = 128
MEMBER_KEYS = 8

TERM_ITEMS = 1_024
"""How far a repeated term or group is counted: an invoice's lines."""
TERM_NAMES = 64
"""How many leaves the map of a line, or of another repeated group, has: its names, and places of what repeats in it."""
TERM_DEPTH = 3
"""How many leaves lead to a term: `BG-25/2`, `BG-25/2/BT-158/1`, `BG-25/2/BT-158/1/BT-158`."""
TERM_BYTES = 32 * 1024
"""A leaf: a text, its name and its salt."""
TERMS_LETTERS = 4 * 1024 * 1024
"""All texts of a document together."""
TERM_PATH_HASHES = 64
"""Names are hashed, and there are some ten thousand: no two agree in more than some thirty bits."""
TERM_KEPT = 16_384
"""How many names of terms are kept with what follows from them, because all documents have the same ones."""
DISCLOSED_TERMS = 4_096

LOG_SIZE = 2**63 - 1
LAST_SECOND = 253_402_300_799
"""The end of the year 9999: no clock shows a later time, and calendars cannot write one."""
PATH_HASHES = 63
CLAIM_PATH_HASHES = 256
CLAIM_DEPTH = 20
CLAIM_DEPTH_LEAST = 8
"""How many levels of the claims map are kept in memory: 70 MB at most, 17 kB at least."""
CLAIM_NAMES = 16_384
"""How many names of claims are kept, because the same keys sign again and again."""
CHECKPOINT_BYTES = 512 * 1024
NOTE_SIGNATURES = 256
TLOG_PROOF_BYTES = 1024 * 1024

PROOF_AGE_MS = 7 * 24 * 3_600_000
"""A verdict over a proof that is older has a warning."""

CLOCK_SKEW_MS = 5 * 60_000
"""So much may clocks differ: what was signed later than that after a verifier's present lies in its future."""

KNOWN_HEADS = 128
KNOWN_HEAD_BYTES = 8 * 1024 * 1024
"""So many verified heads are remembered, and so much at most of what they were verified from."""

WAY_MARK = 256
"""Each time an object's history passes a multiple of this, the object is kept as it stands: a proof may begin there."""

PROOF_FILE_BYTES = 16 * 1024 * 1024
OPENING_BYTES = 32 * 1024 * 1024
"""Room for every letter of a document's terms as an escape of JSON, and for their names."""
PROOF_RECORDS = 4_096
PROOF_OFFICES = 1_024
PROOF_PLEDGES = REFS * (1 + TAGS)
"""Each subject may be an invoice of which, and of whose tags, a proof says whether a pledge stands."""
STATUS_BYTES = 2_896
"""What the largest QR code holds as digits, beside an address: 7,089 at its lowest level (ISO/IEC 18004)."""
STATUS_TEXT = 8_192
"""A code's digits, and the address before them."""
TRUST_FILE_BYTES = 16 * 1024 * 1024
GENESIS_BYTES = 2 * 1024 * 1024
