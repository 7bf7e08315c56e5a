// What the page says, in six languages; what a catalogue lacks is said in English.

const LANGUAGES = { en: "English", zh: "中文", de: "Deutsch", fr: "Français", es: "Español", ar: "العربية" };
const RIGHT_TO_LEFT = new Set(["ar"]);
let language = "en";

const filled = (words, values) => words.replace(/\{([a-z_]+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? values[name] : whole));
const own = (id) => WORDS[language][id] ?? WORDS.en[id] ?? id;
/** Say one of the page's own words. */
const t = (id, values = {}) => filled(own(id), values);
/** Whether a catalogue or the page's own words have an id. */
const known = (id) => Object.hasOwn(WORDS[language], id) || Object.hasOwn(WORDS.en, id);
/** Say what the verifier said, as a text. */
const inWords = (said) => (said === null || said === undefined ? "" : typeof said === "string" ? said : Hanse.inLanguage(said, language));

/** Every text that stands in a placeholder of what was said, the longest first. */
const valuesOf = (said) => {
  const found = new Set(), visit = (value) => {
    if (typeof value === "string") { if (value.length > 1) found.add(value); } else if (Array.isArray(value)) value.forEach(visit);
    else if (value && value.id === "") visit(value.words);
    else if (value) value.values.forEach(([, inner]) => visit(inner));
  };
  if (said && typeof said === "object") visit(said);
  return [...found].sort((one, other) => other.length - one.length);
};
/** Write what the verifier said as nodes: each value in a direction of its own, so that none turns the words about it. */
const sentence = (said) => isolated(inWords(said), valuesOf(said));
/** The same of the page's own words, with values of others. */
const ownSentence = (id, values) => isolated(t(id, values), Object.values(values).map(String));
const isolated = (words, values) => {
  if (!values.length) return [words];
  const any = new RegExp(`(${values.map((value) => value.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|")})`);
  return words.split(any).map((part, at) => (at % 2 ? apart(part) : part));
};

/** A value apart from the words about it; a moment as the reader's language writes it. */
const apart = (value) => (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? el("time", { datetime: value }, el("bdi", {}, moment(Date.parse(value)))) : el("bdi", {}, value));

const locale = () => ({ zh: "zh-CN", ar: "ar-u-nu-latn" })[language] ?? language;
const moment = (ms) => new Intl.DateTimeFormat(locale(), { dateStyle: "long", timeStyle: "medium", timeZone: "UTC", calendar: "gregory", numberingSystem: "latn" }).format(ms) + " UTC";
/** Say how long ago something was, in the unit in which a reader would. */
const ago = (ms) => {
  const minutes = Math.floor(ms / 60_000), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
  const [count, unit] = minutes < 120 ? [minutes, "minute"] : hours < 72 ? [hours, "hour"] : [days, "day"];
  return new Intl.RelativeTimeFormat(locale(), { numeric: "always" }).format(-count, unit);
};

const preferred = () => {
  for (const tag of navigator.languages ?? []) {
    const found = tag.toLowerCase().split("-")[0];
    if (Object.hasOwn(LANGUAGES, found)) return found;
  }
  return "en";
};
