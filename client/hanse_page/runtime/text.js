// Text: UTF-8, how values are written in sentences, and regular expressions.

const $encoder = new TextEncoder();
const $utf8 = (text) => $encoder.encode(text);
const $decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const $text = (data) => {
  try { return $decoder.decode(data); } catch { throw $new($UnicodeDecodeError, "not UTF-8"); }
};
const $HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const $hex = (data) => { let out = ""; for (const byte of data) out += $HEX[byte]; return out; };

const $str = (value) => {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (value instanceof Error) return typeof value.__str__ === "function" ? value.__str__() : value.message;
  if (typeof value.__str__ === "function") return value.__str__();
  return $repr(value);
};
const $NOT_PRINTED = /[\p{C}\p{Z}]/u;
const $ESCAPES = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const $repr = (value) => {
  if (typeof value === "string") {
    const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
    let out = "";
    for (const point of value) {
      const code = point.codePointAt(0);
      if (point === quote) out += `\\${point}`;
      else if (point in $ESCAPES) out += $ESCAPES[point];
      else if (point === " " || !$NOT_PRINTED.test(point)) out += point;
      else if (code < 0x100) out += `\\x${$HEX[code]}`;
      else out += code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
    }
    return quote + out + quote;
  }
  if (typeof value === "bigint") return String(value);
  if (value === null || value === undefined || typeof value === "boolean") return $str(value);
  if ($isBytes(value)) {
    const text = $latin1(value), quote = text.includes("'") && !text.includes('"') ? '"' : "'";
    let out = "";
    for (const letter of text) {
      const code = letter.charCodeAt(0);
      out += letter === quote ? `\\${letter}` : letter in $ESCAPES ? $ESCAPES[letter] : code < 32 || code > 126 ? `\\x${$HEX[code]}` : letter;
    }
    return `b${quote}${out}${quote}`;
  }
  if (value instanceof $List) return `[${value.map($repr).join(", ")}]`;
  if (Array.isArray(value)) return value.length === 1 ? `(${$repr(value[0])},)` : `(${value.map($repr).join(", ")})`;
  return $fault("a value that is not written in sentences");
};
const $format = (value, form) => {
  const padded = /^0([0-9]+)$/.exec(form);
  if (padded) return (value < 0n ? "-" : "") + String(value < 0n ? -value : value).padStart(Number(padded[1]) - (value < 0n ? 1 : 0), "0");
  if (form === "#04x") return `0x${value.toString(16).padStart(2, "0")}`;
  return $fault(`the form ${form} is not known`);
};

// --- regular expressions: what Python means, written as JavaScript writes it ---
class $Match {
  constructor(found, bytes) { this.found = found; this.bytes = bytes; }
  group(at) { const text = this.found[at]; return text === undefined ? null : this.bytes ? $bytes(Array.from(text, (letter) => letter.charCodeAt(0))) : text; }
}
const $js_pattern = (pattern) => {
  let out = "", within = false;
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern[at];
    if (letter === "\\") {
      const next = pattern[++at];
      if (next === "Z") out += "$";
      else if (next === "U") { out += `\\u{${pattern.slice(at + 1, at + 9)}}`; at += 8; }
      else if (/[xu]/.test(next) || /[nrt\\.*+?()[\]{}|^$/-]/.test(next)) out += `\\${next}`;
      else if (/["'\x60]/.test(next)) out += next;
      else $fault(`a regular expression that is not known: ${pattern}`);
    } else if (within) { within = letter !== "]"; out += letter === "[" ? "\\[" : letter; }
    else if (letter === "[") { within = true; out += letter; if (pattern[at + 1] === "^") { out += "^"; at++; } if (pattern[at + 1] === "]") { out += "\\]"; at++; } }
    else if (letter === ".") out += "[^\\n]";
    else if (letter === "$") $fault("the end of a line in a regular expression");
    else out += letter;
  }
  return out;
};
const $compiled = new Map();
const $re = {
  compile: (pattern) => {
    const bytes = $isBytes(pattern), id = $key(pattern);
    if ($compiled.has(id)) return $compiled.get(id);
    const source = $js_pattern(bytes ? $latin1(pattern) : pattern), flags = bytes ? "" : "u";
    const read = (value) => (bytes ? $latin1(value) : value);
    const tried = (expression) => (value) => { const found = expression.exec(read(value)); return found === null ? null : new $Match(found, bytes); };
    const every = new RegExp(source, `g${flags}`);
    const made = {
      pattern,
      fullmatch: tried(new RegExp(`^(?:${source})$`, flags)),
      match: tried(new RegExp(`^(?:${source})`, flags)),
      search: tried(new RegExp(source, flags)),
      sub: (by, value) => {
        const out = read(value).replace(every, (...found) => {
          const last = found.findIndex((item, at) => at > 0 && typeof item === "number");
          const text = typeof by === "string" || $isBytes(by) ? by : by(new $Match(found.slice(0, last), bytes));
          return bytes ? $latin1(text) : text;
        });
        return bytes ? $bytes(Array.from(out, (letter) => letter.charCodeAt(0))) : out;
      },
    };
    $compiled.set(id, made);
    return made;
  },
};
