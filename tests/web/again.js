// Inside the translation: the calls that tests recorded, made again, with all that they were given.

const $heads = new Map();
/** The heads that several calls of one test had in common. */
const $known_heads = (number, trust) => {
  if (!$heads.has(number)) $heads.set(number, $new($M_proofs_knownheads.KnownHeads, trust));
  return $heads.get(number);
};
const $again_report = (data, trustData, at, number, most) => {
  if (trustData === null) return $flat($M_proofs_formcheck.check_form(data));
  const read = readTrust(trustData), known = number === null ? null : $known_heads(number, read);
  return $flat($M_proofs_proof.check_proof(data, known === null ? read : known.trust, BigInt(at), known, most === null ? null : BigInt(most)));
};
const $refused = (error, more) => ({ refused: error.constructor.name, said: $flat(error.said), ...more });
const $again_trust = (data) => {
  try {
    const trust = readTrust(data);
    return $flat(new $Dict(["ledger", "changes", "membership", "position"].map((name) => [name, trust[name]])));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return $refused(error, { pointer: $flat(error.pointer), code: $flat(error.code) });
  }
};
/** As much of a state as a rule asked for when the call was recorded; whatever else it asks for is a fault. */
class $Recorded {
  constructor(asked, bytes) {
    this.objects = new Map(asked.objects.map(({ id, seed, parts }) => [id, parts === null ? null : $object_of(bytes(id), bytes(seed), parts, bytes)]));
    this.claims = new Map(asked.claims.map(([key, value]) => [key, value === null ? null : bytes(value)]));
    this.known = asked.membership === null ? null : $msgspec.msgpack.Decoder($M_wire_membership.Membership).decode(bytes(asked.membership));
    this.open = asked.proposals === null ? null : $proposals_of(asked.proposals, bytes);
  }
  get membership() { return this.known ?? $fault("the members were not asked for"); }
  get proposals() { return this.open ?? $fault("the proposals were not asked for"); }
  object(id) { const key = $base64(id); return this.objects.has(key) ? this.objects.get(key) : $fault(`object ${key} was not asked for`); }
  claim(name) { const key = $base64(name); return this.claims.has(key) ? this.claims.get(key) : $fault(`claim ${key} was not asked for`); }
}
const $object_of = (id, seed, parts, bytes) => {
  const shown = $M_proofs_subjects.read_aspects(parts.map(({ index, leaf, path }) => $new($M_proofs_prooffile.ShownAspect, BigInt(index), bytes(leaf), path.map(bytes))));
  const { state } = $M_kinds.OBJECT_NAMED.at(shown.kind)[1], own = new $Dict([["id", id], ["seed", seed]]);
  return $new(state, ...state.$facts.fields.map(({ n }) => (own.at(n) ?? shown.aspects.at(n))[1]));
};
const $proposals_of = ({ whole, leaves }, bytes) => {
  const { Proposal, ProposalLeaf, OpenProposals } = $M_kinds_member_proposals;
  const read = (cls, items) => items.map((item) => $msgspec.msgpack.Decoder(cls).decode(bytes(item)));
  return $new(OpenProposals, read(Proposal, whole), read(ProposalLeaf, leaves));
};
const $again_transition = (asked, bytes) => {
  const signed = $M_records_envelope.open_envelope(bytes(asked.envelope)), state = new $Recorded(asked, bytes);
  try {
    const delta = $M_transition.transition(state, signed, bytes(asked.ledger), BigInt(asked.at));
    return {
      objects: delta.objects.map((value) => ({ id: $hex(value.id), leaves: $M_kinds_objects.object_leaves(value).map($hex) })),
      claims: delta.claims.pairs().map(([key, value]) => [$hex(key), value === null ? null : $hex(value)]),
      membership: $flat(delta.membership),
      proposals: delta.proposals === null ? null : { whole: $flat(delta.proposals.whole), leaves: $flat(delta.proposals.leaves) },
    };
  } catch (error) {
    if (!(error instanceof $M_values_errors.Rejected)) throw error;
    return $refused(error, { reason: error.reason.value, pointer: error.pointer, seen: $str(error.seen), wanted: $str(error.wanted) });
  }
};
const again = { report: $again_report, trust: $again_trust, transition: $again_transition };
