// Python's values, as far as the verifier uses them: what is equal, what is before, what is true, what is a key.
// int is BigInt, bytes is Uint8Array, tuple is Array, list is $List, str is a string, None is null.

class $Exception extends Error {
  $init(...given) { this.args = given; this.message = given.length ? $str(given[0]) : ""; }
}
class $ValueError extends $Exception {}
/** What it names is the key that is not there, of any sort. */
class $KeyError extends $Exception {
  $init(key) { this.args = [key]; }
  __str__() { return $repr(this.args[0]); }
}
class $TypeError extends $Exception {}
class $RecursionError extends $Exception {}
class $RuntimeError extends $Exception {}
class $AssertionError extends $Exception {}
class $UnicodeDecodeError extends $ValueError {}
class $BadSignatureError extends $Exception {}

/** A fault of the page itself: nothing in the translation catches it. */
class $Fault extends Error {}
const $fault = (detail) => { throw new $Fault(detail); };

class $List extends Array {
  static get [Symbol.species]() { return Array; }
}
const $list = (items) => { const out = new $List(); for (const item of items) out.push(item); return out; };

/** What a class of fields is made from: a Struct, a dataclass. `$facts` has its fields in order. */
class $Struct {}
class $NamedTuple extends $Struct {
  *[Symbol.iterator]() { for (const field of this.constructor.$facts.fields) yield this[field.n]; }
}
/** What a class of its own making is made from. */
class $Plain { $init() {} }

const $classes = new Map();
const $register = (cls) => { for (const field of cls.$facts.fields) field.e ??= field.n; $classes.set(cls.$facts.name, cls); };
const $isClass = (value) => typeof value === "function" && (value.prototype instanceof $Struct || value.prototype instanceof $Plain || value.prototype instanceof $Exception);
const $new = (cls, ...given) => {
  if (cls.prototype instanceof $Struct) return new cls(...given);
  const made = new cls();
  made.$init(...given);
  return made;
};
const $call = (callee, given) => ($isClass(callee) ? $new(callee, ...given) : callee(...given));
const $bound = (value, name) => {
  const found = value[name];
  if (found === undefined) $fault(`nothing is called ${name}`);
  return typeof found === "function" && !$isClass(found) ? found.bind(value) : found;
};
const $names = (cls) => (cls.$facts ?? cls.constructor.$facts).fields.map((field) => field.n);
const $same = (value) => value;
const $value = (value) => (typeof value === "string" ? value : value.value);
const $assert = (holds) => { if (!holds) $fault("what the verifier takes for granted does not hold"); };
const $is = (left, right) => (left ?? null) === (right ?? null) || ($isBytes(left) && left.length === 0 && $isBytes(right) && right.length === 0);
const $isBytes = (value) => value instanceof Uint8Array;
const $bytes = (items) => Uint8Array.from(items);
const $enum = (members) => {
  Object.defineProperty(members, Symbol.iterator, { value: () => Object.values(members)[Symbol.iterator]() });
  return Object.freeze(members);
};

// --- keys: equal texts exactly where Python's values are equal ---
const $numbered = new Map();
const $number = (value) => {
  if (!$numbered.has(value)) $numbered.set(value, $numbered.size);
  return $numbered.get(value);
};
const $latin1 = (data) => {
  let out = "";
  for (let at = 0; at < data.length; at += 8192) out += String.fromCharCode.apply(null, data.subarray(at, at + 8192));
  return out;
};
const $key = (value) => {
  if (value === null || value === undefined) return "n";
  switch (typeof value) {
    case "string": return `s${value.length}:${value}`;
    case "bigint": return `i${value}`;
    case "boolean": return value ? "i1" : "i0";
    case "function": return `c${$number(value)}`;
  }
  if ($isBytes(value)) return `b${value.length}:${$latin1(value)}`;
  if (value instanceof $List || value instanceof $Dict) $fault("a value that changes cannot be a key");
  if (Array.isArray(value)) return `t${value.length}(${value.map($key).join(",")})`;
  if (value instanceof $NamedTuple) return $key([...value]);
  if (value instanceof $Struct) return `k${$number(value.constructor)}(${value.constructor.$facts.fields.map((field) => $key(value[field.n])).join(",")})`;
  if (value instanceof $Set) return `S(${[...value.kept.keys()].sort().join(",")})`;
  return `o${$number(value)}`;
};

class $Dict {
  constructor(pairs = []) { this.kept = new Map(); for (const [key, value] of pairs) this.put(key, value); }
  put(key, value) {
    const id = $key(key), pair = this.kept.get(id);
    if (pair === undefined) this.kept.set(id, [key, value]); else pair[1] = value;
  }
  has(key) { return this.kept.has($key(key)); }
  at(key) { return this.kept.get($key(key)); }
  drop(key) { if (!this.kept.delete($key(key))) throw $new($KeyError, key); }
  pairs() { return [...this.kept.values()]; }
}
class $Set {
  constructor(items = []) { this.kept = new Map(); for (const item of items) this.add(item); }
  add(item) { const id = $key(item); if (!this.kept.has(id)) this.kept.set(id, item); }
  has(item) { return this.kept.has($key(item)); }
  items() { return [...this.kept.values()]; }
}
const $pairs = (value) => (value instanceof $Dict ? value.pairs() : $each(value));

// --- text, by code points ---
const $SURROGATE = /[\ud800-\udfff]/;
const $points = (text) => ($SURROGATE.test(text) ? Array.from(text) : text);

/** What a loop goes through. */
const $each = (value) => {
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return Array.from(value);
  if ($isBytes(value)) return Array.from(value, BigInt);
  if (value instanceof $Set) return value.items();
  if (value instanceof $Dict) return value.pairs().map(([key]) => key);
  if (value && typeof value[Symbol.iterator] === "function") return value;
  return $fault("a value that no loop goes through");
};
/** Exactly so many values, for as many names. */
const $many = (value, count) => {
  const items = [...$each(value)];
  if (items.length !== count) throw $new($ValueError, `${items.length} values where ${count} are expected`);
  return items;
};
const $starred = (value, count, at) => {
  const items = [...$each(value)], more = items.length - count + 1;
  if (more < 0) throw $new($ValueError, "not enough values");
  return [...items.slice(0, at), $list(items.slice(at, at + more)), ...items.slice(at + more)];
};

const $t = (value) => {
  if (value === null || value === undefined) return false;
  if (typeof value !== "object") return !!value;
  if (Array.isArray(value) || $isBytes(value)) return value.length > 0;
  if (value instanceof $Dict || value instanceof $Set) return value.kept.size > 0;
  return typeof value.__bool__ === "function" ? value.__bool__() : true;
};
const $and = (left, right) => ($t(left) ? right() : left);
const $or = (left, right) => ($t(left) ? left : right());

const $eq = (left, right) => {
  left ??= null; right ??= null;
  if (left === right) return true;
  if (left === null || right === null) return false;
  if (typeof left === "boolean" && typeof right === "bigint") return BigInt(left) === right;
  if (typeof right === "boolean" && typeof left === "bigint") return BigInt(right) === left;
  if (typeof left !== "object" || typeof right !== "object") return false;
  if ($isBytes(left)) {
    if (!$isBytes(right) || left.length !== right.length) return false;
    for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
    return true;
  }
  if (Array.isArray(left)) {
    return Array.isArray(right) && left instanceof $List === right instanceof $List && left.length === right.length && left.every((item, at) => $eq(item, right[at]));
  }
  if (typeof left.__eq__ === "function") return left.__eq__(right);
  if (left instanceof $Struct) return left.constructor === right.constructor && left.constructor.$facts.fields.every((field) => $eq(left[field.n], right[field.n]));
  if (left instanceof $Set) return right instanceof $Set && left.kept.size === right.kept.size && [...left.kept.keys()].every((key) => right.kept.has(key));
  if (left instanceof $Dict) return right instanceof $Dict && left.kept.size === right.kept.size && [...left.kept].every(([key, pair]) => right.kept.has(key) && $eq(pair[1], right.kept.get(key)[1]));
  return false;
};

/** Which of two comes first: below zero, zero, or above. */
const $compared = (left, right) => {
  if (typeof left === "bigint" || typeof left === "boolean") {
    if (typeof right !== "bigint" && typeof right !== "boolean") $fault("values of two types have no order");
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (typeof left === "string") {
    if (typeof right !== "string") $fault("values of two types have no order");
    const one = Array.from(left), other = Array.from(right);
    for (let at = 0; at < Math.min(one.length, other.length); at++) {
      const apart = one[at].codePointAt(0) - other[at].codePointAt(0);
      if (apart) return apart;
    }
    return one.length - other.length;
  }
  if ($isBytes(left)) {
    if (!$isBytes(right)) $fault("values of two types have no order");
    for (let at = 0; at < Math.min(left.length, right.length); at++) if (left[at] !== right[at]) return left[at] - right[at];
    return left.length - right.length;
  }
  if ((Array.isArray(left) || left instanceof $NamedTuple) && (Array.isArray(right) || right instanceof $NamedTuple)) {
    const one = [...left], other = [...right];
    for (let at = 0; at < Math.min(one.length, other.length); at++) if (!$eq(one[at], other[at])) return $compared(one[at], other[at]);
    return one.length - other.length;
  }
  return $fault("values that have no order");
};
const $within = (left, right) => left.items().every((item) => right.has(item));
const $lt = (left, right) => (left instanceof $Set ? left.kept.size < right.kept.size && $within(left, right) : $compared(left, right) < 0);
const $le = (left, right) => (left instanceof $Set ? $within(left, right) : $compared(left, right) <= 0);
const $gt = (left, right) => $lt(right, left);
const $ge = (left, right) => $le(right, left);
const $in = (item, value) => {
  if (value instanceof $Set || value instanceof $Dict) return value.has(item);
  if (typeof value === "string") return value.includes(item);
  if ($isBytes(value) && $isBytes(item)) return $latin1(value).includes($latin1(item));
  for (const each of $each(value)) if ($eq(each, item)) return true;
  return false;
};

// --- arithmetic ---
const $int = (value) => (typeof value === "boolean" ? BigInt(value) : typeof value === "bigint" ? value : $fault("no number"));
const $add = (left, right) => {
  if (typeof left === "string") return typeof right === "string" ? left + right : $fault("a text and something else");
  if ($isBytes(left)) { const out = new Uint8Array(left.length + right.length); out.set(left); out.set(right, left.length); return out; }
  if (left instanceof $List) return $list([...left, ...right]);
  if (Array.isArray(left)) return [...left, ...right];
  return $int(left) + $int(right);
};
const $add_to = (left, right) => {
  if (left instanceof $List) { for (const item of $each(right)) left.push(item); return left; }
  return $add(left, right);
};
const $sub = (left, right) => (left instanceof $Set ? new $Set(left.items().filter((item) => !$in(item, right))) : $int(left) - $int(right));
const $mul = (left, right) => ($isBytes(left) ? $bytes(Array.from({ length: Number(right) }, () => [...left]).flat()) : typeof left === "string" ? left.repeat(Math.max(Number(right), 0)) : $int(left) * $int(right));
const $bor = (left, right) => {
  if (left instanceof $Set) return new $Set([...left.items(), ...right.items()]);
  if (left instanceof $Dict) return new $Dict([...left.pairs(), ...right.pairs()]);
  return typeof left === "boolean" && typeof right === "boolean" ? left || right : $int(left) | $int(right);
};
const $bor_to = (left, right) => {
  if (left instanceof $Set) { for (const item of right.items()) left.add(item); return left; }
  return $bor(left, right);
};
const $band = (left, right) => (left instanceof $Set ? new $Set(left.items().filter((item) => right.has(item))) : $int(left) & $int(right));
const $bxor = (left, right) => $int(left) ^ $int(right);
const $shr = (left, right) => $int(left) >> $int(right);
const $shl = (left, right) => $int(left) << $int(right);
const $pow = (left, right) => $int(left) ** $int(right);
const $div = (left, right) => {
  const quotient = $int(left) / $int(right);
  return left % right !== 0n && left < 0n !== right < 0n ? quotient - 1n : quotient;
};
const $mod = (left, right) => {
  if (!$isBytes(left)) { const rest = $int(left) % $int(right); return rest !== 0n && rest < 0n !== right < 0n ? rest + right : rest; }
  let at = 0;
  const values = Array.isArray(right) ? right : [right];
  const parts = $latin1(left).split(/(%[db])/).map((part) => (part === "%d" ? $utf8(String(values[at++])) : part === "%b" ? values[at++] : $utf8(part)));
  return $joined(parts);
};
const $joined = (parts) => {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { out.set(part, at); at += part.length; }
  return out;
};

// --- places ---
const $place = (at, length) => {
  const place = Number(at) < 0 ? Number(at) + length : Number(at);
  return place >= 0 && place < length ? place : $fault("a place that is not there");
};
const $at = (value, at) => {
  if (value instanceof $Dict) { const pair = value.at(at); if (pair === undefined) throw $new($KeyError, at); return pair[1]; }
  if ($isBytes(value)) return BigInt(value[$place(at, value.length)]);
  if (typeof value === "string") { const points = $points(value); return points[$place(at, points.length)]; }
  if (value instanceof $Match) return value.group(Number(at));
  if (value instanceof $NamedTuple) return [...value][$place(at, value.constructor.$facts.fields.length)];
  return value[$place(at, value.length)];
};
const $slice = (value, from, to) => {
  const first = from === null ? 0 : Number(from), end = to === null ? undefined : Number(to);
  if (typeof value === "string") { const points = $points(value).slice(first, end); return typeof points === "string" ? points : points.join(""); }
  if ($isBytes(value)) return value.subarray(first, end);
  return value instanceof $List ? $list(value.slice(first, end)) : value.slice(first, end);
};
const $put = (value, at, item) => { if (value instanceof $Dict) value.put(at, item); else value[$place(at, value.length)] = item; };
const $delete = (value, at) => { if (value instanceof $Dict) value.drop(at); else value.splice($place(at, value.length), 1); };
