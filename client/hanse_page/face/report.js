// A report, written out: the verdict first, then what it rests on.

const LOOKS = {
  "valid": "M5 13l4 4L19 7",
  "valid with warnings": "M12 4v10M12 18v2",
  "expired or superseded": "M12 6v6l4 3M12 2a10 10 0 100 20 10 10 0 000-20",
  "revoked": "M5 5l14 14M12 2a10 10 0 100 20 10 10 0 000-20",
  "tampered": "M5 5l14 14M19 5L5 19",
  "unknown issuer": "M9 9a3 3 0 116 0c0 2-3 2-3 5M12 18v1",
  "not found": "M10 4a6 6 0 100 12 6 6 0 000-12M15 15l6 6",
  "cannot check": "M4 12h16",
  "unsupported format": "M6 3h9l4 4v14H6zM9 12h7",
};
const look = (verdict) => `v-${verdict.replaceAll(" ", "-")}`;

const sentences = (list) => (list.length ? [el("ul", { class: "said" }, list.map((each) => el("li", {}, el("bdi", {}, sentence(each)))))] : []);
const verdictWords = (verdict) => t(`verdict.${verdict.replaceAll(" ", "-")}`);
const kindWords = (kind) => (known(`kind.${kind}`) ? t(`kind.${kind}`) : kind);
/** What a term is called: `BG-25/2/BT-131` as BT-131 is, `lines/1/hs_code` as the field of any line. */
const termId = (name) => {
  const steps = name.split("/").filter((step) => !/^[0-9]+$/.test(step)), numbered = steps.filter((step) => /^B[TG]-/.test(step));
  return `term.${numbered.length ? numbered[numbered.length - 1] : steps.join("/")}`;
};
const termWords = (name) => (known(termId(name)) ? `${t(termId(name))} (${name})` : name);
const ageWords = (ms) => (ms < 0 ? t("page.age-ahead") : ago(ms));

/** Write a report into its place; gives what takes the focus. */
const writeReport = (report, file, place) => {
  const title = el("h2", { tabindex: "-1", id: "verdict" }, verdictWords(report.verdict));
  place.replaceChildren(
    verdictCard(report, file, title),
    ...(report.reason ? [el("p", { class: "quiet" }, t("page.reason", { reason: report.reason }))] : []),
    ...section(t("page.warnings"), ...sentences(report.said.warnings)),
    ...documentSection(report, file),
    ...section(t("page.established"), ...sentences(report.said.established)),
    ...section(t("page.not-established"), ...sentences(report.said.not_established)),
    ...section(t("page.vouchers"), ...(report.said.vouchers ? [el("p", {}, el("bdi", {}, sentence(report.said.vouchers)))] : []), ...sentences(report.said.keys)),
    ...section(t("page.subjects"), report.subjects.length ? inParts(el("div"), report.subjects, subject) : null),
    ...section(t("page.terms"), ...(report.terms.length ? [rows(report.terms.map((term) => [termWords(term.name), termValue(term)]))] : [])),
    ...provenance(report),
    ...section(t("page.steps"), ...(report.steps.length ? [el("ol", { class: "steps" }, report.steps.map(step))] : [])),
    ...section(t("page.file"), receipt(report, file)),
    el("div", { class: "actions" }, button("print", t("page.print"), () => window.print())));
  place.hidden = false;
  return title;
};

/** Details that say what the meaning beside them says. */
const ADDS_NOTHING = new Set(["detail.valid", "page.unreadable"]);
const verdictCard = (report, file, title) => el("div", { class: `verdict ${look(report.verdict)}`, role: "group", "aria-labelledby": "verdict" }, icon(LOOKS[report.verdict]), el("div", {}, title,
  el("p", {}, sentence(report.said.meaning)),
  ADDS_NOTHING.has(report.said.detail.id) ? null : el("p", {}, el("bdi", {}, sentence(report.said.detail))),
  report.as_of === null ? null : el("p", { class: "quiet" }, t("page.as-of", { moment: moment(report.as_of), age: ageWords(report.age_ms) })),
  el("p", { class: "quiet" }, t("page.file-name"), ": ", nameOf(file))));
const nameOf = (file) => (file.code === undefined ? others(file.name) : t("page.code"));

const receipt = (report, file) => rows([
  [t("page.file-name"), nameOf(file)],
  [t("page.file-size"), file.code === undefined ? t("page.bytes", { count: file.size }) : null],
  ["SHA-256", file.sha256 ? idWithCopy(file.sha256) : null],
  [t("page.ledger"), report.ledger === null ? null : idWithCopy(report.ledger)],
  [t("page.trusts"), file.trusted ? el("span", {}, others(file.trusted.name), " ", idText(file.trusted.ledger)) : "—"],
  [t("page.log-size"), report.size === null ? null : String(report.size)],
  [t("page.checked-at"), moment(file.at)],
]);

const termValue = (term) => el("span", {},
  term.value === null ? el("em", {}, t("page.not-stated")) : others(term.value),
  " ", el("span", { class: "quiet" }, term.field === null ? t("page.document-alone") : t("page.agrees-with-record")));

const subject = (each) => el("section", { class: "subject" },
  el("h3", {}, el("bdi", {}, inWords(each.said.kind)), ": ", el("bdi", {}, sentence(each.said.told))),
  idWithCopy(each.id),
  each.said.note === null ? null : el("p", { class: "quiet" }, sentence(each.said.note)),
  el("details", {}, el("summary", {}, t("page.details")), rows(facts(each.facts))));

/** What is shown of an object, field by field; amounts in the decimals that stand beside them. */
const facts = (value, names = [], around = {}) => {
  if (Array.isArray(value)) return value.flatMap((item, at) => facts(item, [...names, String(at + 1)], around));
  if (value === null || typeof value !== "object") return [[others(names.join(" ")), value === null ? "—" : others(fact(names.at(-1) ?? "", value, around))]];
  return Object.entries(value).flatMap(([name, item]) => facts(item, [...names, name], { ...around, ...value }));
};
const fact = (name, value, around) => (name.endsWith("_minor") && around.minor_digits !== undefined ? decimals(value, around.minor_digits) : name.endsWith("_micro") ? decimals(value, 6) : value);
const decimals = (scaled, places) => {
  const digits = String(scaled).replace("-", "").padStart(Number(places) + 1, "0"), sign = String(scaled).startsWith("-") ? "-" : "";
  return Number(places) ? `${sign}${digits.slice(0, -Number(places))}.${digits.slice(-Number(places))}` : sign + digits;
};

const step = (each) => el("li", { class: each.passed ? "" : "failed" },
  el("span", { role: "img", "aria-label": each.passed ? t("page.passed") : t("page.failed") }, each.passed ? "✓" : "✗"),
  el("span", {}, `${each.number}. `, sentence(each.said.title), el("br"), el("bdi", { class: "quiet" }, sentence(each.said.detail))));

/** What is folded on the screen is read on paper too. */
const unfoldForPrint = () => {
  let folded = [];
  window.addEventListener("beforeprint", () => { folded = [...document.querySelectorAll("article details:not([open])")]; for (const each of folded) each.open = true; });
  window.addEventListener("afterprint", () => { for (const each of folded) each.open = false; folded = []; });
};
