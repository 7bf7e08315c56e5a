// Python's builtins and the methods of its own values.

class $Options { constructor(given) { Object.assign(this, given); } }
const $options = (given) => new $Options(given);
/** Take the keywords from the end of what was given. */
const $taken = (given) => (given[given.length - 1] instanceof $Options ? given.pop() : {});

const $b = {
  abs: (value) => (value < 0n ? -value : value),
  all: (value) => { for (const item of $each(value)) if (!$t(item)) return false; return true; },
  any: (value) => { for (const item of $each(value)) if ($t(item)) return true; return false; },
  bool: (value) => $t(value),
  bytes: (value = []) => (typeof value === "bigint" ? new Uint8Array(Number(value)) : value instanceof $Raw ? value.data : $isBytes(value) ? value : Uint8Array.from($each(value), Number)),
  callable: (value) => typeof value === "function",
  dict: (value = []) => new $Dict($pairs(value)),
  dict_fromkeys: (keys, value = null) => new $Dict([...$each(keys)].map((key) => [key, value])),
  divmod: (left, right) => [$div(left, right), $mod(left, right)],
  *enumerate(value, options = {}) { let at = options.start ?? 0n; for (const item of $each(value)) yield [at++, item]; },
  frozenset: (value = []) => new $Set($each(value)),
  getattr: (value, name, ...other) => (value instanceof $Struct && name in value ? value[name] : other.length ? other[0] : $fault(`nothing is called ${name}`)),
  int: (value) => {
    if (typeof value === "bigint") return value;
    if (typeof value === "boolean") return BigInt(value);
    const text = $isBytes(value) ? $latin1(value) : value;
    return /^-?[0-9]+$/.test(text) ? BigInt(text) : $fault("a number in a form that is not known");
  },
  int_from_bytes: (data) => { let out = 0n; for (const byte of data) out = (out << 8n) | BigInt(byte); return out; },
  isinstance: (value, cls) => {
    if (Array.isArray(cls)) return cls.some((each) => $b.isinstance(value, each));
    switch (cls) {
      case $b.bytes: return $isBytes(value);
      case $b.str: return typeof value === "string";
      case $b.int: return typeof value === "bigint" || typeof value === "boolean";
      case $b.tuple: return Array.isArray(value) && !(value instanceof $List);
      case $b.list: return value instanceof $List;
      case $b.dict: return value instanceof $Dict;
    }
    return typeof cls === "function" ? value instanceof cls : $fault("a class that is not known");
  },
  iter: (value) => $each(value)[Symbol.iterator](),
  len: (value) => BigInt(typeof value === "string" ? $points(value).length : value instanceof $Dict || value instanceof $Set ? value.kept.size : value instanceof $NamedTuple ? value.constructor.$facts.fields.length : value.length),
  list: (value = []) => $list($each(value)),
  *map(made, value) { for (const item of $each(value)) yield $call(made, [item]); },
  max: (...given) => $extreme(given, (one, other) => $compared(one, other) > 0),
  min: (...given) => $extreme(given, (one, other) => $compared(one, other) < 0),
  next: (value, ...other) => {
    const { done, value: item } = value.next();
    return done ? (other.length ? other[0] : $fault("nothing is left")) : item;
  },
  object: (value) => Object.fromEntries(value.pairs()),
  *range(...given) {
    const [from, to, step] = given.length === 1 ? [0n, given[0], 1n] : [given[0], given[1], given[2] ?? 1n];
    for (let at = from; step > 0n ? at < to : at > to; at += step) yield at;
  },
  repr: (value) => $repr(value),
  reversed: (value) => [...$each(value)].reverse()[Symbol.iterator](),
  set: (value = []) => new $Set($each(value)),
  sorted: (value, options = {}) => {
    const key = options.key ?? $same, way = $t(options.reverse ?? false) ? -1 : 1;
    return $list([...$each(value)].map((item) => [key(item), item]).sort(([one], [other]) => way * $compared(one, other)).map(([, item]) => item));
  },
  str: (value = "") => $str(value),
  sum: (value, start = 0n) => { let out = start; for (const item of $each(value)) out += $int(item); return out; },
  tuple: (value = []) => Array.from($each(value)),
  type: (value) => (typeof value === "string" ? $b.str : typeof value === "bigint" ? $b.int : typeof value === "boolean" ? $b.bool : $isBytes(value) ? $b.bytes : (value ?? $NONE).constructor),
  *zip(...given) {
    const { strict = false } = $taken(given), walks = given.map((value) => $b.iter(value));
    for (;;) {
      const steps = walks.map((walk) => walk.next()), ended = steps.filter((step) => step.done).length;
      if (ended && $t(strict) && ended < steps.length) throw $new($ValueError, "zip() arguments differ in length");
      if (ended) return;
      yield steps.map((step) => step.value);
    }
  },
};
/** So that nothing has a type too. */
const $NONE = new (class NoneType {})();
const $extreme = (given, better) => {
  const options = $taken(given), key = options.key ?? $same;
  const items = given.length === 1 ? [...$each(given[0])] : given;
  if (!items.length) return "default" in options ? options.default : $fault("the greatest of nothing");
  return items.reduce((best, item) => (better(key(item), key(best)) ? item : best));
};
const $class_name = (cls) => {
  for (const name of ["str", "int", "bool", "bytes"]) if (cls === $b[name]) return name;
  return cls.$facts ? cls.$facts.name.split(".").pop() : cls.name;
};
function* $pairwise(value) {
  let before, first = true;
  for (const item of $each(value)) { if (!first) yield [before, item]; before = item; first = false; }
}

/** What texts have of blanks, and what bytes have. */
const $SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/, $BLANKS = " \t\n\r\v\f";
const $stripped = (text, letters, ends) => {
  const loose = (letter) => (letters === undefined ? $SPACE.test(letter) : letters.includes(letter));
  let from = 0, to = text.length;
  while (ends.includes("l") && from < to && loose(text[from])) from++;
  while (ends.includes("r") && to > from && loose(text[to - 1])) to--;
  return text.slice(from, to);
};
const $ofText = {
  encode: (text, how = "utf-8") => (how === "ascii" && /[^\x00-\x7f]/.test(text) ? (() => { throw $new($ValueError, "not ASCII"); })() : $utf8(text)),
  endswith: (text, ends) => (Array.isArray(ends) ? ends : [ends]).some((end) => text.endsWith(end)),
  join: (text, parts) => [...$each(parts)].join(text),
  ljust: (text, length, fill = " ") => text + $mul(fill, length - $b.len(text)),
  lower: (text) => text.toLowerCase(),
  lstrip: (text, letters) => $stripped(text, letters, "l"),
  partition: (text, by) => { const at = text.indexOf(by); return at < 0 ? [text, "", ""] : [text.slice(0, at), by, text.slice(at + by.length)]; },
  removeprefix: (text, begin) => (text.startsWith(begin) ? text.slice(begin.length) : text),
  removesuffix: (text, end) => (end && text.endsWith(end) ? text.slice(0, -end.length) : text),
  replace: (text, old, other) => text.split(old).join(other),
  rjust: (text, length, fill = " ") => $mul(fill, length - $b.len(text)) + text,
  rpartition: (text, by) => { const at = text.lastIndexOf(by); return at < 0 ? ["", "", text] : [text.slice(0, at), by, text.slice(at + by.length)]; },
  rstrip: (text, letters) => $stripped(text, letters, "r"),
  split: (text, by, most = -1n) => {
    if (by === undefined) return $list(text.split($SPACE).filter((part) => part));
    const parts = text.split(by);
    return $list(most < 0n || BigInt(parts.length) <= most + 1n ? parts : [...parts.slice(0, Number(most)), parts.slice(Number(most)).join(by)]);
  },
  startswith: (text, begins) => (Array.isArray(begins) ? begins : [begins]).some((begin) => text.startsWith(begin)),
  strip: (text, letters) => $stripped(text, letters, "lr"),
  upper: (text) => text.toUpperCase(),
};
const $ofInt = {
  bit_count: (value) => BigInt(value.toString(2).replace(/[^1]/g, "").length),
  bit_length: (value) => (value === 0n ? 0n : BigInt((value < 0n ? -value : value).toString(2).length)),
  to_bytes: (value, length) => {
    const out = new Uint8Array(Number(length));
    for (let at = out.length - 1; at >= 0; at--) { out[at] = Number(value & 255n); value >>= 8n; }
    return value === 0n ? out : $fault("a number that does not fit");
  },
};
const $unlatin1 = (text) => $bytes(Array.from(text, (letter) => letter.charCodeAt(0)));
/** A method of texts, for bytes: each byte as the letter of that number. */
const $likeText = (method) => (data, ...given) => {
  const out = $ofText[method]($latin1(data), ...given.map((each) => ($isBytes(each) ? $latin1(each) : each)));
  return typeof out === "string" ? $unlatin1(out) : out instanceof $List ? $list(out.map($unlatin1)) : Array.isArray(out) ? out.map($unlatin1) : out;
};
const $ofBytes = {
  ...Object.fromEntries(["partition", "replace", "rpartition"].map((method) => [method, $likeText(method)])),
  ...Object.fromEntries(["lstrip", "rstrip", "strip"].map((method) => [method, (data, letters = $BLANKS) => $likeText(method)(data, letters)])),
  split: (data, by, ...most) => $likeText("split")(data, by ?? $fault("bytes are split by something"), ...most),
  decode: (data, how = "utf-8", errors = "strict") => {
    if (how === "utf-16") return new TextDecoder(data[0] === 0xfe ? "utf-16be" : "utf-16le").decode(data);
    return how === "utf-8" && errors === "strict" ? $text(data) : $fault(`decoded as ${how}`);
  },
  endswith: (data, ends) => (Array.isArray(ends) ? ends : [ends]).some((end) => $eq(data.subarray(Math.max(data.length - end.length, 0)), end)),
  find: (data, part, from = 0n, to = BigInt(data.length)) => BigInt($latin1(data.subarray(0, Number(to))).indexOf($latin1(part), Number(from))),
  hex: (data) => $hex(data),
  join: (by, parts) => { const out = []; for (const part of $each(parts)) { if (out.length && by.length) out.push(by); out.push(part); } return $joined(out); },
  ljust: (data, length, fill) => (data.length >= Number(length) ? data : $add(data, $mul(fill, length - BigInt(data.length)))),
  lower: (data) => data.map((byte) => (byte > 64 && byte < 91 ? byte + 32 : byte)),
  removeprefix: (data, begin) => ($ofBytes.startswith(data, begin) ? data.subarray(begin.length) : data),
  rjust: (data, length, fill) => (data.length >= Number(length) ? data : $add($mul(fill, length - BigInt(data.length)), data)),
  startswith: (data, begins) => (Array.isArray(begins) ? begins : [begins]).some((begin) => $eq(data.subarray(0, begin.length), begin)),
  translate: (data, _, without) => data.filter((byte) => !without.includes(byte)),
  upper: (data) => data.map((byte) => (byte > 96 && byte < 123 ? byte - 32 : byte)),
};
const $ofArray = {
  append: (items, item) => { items.push(item); return null; },
  count: (items, item) => BigInt(items.filter((each) => $eq(each, item)).length),
  extend: (items, more) => { for (const item of $each(more)) items.push(item); return null; },
  index: (items, item) => { const at = items.findIndex((each) => $eq(each, item)); if (at < 0) throw $new($ValueError, "not in the list"); return BigInt(at); },
  pop: (items) => (items.length ? items.pop() : $fault("nothing is left")),
};
const $ofDict = {
  get: (kept, key, other = null) => { const pair = kept.at(key); return pair === undefined ? other : pair[1]; },
  items: (kept) => kept.pairs().map(([key, value]) => [key, value]),
  keys: (kept) => new $Set(kept.pairs().map(([key]) => key)),
  pop: (kept, key, ...other) => {
    const pair = kept.at(key);
    if (pair === undefined) { if (other.length) return other[0]; throw $new($KeyError, key); }
    kept.drop(key);
    return pair[1];
  },
  setdefault: (kept, key, value) => { const pair = kept.at(key); if (pair !== undefined) return pair[1]; kept.put(key, value); return value; },
  update: (kept, more) => { for (const [key, value] of $pairs(more)) kept.put(key, value); return null; },
  values: (kept) => kept.pairs().map(([, value]) => value),
};
const $ofSet = {
  add: (kept, item) => { kept.add(item); return null; },
  discard: (kept, item) => { kept.kept.delete($key(item)); return null; },
  isdisjoint: (kept, other) => { for (const item of $each(other)) if (kept.has(item)) return false; return true; },
  issubset: (kept, other) => $within(kept, new $Set($each(other))),
  issuperset: (kept, other) => { for (const item of $each(other)) if (!kept.has(item)) return false; return true; },
  pop: (kept) => { const [first] = kept.kept; if (!first) $fault("nothing is left"); kept.kept.delete(first[0]); return first[1]; },
  union: (kept, ...others) => new $Set([...kept.items(), ...others.flatMap((other) => [...$each(other)])]),
  update: (kept, ...others) => { for (const other of others) for (const item of $each(other)) kept.add(item); return null; },
};
const $m = (value, method, given) => {
  const known = typeof value === "string" ? $ofText : typeof value === "bigint" ? $ofInt : $isBytes(value) ? $ofBytes
    : Array.isArray(value) ? $ofArray : value instanceof $Dict ? $ofDict : value instanceof $Set ? $ofSet : null;
  if (known === null) {
    const found = value[method];
    return $isClass(found) ? $new(found, ...given) : typeof found === "function" ? found.apply(value, given) : $fault(`nothing is called ${method}`);
  }
  return Object.hasOwn(known, method) ? known[method](value, ...given) : $fault(`the method ${method} is not known`);
};
