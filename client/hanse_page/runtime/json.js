// JSON, byte by byte, as msgspec reads and writes it.

const $JSON_DEPTH = 512;
const $read_json = (data, type) => {
  let at = 0;
  const bad = (what) => { throw $new($DecodeError, `JSON is malformed: ${what} (byte ${at})`); };
  const peek = () => (at < data.length ? data[at] : (() => { throw $new($DecodeError, "Input data was truncated"); })());
  const space = () => { while (at < data.length && (data[at] === 32 || data[at] === 10 || data[at] === 13 || data[at] === 9)) at++; };
  const word = (letters, value) => {
    if (data.length - at < letters.length) throw $new($DecodeError, "Input data was truncated");
    for (const letter of letters) { if (data[at] !== letter.charCodeAt(0)) bad("invalid character"); at++; }
    return value;
  };
  const unit = () => {
    if (data.length - at < 4) throw $new($DecodeError, "Input data was truncated");
    const digits = $latin1(data.subarray(at, (at += 4)));
    return /^[0-9a-fA-F]{4}$/.test(digits) ? parseInt(digits, 16) : bad("invalid character in unicode escape");
  };
  const escape = () => {
    const letter = (peek(), data[at++]);
    if (letter !== 117) return "\"\\/bfnrt".includes(String.fromCharCode(letter)) ? undefined : bad("invalid escaped character");
    const first = unit();
    if (first < 0xd800 || first > 0xdfff) return undefined;
    if (first > 0xdbff) bad("invalid utf-16 surrogate pair");
    if (data.length - at < 6) throw $new($DecodeError, "Input data was truncated");
    if (data[at++] !== 92 || data[at++] !== 117) bad("unexpected end of hex escape");
    const second = unit();
    return second < 0xdc00 || second > 0xdfff ? bad("invalid utf-16 surrogate pair") : undefined;
  };
  /** Pass over a text, of which only the escapes are looked at; tell whether it has any. */
  const skip_text = () => {
    if (peek() !== 34) bad("expected `\"`");
    let escaped = false;
    for (at++; peek() !== 34;) {
      if (data[at] < 32) bad("invalid character");
      if (data[at++] === 92) { escaped = true; escape(); }
    }
    at++;
    return escaped;
  };
  const text = (kind) => {
    const from = at, escaped = skip_text(), letters = data.subarray(from + 1, at - 1);
    if (kind?.t === "bytes" && !escaped) return $latin1(letters); // base64, whatever stands there
    return escaped ? JSON.parse(`"${$text(letters)}"`) : $text(letters);
  };
  const digits = () => { const from = at; while (data[at] >= 48 && data[at] <= 57) at++; return at > from || bad("invalid number"); };
  const skip_number = () => {
    let whole = true;
    if (data[at] === 45) at++;
    if (data[at] === 48) { at++; if (data[at] >= 48 && data[at] <= 57) bad("invalid number"); } else digits();
    if (data[at] === 46) { whole = false; at++; digits(); }
    if (data[at] === 101 || data[at] === 69) { whole = false; at++; if (data[at] === 43 || data[at] === 45) at++; digits(); }
    return whole;
  };
  const numeral = () => {
    const from = at, whole = skip_number(), found = $latin1(data.subarray(from, at));
    if (!whole) return Number(found);
    return found.length > 20 ? (found[0] === "-" ? -(10n ** 30n) : 10n ** 30n) : BigInt(found); // beyond every bound
  };
  /** `kept` of a value that is kept as it is: nothing in it is looked at but its form. */
  const object = (kind, depth, kept) => {
    const out = new Map();
    at++; space();
    if (peek() === 125) { at++; return out; }
    for (;;) {
      space();
      const key = kept ? void skip_text() : text();
      space();
      if (peek() !== 58) bad("expected ':'");
      at++;
      // What a Struct does not have is passed over; what stands twice must be of its type each time.
      const inner = kept ? undefined : $inside(kind, key), item = value(inner, depth + 1, inner === undefined);
      if (inner && out.has(key)) $convert(out.get(key), inner, true, "");
      if (!kept) out.set(key, item);
      space();
      const next = peek();
      if (next !== 125 && next !== 44) bad("expected ',' or '}'");
      at++;
      if (next === 125) return out;
    }
  };
  const array = (kind, depth, kept) => {
    const out = [];
    at++; space();
    if (peek() === 93) { at++; return out; }
    for (;;) {
      out.push(value(kept ? null : $inside(kind, out.length), depth + 1, kept));
      space();
      const next = peek();
      if (next !== 93 && next !== 44) bad("expected ',' or ']'");
      at++;
      if (next === 93) return out;
    }
  };
  const value = (kind, depth, kept) => {
    if (depth > $JSON_DEPTH) throw $new($RecursionError, "deeper than anything may be");
    space();
    if (kind?.t === "raw") { const from = at; value(null, depth, true); return new $Raw(data.slice(from, at)); }
    switch (peek()) {
      case 34: return kept ? void skip_text() : text(kind);
      case 123: return object(kind, depth, kept);
      case 91: return array(kind, depth, kept);
      case 116: return word("true", true);
      case 102: return word("false", false);
      case 110: return word("null", null);
    }
    return data[at] === 45 || (data[at] >= 48 && data[at] <= 57) ? (kept ? void skip_number() : numeral()) : bad("invalid character");
  };
  const out = value(type, 0, false);
  space();
  if (at !== data.length) { at++; bad("trailing characters"); } // msgspec names the byte after the first of them
  return out;
};
const $write_json = (whole) => {
  const write = (value) => {
    if (value === null || value === undefined) return "null";
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "bigint" || typeof value === "boolean") return String(value);
    if ($isBytes(value)) return `"${$base64(value)}"`;
    if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
    if (value instanceof $Dict) return `{${value.pairs().map(([key, item]) => `${JSON.stringify(key)}:${write(item)}`).join(",")}}`;
    const { form, fields, name } = value.constructor.$facts ?? $fault("a value that does not travel");
    if (form === "array") return `[${fields.map((field) => write(value[field.n])).join(",")}]`;
    if (form !== "map") $fault(`${name} does not travel`);
    return `{${fields.map((field) => `${JSON.stringify(field.e)}:${write(value[field.n])}`).join(",")}}`;
  };
  return $utf8(write(whole));
};
const $reader = (read, json) => (kind) => { const type = $type(kind); return { decode: (data) => $convert(read(data, type), type, json, "") }; };
const $msgspec = {
  DecodeError: $DecodeError,
  ValidationError: $ValidationError,
  Raw: $Raw,
  structs: $structs,
  msgpack: { Decoder: $reader($read_msgpack, false), Encoder: () => ({ encode: $write_msgpack }) },
  json: { Decoder: $reader($read_json, true), Encoder: () => ({ encode: $write_json }) },
};
