// SHA-256, and Ed25519 exactly as libsodium decides it: no cofactor, nothing of small order, one form of each number.

const $sha256 = (data) => { const hashed = $V["sha2.js"].sha256(data); return { digest: () => hashed }; };

const $P = 2n ** 255n - 19n, $L = 2n ** 252n + 27742317777372353535851937790883648493n;
const $Y = 2n ** 255n - 1n;
/** The y coordinates of the eight points of small order. */
const $SMALL = new Set([
  0n, 1n, $P - 1n,
  0x5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
]);
const $little = (data) => BigInt(`0x${$hex(Uint8Array.from(data).reverse())}`);
const $ed25519_verify = (key, message, signature) => {
  if (key.length !== 32 || signature.length !== 64) return false;
  const { Point } = $V["ed25519.js"], { sha512 } = $V["sha2.js"];
  const r = signature.subarray(0, 32), s = $little(signature.subarray(32)), y = $little(key) & $Y;
  if (s >= $L || y >= $P || $SMALL.has(y) || $SMALL.has(($little(r) & $Y) % $P)) return false;
  const k = $little(sha512($joined([r, key, message]))) % $L;
  let a;
  try { a = Point.fromBytes(key); } catch { return false; } // no point of the curve
  const sb = s === 0n ? Point.ZERO : Point.BASE.multiply(s, false);
  const ka = k === 0n ? Point.ZERO : a.multiply(k, false);
  return $eq(sb.add(ka.negate()).toBytes(), r); // R' = sB - kA, byte for byte
};
let $signatures = 0;
const $crypto_sign_open = (signed, key) => {
  $heard(++$signatures);
  if (!$ed25519_verify(key, signed.subarray(64), signed.subarray(0, 64))) throw $new($BadSignatureError, "Signature was forged or corrupt");
  return signed.subarray(64);
};
