// The page: what was chosen, and what is shown of it.

/** So many files are taken at once. */
const MOST_FILES = 24;
const chosen = { trust: null, trustName: "", trustProblem: null, baked: null, files: [], shown: 0, codeSaid: null, left: 0 };
let turn = 0;

/** Take files, whatever they are: a trust file is told by what it says of itself, a picture is searched for a code. */
const takeFiles = async (given) => {
  const mine = ++turn, files = given.slice(0, MOST_FILES), proofs = [], pictures = [];
  stopBeside();
  closeCamera();
  say(t("page.reading"));
  for (const file of files) {
    if (file.code !== undefined) { proofs.push({ ...file, beside: {} }); continue; }
    if (isPicture(file)) { pictures.push(file); continue; }
    const read = await readFile(file);
    if (mine !== turn) return undefined; // others were chosen meanwhile
    if (read.data && Hanse.isTrust(read.data)) takeTrust(read);
    else proofs.push(read);
  }
  writeTrust();
  chosen.left = given.length - files.length + (proofs.length ? pictures.length : 0);
  if (proofs.length) { Object.assign(chosen, { files: proofs, shown: 0 }); return checkAll(mine); }
  if (pictures.length) return takePicture(pictures[0]);
  say("");
  return chosen.files.length ? checkAll(mine) : chosen.trustProblem ? say(...ownSentence(...chosen.trustProblem)) : undefined;
};
/** Read a file that is no larger than any may be; nothing of a larger one. */
const readFile = async (file) => {
  const read = { name: file.name, size: file.size, data: null, unread: false, beside: {} };
  if (file.size > Hanse.PROOF_BYTES) return read;
  try { read.data = new Uint8Array(await file.arrayBuffer()); } catch { read.unread = true; }
  return read;
};
/** A file chosen as the trust file is one, or it is said that it is none. */
const takeAsTrust = async ([file]) => {
  const read = await readFile(file);
  if (read.data === null) chosen.trustProblem = read.unread ? ["page.unreadable", {}] : noTrust(read.name, inWords(Hanse.tooLarge(read.size).said.detail));
  else takeTrust(read);
  writeTrust();
  if (chosen.trustProblem) { say(...ownSentence(...chosen.trustProblem)); return undefined; }
  byId("choose-trust").focus();
  say(t("page.trusts"));
  return chosen.files.length ? checkAll(++turn) : undefined;
};
const noTrust = (name, detail) => ["page.no-trust-file", { name: Hanse.oneLine(name), detail: Hanse.oneLine(detail) }];
const takeTrust = (read) => {
  chosen.trustProblem = null;
  try { Hanse.readTrust(read.data); } catch (error) {
    if (!Hanse.isRefusal(error)) throw error;
    chosen.trustProblem = noTrust(read.name, error.message);
    return;
  }
  // The page's own trust file, chosen again, is the page's own.
  const same = chosen.baked !== null && Hanse.hex(chosen.baked) === Hanse.hex(read.data);
  Object.assign(chosen, { trust: same ? chosen.baked : read.data, trustName: read.name });
};

const checkAll = async (mine) => {
  const bar = byId("progress");
  clearReport();
  for (const file of chosen.files) {
    say(t("page.checking"));
    file.at = Date.now();
    file.beside = {};
    file.trusted = chosen.trust === null ? null : trustedNow();
    if (file.unread) file.report = unreadable();
    else if (file.code === undefined && file.data === null) file.report = Hanse.tooLarge(file.size);
    else {
      if (file.code === undefined && file.data.length > AT_ONCE) { bar.hidden = false; bar.max = expected(file.data); bar.value = 0; }
      file.report = await check(file, chosen.trust, file.at, (count) => { bar.value = count; say(t("page.signatures", { count })); });
      if (mine !== turn) return;
      file.sha256 = file.code === undefined ? await digestOf(file.data) : null;
    }
    bar.hidden = true;
    if (mine !== turn) return;
  }
  show(0);
};
const unreadable = () => {
  const words = { id: "page.unreadable", values: [], words: t("page.unreadable") };
  const report = faultReport("");
  return { ...report, said: { ...report.said, detail: words, meaning: words } };
};
const trustedNow = () => {
  const trust = Hanse.readTrust(chosen.trust);
  return { name: trust.genesis.name, ledger: Hanse.hex(trust.ledger) };
};
/** Take away what was said of files before: no verdict stands while another file is looked at. */
const clearReport = () => {
  chosen.codeSaid = null;
  byId("progress").hidden = true;
  byId("report").hidden = true;
  byId("report").replaceChildren();
  byId("several").hidden = true;
  byId("code-said").hidden = true;
};
const show = (at) => {
  chosen.shown = at;
  const file = chosen.files[at];
  writeSeveral();
  writeReport(file.report, file, byId("report")).focus();
  say(verdictWords(file.report.verdict));
};

/** Where several files were chosen: each with its verdict, and one of them is shown. */
const writeSeveral = () => {
  const place = byId("several"), { files } = chosen;
  place.hidden = files.length < 2 && !chosen.left;
  if (place.hidden) return;
  place.setAttribute("aria-label", t("page.several"));
  place.replaceChildren(el("h2", {}, t("page.several")),
    el("ul", {}, files.map((file, at) => el("li", {}, el("button", { type: "button", class: `choice ${look(file.report.verdict)}`, "aria-current": at === chosen.shown ? "true" : null, on: { click: () => show(at) } },
      icon(LOOKS[file.report.verdict]), " ", el("strong", {}, verdictWords(file.report.verdict)), " ", nameOf(file))))),
    ...(chosen.left ? [el("p", { class: "problem" }, t("page.too-many", { count: chosen.left }))] : []));
};

const writeTrust = () => {
  const place = byId("trust"), problem = chosen.trustProblem ? el("p", { class: "problem" }, ownSentence(...chosen.trustProblem)) : null;
  const choose = fileButton("choose-trust", t(chosen.trust === null ? "page.choose-trust" : "page.choose-other-trust"), takeAsTrust, { plain: true });
  if (chosen.trust === null) {
    place.replaceChildren(...[problem, el("p", {}, t("page.trust-missing")), choose].filter(Boolean));
    return;
  }
  const { name, ledger } = trustedNow(), replaced = chosen.baked !== null && chosen.trust !== chosen.baked;
  place.replaceChildren(...[problem,
    replaced ? el("p", { class: "notice" }, t("page.trust-replaced")) : null,
    el("p", {}, t("page.trusts"), " ", others(name), " ", idText(ledger), chosen.trustName ? el("span", { class: "quiet" }, " (", others(chosen.trustName), ")") : null),
    choose,
    replaced ? button("own-trust", t("page.own-trust"), () => {
      Object.assign(chosen, { trust: chosen.baked, trustName: "", trustProblem: null });
      writeTrust();
      return chosen.files.length ? checkAll(++turn) : byId("choose-trust").focus();
    }) : null].filter(Boolean));
};
/** A page that a host shows says so: only one that was saved needs no host. */
const writeNotice = () => {
  const served = /^https?:$/.test(location.protocol), place = byId("notice");
  place.hidden = !served;
  if (served) place.replaceChildren(el("p", {}, ownSentence("page.host-notice", { host: location.host })), el("p", {}, t("page.host-compare")));
};

const write = () => {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
  document.documentElement.dir = RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
  document.title = t("page.title");
  for (const [id, words] of [["title", "page.title"], ["lead", "page.lead"], ["language-label", "page.language"], ["receipt", "page.receipt"]]) byId(id).textContent = t(words);
  byId("release").textContent = t("page.release", { release: document.querySelector("meta[name=hanse-release]").content });
  byId("drop").replaceChildren(el("p", {}, t("page.drop")), fileButton("choose-proof", t("page.choose-proof"), takeFiles, { many: true }));
  writeNotice();
  writeTrust();
  writeReading();
  writeCode();
  const file = chosen.files[chosen.shown];
  const here = file?.report && !byId("report").hidden;
  if (here) { writeSeveral(); writeReport(file.report, file, byId("report")); }
  say(here ? verdictWords(file.report.verdict) : camera ? t("page.camera-looking") : "");
};

const begin = () => {
  const baked = document.querySelector("meta[name=hanse-trust]").content, select = byId("language"), drop = byId("drop");
  if (baked) chosen.baked = chosen.trust = Hanse.fromBase64(baked);
  for (const [code, name] of Object.entries(LANGUAGES)) select.append(el("option", { value: code, lang: code }, name));
  language = select.value = preferred();
  select.addEventListener("change", () => { language = select.value; write(); });
  for (const event of ["dragenter", "dragover"]) document.addEventListener(event, (each) => { each.preventDefault(); drop.classList.add("over"); });
  document.addEventListener("dragleave", () => drop.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const files = [...event.dataTransfer.files];
    return files.length ? takeFiles(files).catch(shown) : undefined;
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeCamera(); });
  window.addEventListener("hashchange", takeAddress);
  unfoldForPrint();
  write();
  byId("asking").hidden = false;
  byId("silent").remove();
  takeAddress();
  takeShown();
};
/** What the page's own host shows: it could have put in anything, and says so; a saved page is named by its file. */
const takeShown = () => {
  const baked = document.querySelector("meta[name=hanse-proof]").content;
  if (!baked) return;
  const data = Hanse.fromBase64(baked), name = Hanse.oneLine(decodeURIComponent(location.pathname.split("/").pop())), host = location.host || name || location.protocol;
  Object.assign(chosen, { files: [{ name, size: data.length, data, unread: false, beside: {}, host }], shown: 0 });
  checkAll(++turn).catch(shown);
};
/** A code's address may have opened this page: what stands behind its # is the code. */
const takeAddress = () => { if (Hanse.isCode(location.hash)) takeFiles([{ code: location.hash, name: "", size: 0 }]).catch(shown); };

/** Show a fault of the page as what it is, and nothing of what was shown before. */
const shown = (error) => {
  turn++;
  stopBeside();
  const place = byId("report"), last = chosen.files[chosen.shown];
  const file = { name: last?.name ?? "", size: last?.size ?? 0, at: Date.now(), beside: {}, report: faultReport(error) };
  try {
    clearReport();
    Object.assign(chosen, { files: [file], shown: 0, left: 0 });
    writeReport(file.report, file, place).focus();
  } catch {
    // What writes reports is at fault itself: the words alone, by the simplest means.
    place.textContent = `${t("verdict.cannot-check")}: ${t(FAULT, { detail: faultWords(error) })}`;
    place.hidden = false;
  }
};
window.addEventListener("unhandledrejection", (event) => { event.preventDefault(); shown(event.reason); });
window.addEventListener("error", (event) => { event.preventDefault(); shown(event.error ?? event.message); });
begin();
