// MessagePack, as records have it: no floats, no extensions.

const $DEPTH = 128;
const $read_msgpack = (data, type) => {
  let at = 0;
  const take = (count) => {
    if (at + count > data.length) throw $new($DecodeError, "Input data was truncated");
    return data.subarray(at, (at += count));
  };
  const number = (count) => { let out = 0n; for (const byte of take(count)) out = (out << 8n) | BigInt(byte); return out; };
  const text = (count) => $text(take(count));
  const count_of = (bytes) => Number(number(bytes));
  /** Pass over a value of any sort that MessagePack has: what is kept as it is, is not looked at. */
  const skip = () => {
    for (let left = 1; left > 0; left--) {
      const first = take(1)[0];
      if (first >= 0x80 && first < 0x90) left += 2 * (first & 15);
      else if (first >= 0x90 && first < 0xa0) left += first & 15;
      else if (first >= 0xa0 && first < 0xc0) take(first & 31);
      else if (first === 0xc1) throw $new($DecodeError, "MessagePack data is malformed: invalid opcode");
      else if (first >= 0xc4 && first <= 0xc6) take(count_of(1 << (first - 0xc4)));
      else if (first >= 0xc7 && first <= 0xc9) take(count_of(1 << (first - 0xc7)) + 1); // extensions, with their type
      else if (first === 0xca || first === 0xcb) take(first === 0xca ? 4 : 8); // floats
      else if (first >= 0xcc && first <= 0xd3) take(1 << ((first - 0xcc) % 4));
      else if (first >= 0xd4 && first <= 0xd8) take((1 << (first - 0xd4)) + 1);
      else if (first >= 0xd9 && first <= 0xdb) take(count_of(1 << (first - 0xd9)));
      else if (first === 0xdc || first === 0xdd) left += count_of(first === 0xdc ? 2 : 4);
      else if (first === 0xde || first === 0xdf) left += 2 * count_of(first === 0xde ? 2 : 4);
    }
  };
  const list = (count, kind, depth) => {
    if (count > data.length - at) throw $new($DecodeError, "Input data was truncated");
    const out = [];
    for (let place = 0; place < count; place++) out.push(value($inside(kind, place), depth + 1));
    return out;
  };
  const map = (count, kind, depth) => {
    if (count > data.length - at) throw $new($DecodeError, "Input data was truncated");
    const out = new Map();
    for (let place = 0; place < count; place++) {
      const key = value(null, depth + 1);
      if (typeof key !== "string") $invalid(`Expected \`str\`, got ${$kind_of(key)}`, "");
      out.set(key, value($inside(kind, key), depth + 1));
    }
    return out;
  };
  const value = (kind, depth) => {
    if (depth > $DEPTH) throw $new($RecursionError, "deeper than anything may be");
    if (kind?.t === "raw") { const from = at; skip(); return new $Raw(data.slice(from, at)); }
    const first = take(1)[0];
    if (first < 0x80) return BigInt(first);
    if (first >= 0xe0) return BigInt(first - 256);
    if (first < 0x90) return map(first & 15, kind, depth);
    if (first < 0xa0) return list(first & 15, kind, depth);
    if (first < 0xc0) return text(first & 31);
    switch (first) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: case 0xc5: case 0xc6: return take(Number(number(1 << (first - 0xc4)))).slice();
      case 0xcc: case 0xcd: case 0xce: case 0xcf: return number(1 << (first - 0xcc));
      case 0xd0: case 0xd1: case 0xd2: case 0xd3: { const count = 1 << (first - 0xd0); return BigInt.asIntN(8 * count, number(count)); }
      case 0xd9: case 0xda: case 0xdb: return text(Number(number(1 << (first - 0xd9))));
      case 0xdc: case 0xdd: return list(Number(number(first === 0xdc ? 2 : 4)), kind, depth);
      case 0xde: case 0xdf: return map(Number(number(first === 0xde ? 2 : 4)), kind, depth);
    }
    return $invalid("a type that no record has", "");
  };
  const out = value(type, 0);
  if (at !== data.length) throw $new($DecodeError, "MessagePack data is malformed: trailing characters");
  return out;
};

const $write_msgpack = (whole) => {
  const parts = [];
  const number = (first, value, count) => {
    const out = new Uint8Array(count + 1);
    out[0] = first;
    for (let at = count, rest = BigInt.asUintN(8 * count, value); at > 0; at--, rest >>= 8n) out[at] = Number(rest & 255n);
    parts.push(out);
  };
  /** How long something is: in its first byte where it is short, else in 1, 2 or 4 bytes after one that says so. */
  const head = (count, first, most, ...forms) => {
    if (count <= most) return parts.push($bytes([first | count]));
    const [byte, bytes] = forms.find(([, size]) => count < 256 ** size) ?? $fault("longer than anything may be");
    return number(byte, BigInt(count), bytes);
  };
  const integer = (value) => {
    if (value >= 0n) {
      if (value < 128n) return parts.push($bytes([Number(value)]));
      return value < 1n << 8n ? number(0xcc, value, 1) : value < 1n << 16n ? number(0xcd, value, 2) : value < 1n << 32n ? number(0xce, value, 4) : number(0xcf, value, 8);
    }
    if (value >= -32n) return parts.push($bytes([256 + Number(value)]));
    return value >= -(1n << 7n) ? number(0xd0, value, 1) : value >= -(1n << 15n) ? number(0xd1, value, 2) : value >= -(1n << 31n) ? number(0xd2, value, 4) : number(0xd3, value, 8);
  };
  const write = (value) => {
    if (value === null || value === undefined) return parts.push($bytes([0xc0]));
    if (typeof value === "boolean") return parts.push($bytes([value ? 0xc3 : 0xc2]));
    if (typeof value === "bigint") return integer(value);
    if (typeof value === "string") { const data = $utf8(value); head(data.length, 0xa0, 31, [0xd9, 1], [0xda, 2], [0xdb, 4]); return parts.push(data); }
    if ($isBytes(value)) { head(value.length, 0, -1, [0xc4, 1], [0xc5, 2], [0xc6, 4]); return parts.push(value); }
    if (value instanceof $Raw) return parts.push(value.data);
    if (Array.isArray(value)) { head(value.length, 0x90, 15, [0xdc, 2], [0xdd, 4]); return value.forEach(write); }
    if (value instanceof $Dict) { head(value.kept.size, 0x80, 15, [0xde, 2], [0xdf, 4]); return value.pairs().forEach(([key, item]) => { write(key); write(item); }); }
    const { form, fields } = value.constructor.$facts ?? $fault("a value that does not travel");
    if (form === "array") { head(fields.length, 0x90, 15, [0xdc, 2]); return fields.forEach((field) => write(value[field.n])); }
    if (form !== "map") $fault(`${value.constructor.$facts.name} does not travel`);
    head(fields.length, 0x80, 15, [0xde, 2]);
    return fields.forEach((field) => { write(field.e); write(value[field.n]); });
  };
  write(whole);
  return $joined(parts);
};
