// What travels, against its type: the tables that msgspec's own types were written as.

class $Raw { constructor(data) { this.data = data; } }
class $MsgspecError extends $Exception {}
class $DecodeError extends $MsgspecError {}
class $ValidationError extends $DecodeError {}

const $invalid = (detail, path) => { throw $new($ValidationError, path ? `${detail} - at \`$${path}\`` : detail); };
const $TYPES = { int: "`int`", bool: "`bool`", none: "`null`", str: "`str`", bytes: "`bytes`", tuple: "`array`", each: "`array`", struct: "`object`", dict: "`object`", enum: "`str`", literal: "`str`" };
const $kind_of = (value) => (value === null ? "`null`" : typeof value === "bigint" ? "`int`" : typeof value === "boolean" ? "`bool`" : typeof value === "string" ? "`str`" : $isBytes(value) ? "`bytes`" : Array.isArray(value) ? "`array`" : value instanceof Map ? "`object`" : "`float`");
const $unexpected = (value, type, path) => $invalid(`Expected ${$TYPES[type.t]}, got ${$kind_of(value)}`, path);

const $bounded = (length, type, what, path) => {
  if (type.min !== undefined && length < type.min) $invalid(`Expected ${what} of length >= ${type.min}`, path);
  if (type.max !== undefined && length > type.max) $invalid(`Expected ${what} of length <= ${type.max}`, path);
};
const $CHECKS = {
  any: (value) => $plain(value),
  raw: (value, type, path) => (value instanceof $Raw ? value : $fault(`what stands at ${path} was not kept as it is`)),
  none: (value, type, path) => (value === null ? null : $unexpected(value, type, path)),
  bool: (value, type, path) => (typeof value === "boolean" ? value : $unexpected(value, type, path)),
  int: (value, type, path) => {
    if (typeof value !== "bigint") $unexpected(value, type, path);
    if (type.ge !== undefined && value < type.ge) $invalid(`Expected \`int\` >= ${type.ge}`, path);
    if (type.le !== undefined && value > type.le) $invalid(`Expected \`int\` <= ${type.le}`, path);
    return value;
  },
  str: (value, type, path) => {
    if (typeof value !== "string") $unexpected(value, type, path);
    $bounded($b.len(value), type, "`str`", path);
    if (type.pattern !== undefined && $re.compile(type.pattern).search(value) === null) $invalid(`Expected \`str\` matching regex ${$repr(type.pattern)}`, path);
    return value;
  },
  bytes: (value, type, path, json) => {
    let data = value;
    if (json) {
      if (typeof value !== "string") $unexpected(value, type, path);
      data = $unbase64(value);
      if (data === null) $invalid("Invalid base64 encoded string", path);
    }
    if (!$isBytes(data)) $unexpected(value, type, path);
    $bounded(BigInt(data.length), type, "`bytes`", path);
    return data;
  },
  enum: (value, type, path) => {
    if (typeof value !== "string") $unexpected(value, type, path);
    return type.of.includes(value) ? value : $invalid(`Invalid enum value ${$repr(value)}`, path);
  },
  literal: (value, type, path) => (type.of.some((each) => $eq(each, value)) ? value : $invalid(`Invalid enum value ${$repr(value)}`, path)),
  tuple: (value, type, path, json) => {
    if (!Array.isArray(value)) $unexpected(value, type, path);
    $bounded(BigInt(value.length), type, "`array`", path);
    return value.map((item, at) => $convert(item, type.of, json, `${path}[${at}]`));
  },
  each: (value, type, path, json) => {
    if (!Array.isArray(value)) $unexpected(value, type, path);
    if (value.length !== type.of.length) $invalid(`Expected \`array\` of length ${type.of.length}, got ${value.length}`, path);
    return value.map((item, at) => $convert(item, type.of[at], json, `${path}[${at}]`));
  },
  dict: (value, type, path, json) => {
    if (!(value instanceof Map)) $unexpected(value, type, path);
    $bounded(BigInt(value.size), type, "`object`", path);
    return new $Dict([...value].map(([key, item]) => [key, $convert(item, type.of, json, `${path}[...]`)]));
  },
  union: (value, type, path, json) => {
    const kinds = type.of.filter((each) => each.t !== "none");
    if (value === null && kinds.length < type.of.length) return null;
    if (kinds.length === 1) return $convert(value, kinds[0], json, path);
    const fitting = kinds.find((each) => $TYPES[each.t] === (json && each.t === "bytes" ? "`str`" : $kind_of(value)));
    return fitting === undefined ? $invalid(`Expected ${type.of.map((each) => $TYPES[each.t]).join(" | ")}, got ${$kind_of(value)}`, path) : $convert(value, fitting, json, path);
  },
  struct: (value, type, path, json) => {
    const cls = $classes.get(type.of) ?? $fault(`${type.of} was not translated`), facts = cls.$facts;
    if (facts.form === "array") return $of_array(value, cls, path, json);
    if (facts.form !== "map") $fault(`${facts.name} does not travel`);
    if (!(value instanceof Map)) $unexpected(value, type, path);
    const byName = $by_name(facts), given = new Map();
    for (const [name, item] of value) {
      const field = byName.get(name);
      if (field !== undefined) given.set(field.n, $convert(item, field.t, json, `${path}.${name}`));
      else if (facts.strict) $invalid(`Object contains unknown field \`${name}\``, path);
    }
    const missing = facts.fields.find((field) => !field.optional && !given.has(field.n));
    if (missing !== undefined) $invalid(`Object missing required field \`${missing.e}\``, path);
    return new cls(...facts.fields.map((field) => given.get(field.n)));
  },
};
const $of_array = (value, cls, path, json) => {
  if (!Array.isArray(value)) $invalid(`Expected \`array\`, got ${$kind_of(value)}`, path);
  const { fields } = cls.$facts;
  if (value.length !== fields.length) $invalid(`Expected \`array\` of length ${fields.length}, got ${value.length}`, path);
  return new cls(...fields.map((field, at) => $convert(value[at], field.t, json, `${path}[${at}]`)));
};
const $by_name = (facts) => { facts.byName ??= new Map(facts.fields.map((field) => [field.e, field])); return facts.byName; };
const $plain = (value) => (value instanceof Map ? new $Dict([...value].map(([key, item]) => [key, $plain(item)])) : Array.isArray(value) ? $list(value.map($plain)) : value);

/** Turn what was read (arrays, Maps of texts, texts, BigInt, bytes) into what a type says. */
const $convert = (value, type, json, path) => $CHECKS[type.t](value, type, path, json);
const $type = (kind) => (typeof kind !== "function" ? kind : kind === $Raw ? { t: "raw" } : { t: "struct", of: kind.$facts.name });
/** Which type stands inside another, so that what is kept as it is can be found while reading; undefined of what a Struct does not have. */
const $inside = (type, name) => {
  while (type?.t === "union") type = type.of.find((each) => each.t !== "none");
  if (type === undefined || type === null) return null;
  if (type.t === "tuple" || type.t === "dict") return type.of;
  if (type.t === "each") return type.of[name] ?? null;
  if (type.t !== "struct") return null;
  const facts = $classes.get(type.of).$facts;
  return (typeof name === "number" ? (facts.form === "array" ? facts.fields[name] : undefined) : $by_name(facts).get(name))?.t;
};
const $structs = {
  fields: (cls) => cls.$facts.fields.map((field) => ({ name: field.n, type: field.t })),
  replace: (value, changes) => {
    const { fields } = value.constructor.$facts;
    for (const name of Object.keys(changes)) if (!fields.some((field) => field.n === name)) $fault(`there is no field ${name}`);
    return new value.constructor(...fields.map((field) => (Object.hasOwn(changes, field.n) ? changes[field.n] : value[field.n])));
  },
};

const $unbase64 = (text) => {
  if (text.length % 4 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  const raw = atob(text), out = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at++) out[at] = raw.charCodeAt(at);
  return out;
};
const $base64 = (data) => btoa($latin1(data));
/** Base64 with validation: that is how the ledger always asks for it. */
const $b64decode = (data) => {
  const [, letters, ends] = /^([A-Za-z0-9+/]*)(={0,2})$/.exec(typeof data === "string" ? data : $latin1(data)) ?? [null, "A", ""];
  const needed = "=".repeat((4 - (letters.length % 4)) % 4); // Python takes more of them than are needed
  return (ends.length < needed.length ? null : $unbase64(letters + needed)) ?? (() => { throw $new($ValueError, "not base64"); })();
};
const $b64encode = (data) => $utf8($base64(data));
