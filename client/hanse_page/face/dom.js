// Making elements: text is set as text, never as markup.

const el = (name, facts = {}, ...children) => {
  const made = name.includes(":") ? document.createElementNS("http://www.w3.org/2000/svg", name.slice(4)) : document.createElement(name);
  for (const [key, value] of Object.entries(facts)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
};
/** Append what is made of each of many things: the first at once, the rest a few at a time, so that the page stays alive; all of it before it is printed. */
const AT_A_TIME = 100;
const inParts = (place, things, make) => {
  let done = 0;
  const more = (count) => { const from = done; done += count; place.append(...things.slice(from, done).flatMap((thing, at) => make(thing, from + at))); };
  const later = () => { if (place.isConnected && done < things.length) { more(AT_A_TIME); setTimeout(later); } };
  more(AT_A_TIME);
  if (done < things.length) { setTimeout(later); window.addEventListener("beforeprint", () => { if (place.isConnected) more(things.length); }, { once: true, capture: true }); }
  return place;
};
const byId = (id) => document.getElementById(id);
/** Text of others: on one line, nothing in it acts, and its direction ends with it. */
const others = (text) => el("bdi", {}, Hanse.oneLine(String(text)));
const idText = (hex) => el("bdi", { class: "id", dir: "ltr" }, hex);
const idWithCopy = (hex) => el("span", {}, idText(hex), " ", copyButton(hex, t("page.copy-id", { id: hex.slice(0, 8) })));
const copyButton = (text, label) => el("button", {
  type: "button", class: "small", "aria-label": label,
  on: { click: async () => { say(await copied(text) ? t("page.copied") : t("page.not-copied")); } },
}, t("page.copy"));
/** Copy a text, by the old way where the new one is not had. Gives whether it was. */
const copied = async (text) => {
  try { await navigator.clipboard.writeText(text); return true; } catch { /* no such right, or none such: the old way */ }
  const field = el("textarea", { readonly: true, class: "unseen", "aria-hidden": "true" }), before = document.activeElement;
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
};
const say = (...parts) => { byId("status").replaceChildren(...parts); };

/** A button that chooses files: the browser's own would speak the browser's language. */
const fileButton = (id, words, act, { plain = false, many = false, accept = null } = {}) => el("label", { class: plain ? "file plain" : "file" }, words,
  el("input", { type: "file", id, multiple: many, accept, on: { change: (event) => {
    const files = [...event.target.files];
    event.target.value = "";
    return files.length ? act(files) : undefined;
  } } }));
const button = (id, words, act) => el("button", { type: "button", id, on: { click: act } }, words);
const section = (title, ...children) => {
  const there = children.flat().filter((child) => child !== null);
  return there.length ? [el("h2", {}, title), ...there] : [];
};
const rows = (pairs) => el("dl", {}, pairs.filter(([, value]) => value !== null).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
const icon = (path) => el("svg:svg", { viewBox: "0 0 24 24", "aria-hidden": "true", fill: "none", stroke: "currentColor", "stroke-width": "2.5", "stroke-linecap": "round", "stroke-linejoin": "round" }, el("svg:path", { d: path }));
