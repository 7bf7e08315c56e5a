// Checking: beside the page where a Worker can be had, so that it stays alive; in it where there is none.

const FAULT = "page.fault";
const faultWords = (error) => String(error?.message ?? error).slice(0, 300);
/** Make a report that says that the page itself is at fault: that is never a verdict on the file. */
const faultReport = (error) => {
  const detail = Hanse.oneLine(faultWords(error));
  return {
    verdict: "cannot check", reason: "", as_of: null, age_ms: null, ledger: null, size: null, steps: [], subjects: [], acts: [], terms: [],
    said: { detail: { id: FAULT, values: [["detail", detail]], words: t(FAULT, { detail }) }, meaning: { id: "page.fault-meaning", values: [], words: t("page.fault-meaning") }, established: [], not_established: [], keys: [], vouchers: null, warnings: [] },
  };
};

const judge = (file, trust, at) => {
  try { return file.code === undefined ? Hanse.report(file.data, trust, at, file.host) : Hanse.reportCode(file.code, trust, at); } catch (error) { return faultReport(error); }
};

/** Smaller files are checked at once: a Worker would take longer to begin. */
const AT_ONCE = 120_000;
const WORKER = "onmessage = ({ data: { file, trust, at, host } }) => { Hanse.onSignature((count) => { if (count % 25 === 0) postMessage({ count }); }); try { postMessage({ report: Hanse.report(file, trust, at, host) }); } catch (error) { postMessage({ fault: String(error && error.message || error) }); } };";

/** What checks a large file beside the page, until it has, or another was chosen. */
let beside = null;
const stopBeside = () => { beside?.terminate(); beside = null; };

const check = (file, trust, at, progress) => {
  stopBeside();
  if (file.code !== undefined || file.data.length <= AT_ONCE) return Promise.resolve(judge(file, trust, at));
  let worker, address;
  try {
    address = URL.createObjectURL(new Blob([verifierSource(), WORKER], { type: "text/javascript" }));
    worker = new Worker(address);
  } catch { return Promise.resolve(judge(file, trust, at)); }
  beside = worker;
  return new Promise((resolve) => {
    const end = (report) => { worker.terminate(); URL.revokeObjectURL(address); resolve(report); };
    worker.onerror = (event) => { event.preventDefault(); end(faultReport(event.message || "worker")); };
    worker.onmessage = ({ data: said }) => (said.report ? end(said.report) : said.fault !== undefined ? end(faultReport(said.fault)) : progress(said.count));
    worker.postMessage({ file: file.data, trust, at, host: file.host });
  });
};
/** The verifier's own source, out of this page's script. */
const VERIFIER_ENDS = "/* verifier ends */";
const verifierSource = () => {
  const whole = [...document.scripts].map((script) => script.textContent).find((text) => text.includes(VERIFIER_ENDS));
  return whole.slice(0, whole.indexOf(VERIFIER_ENDS));
};
/** About how many signatures a proof has: each record is signed at least once. */
const ENTRY = [...'"entry"'].map((letter) => letter.charCodeAt(0));
const expected = (data) => {
  let count = 1;
  for (let at = data.indexOf(ENTRY[0]); at >= 0; at = data.indexOf(ENTRY[0], at + 1)) if (ENTRY.every((letter, place) => data[at + place] === letter)) count++;
  return count;
};
