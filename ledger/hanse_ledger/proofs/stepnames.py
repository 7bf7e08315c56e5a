"""What each step of a check makes sure of, in their order. `docs/formats/proof.md` explains them."""

from hanse_ledger.values.messages import said

FORM = said("step.form", "the file is a proof file, byte for byte canonical")
LEDGER = said("step.ledger", "the proof is of the ledger that is trusted")
ARRANGEMENT = said("step.arrangement", "each part stands in the file once, and in order")
LOG = said("step.log", "every entry stands in the log of the checkpoint")
CHECKPOINT = said("step.checkpoint", "the checkpoint is signed by a quorum of the cosigners")
STATE = said("step.state", "the last entry states the roots of the state, under the trusted members")
OBJECTS = said("step.objects", "each object stands in the state, and stood in that of its way mark")
TERMS = said("step.terms", "each disclosed term is the document's, and says what the record says")
SETTLING = said(
    "step.settling", "each party key and each mandate is settled, and what is needed is in the file, and no more"
)
SIGNATURES = said("step.signatures", "each record is signed by exactly the signers that it names")
RULES = said("step.rules", "the rules accept each record, in its order and at its time")
HISTORIES = said("step.histories", "each history is complete, and leads to the proven value")
