// The document beside the proof: is a file the very one to which a record commits? The ledger's own code decides.

/** A larger file is not read into memory. */
const DOCUMENT_BYTES = 536_870_912;
const MATCHES = { same: ["v-valid", LOOKS.valid], other: ["v-tampered", LOOKS.tampered], hidden: ["v-cannot-check", LOOKS["unknown issuer"]], none: ["v-cannot-check", LOOKS["cannot check"]] };

const documentSection = (report, file) => {
  if (!report.acts.length || file.code !== undefined) return [];
  const { beside: { document: compared, opening, answer, problem } } = file;
  return section(t("page.document"),
    el("p", {}, t("page.document-lead")),
    el("div", { class: "actions" },
      fileButton("choose-document", t("page.choose-document"), ([chosen]) => takeDocument(file, chosen), { plain: true }),
      fileButton("choose-opening", t("page.choose-opening"), ([chosen]) => takeOpening(file, chosen), { plain: true })),
    opening ? el("p", { class: "quiet" }, t("page.opening"), " ", others(opening.name)) : null,
    el("div", { id: "document-answer", tabindex: "-1" },
      problem ? el("p", { class: "problem" }, ownSentence(...problem)) : null,
      answer ? documentAnswer(compared, answer) : null));
};
const documentAnswer = (compared, answer) => {
  const [style, path] = MATCHES[answer.match];
  return el("div", { class: `verdict small-verdict ${style}` }, icon(path), el("div", {},
    el("p", {}, el("strong", {}, t(`page.document-${answer.match}`))),
    el("p", {}, el("bdi", {}, sentence(answer.said))),
    el("p", { class: "quiet" }, others(compared.name), ", SHA-256 ", idText(compared.sha256))));
};

const takeDocument = async (file, chosen) => {
  if (chosen.size > DOCUMENT_BYTES) return tellDocument(file, ["page.document-too-large", { name: Hanse.oneLine(chosen.name) }]);
  say(t("page.reading"));
  let data;
  try { data = new Uint8Array(await chosen.arrayBuffer()); } catch { return tellDocument(file, ["page.unreadable", {}]); }
  file.beside.document = { name: chosen.name, sha256: await digestOf(data) };
  return compareNow(file);
};
const takeOpening = async (file, chosen) => {
  if (chosen.size > Hanse.OPENING_BYTES) return tellDocument(file, ["page.no-opening", { name: Hanse.oneLine(chosen.name) }]);
  try { file.beside.opening = { name: chosen.name, data: new Uint8Array(await chosen.arrayBuffer()) }; } catch { return tellDocument(file, ["page.unreadable", {}]); }
  return compareNow(file);
};
/** The browser's own SHA-256 is faster, where it is had; it gives the same. */
const digestOf = async (data) => (data.length > 1_000_000 && crypto.subtle ? Hanse.hex(new Uint8Array(await crypto.subtle.digest("SHA-256", data))) : Hanse.sha256(data));

const compareNow = (file) => {
  const { beside } = file;
  // Without a document an opening is still read, so that one that is none is said to be none at once.
  const digest = beside.document?.sha256 ?? "00".repeat(32);
  let answer;
  try { answer = Hanse.compareDocument(file.data, file.report.acts.map((act) => act.id), digest, beside.opening?.data ?? null); } catch (error) {
    if (!Hanse.isRefusal(error)) throw error;
    const { name } = beside.opening;
    beside.opening = null;
    return tellDocument(file, ["page.no-opening", { name: Hanse.oneLine(name) }]);
  }
  return tellDocument(file, null, beside.document ? answer : null);
};
const tellDocument = (file, problem, answer = null) => {
  Object.assign(file.beside, { problem, answer });
  if (chosen.files[chosen.shown] !== file) return;
  writeReport(file.report, file, byId("report"));
  byId("document-answer").focus();
  say(...(problem ? ownSentence(...problem) : answer ? [t(`page.document-${answer.match}`)] : []));
};
