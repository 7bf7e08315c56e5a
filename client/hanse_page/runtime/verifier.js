// What the page asks of the translation, in plain values: texts, numbers, lists, objects.

/** A value of the verifier as a plain one: bytes as hexadecimal, numbers that fit as numbers. */
const $flat = (value) => {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : String(value);
  if (typeof value === "string" || typeof value === "boolean") return value;
  if ($isBytes(value)) return $hex(value);
  if (value instanceof $Dict) return Object.fromEntries(value.pairs().map(([key, item]) => [$str(key), $flat(item)]));
  if (value instanceof $Struct) return Object.fromEntries(value.constructor.$facts.fields.map((field) => [field.n, $flat(value[field.n])]));
  return [...$each(value)].map($flat);
};
const $unflat = (said) => {
  if (typeof said === "string") return said;
  if (Array.isArray(said)) return said.map($unflat);
  return $new($M_values_messages.Said, said.id, said.values.map(([name, value]) => [name, $unflat(value)]), said.words);
};

const readTrust = (data) => $M_proofs_trustfile.read_trust(data);
/** Check a proof file as of a moment in milliseconds; whatever is wrong is a verdict. Without trust nothing can be. */
const report = (data, trust, at, host = null) => {
  const found = trust === null ? $M_proofs_formcheck.check_form(data) : $M_proofs_proof.check_proof(data, readTrust(trust), BigInt(at));
  return $flat(host === null ? found : $M_proofs_statement.as_hosted(found, host));
};
const tooLarge = (size) => $flat($M_proofs_formcheck.check_size(BigInt(size)));
/** Whether a file says of itself that it is a trust file, whatever has become of its form. */
const isTrust = (data) => new RegExp(`^(?:\\xef\\xbb\\xbf)?\\s*\\{\\s*"@type"\\s*:\\s*"${$M_proofs_trustfile.TRUST_FORMAT.split("/")[0].replace(".", "\\.")}/`).test($latin1(data.subarray(0, 256)));
/** Check a code as `report` checks a proof file. */
const reportCode = (text, trust, at) => $flat(trust === null ? $M_proofs_statuscode.check_code_form(text) : $M_proofs_statuscode.check_status(text, readTrust(trust), BigInt(at)));
const isCode = (text) => $M_proofs_statuscode.is_code(text);
const $unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
/** Compare a file, by its SHA-256, with what the proven records of a proof commit to. Throws a refusal where the opening is none. */
const compareDocument = (data, proven, digest, opening) => $flat($M_proofs_samedocument.compare_document(data, proven.map($unhex), $unhex(digest), opening));
const isRefusal = (error) => error instanceof $M_values_errors.LedgerError;
const oneLine = (text) => $M_values_patterns.one_line(text);
const inLanguage = (said, language) => $M_values_messages.in_language($unflat(said), $catalogue(language));
const $catalogues = new Map();
const $catalogue = (language) => {
  if (!$catalogues.has(language)) $catalogues.set(language, new $Dict(Object.entries(WORDS[language])));
  return $catalogues.get(language);
};
const hex = $hex;
const sha256 = (data) => $hex($sha256(data).digest());
const fromBase64 = $unbase64;
const OPENING_BYTES = Number($M_values_limits.OPENING_BYTES);
const PROOF_BYTES = Number($M_values_limits.PROOF_FILE_BYTES);
let $heard = () => {};
/** Be told after each signature how many there were. */
const onSignature = (heard) => { $heard = heard; };
const ed25519Verifies = $ed25519_verify;
