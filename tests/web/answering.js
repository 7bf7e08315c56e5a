// What a test asks of the translation, as JSON, and what is answered: a fault is an answer too.

const asBytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const ANSWERS = {
  report: (asked) => (Hanse.again ?? Hanse).report(asBytes(asked.data), asked.trust === null ? null : asBytes(asked.trust), asked.at, asked.known ?? null, asked.most ?? null),
  size: ({ size }) => Hanse.tooLarge(size),
  code: ({ text, trust, at }) => Hanse.reportCode(text, asBytes(trust), at),
  document: ({ data, proven, digest, opening }) => Hanse.compareDocument(asBytes(data), proven, digest, asBytes(opening)),
  trust: ({ data }) => Hanse.again.trust(asBytes(data)),
  transition: (asked) => Hanse.again.transition(asked, asBytes),
  signature: ({ key, message, signature }) => Hanse.ed25519Verifies(asBytes(key), asBytes(message), asBytes(signature)),
};
const answer = (asked) => {
  try { return ANSWERS[asked.ask](asked); } catch (error) {
    return Hanse.isRefusal(error) ? { refused: error.message } : { fault: String(error?.stack ?? error) };
  }
};
globalThis.answerAll = (text) => JSON.stringify(JSON.parse(text).map(answer));
void 0; // a driver calls the function that a script ends with
