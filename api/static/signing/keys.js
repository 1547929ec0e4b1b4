// A signing key in the page: made from the browser's randomness, used, and wiped; and whose a signature is.
// Keys are Uint8Arrays, never text, and live as long as one act. Keeping them is keystore.js and passkey.js.
import { hmac } from "../vendor/noble/hashes/hmac.js";
import { sha256 } from "../vendor/noble/hashes/sha2.js";
import { getPublicKey, hashes, recoverPublicKey, sign, utils } from "../vendor/noble/secp256k1.js";
import { checksummed, hex, joined, keccak, Refused, unhex } from "./bytes.js";

hashes.sha256 = sha256;
hashes.hmacSha256 = (key, message) => hmac(sha256, key, message);

const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

export const freshKey = () => utils.randomSecretKey(crypto.getRandomValues(new Uint8Array(48)));

const addressOfPoint = (point) => checksummed(hex(keccak(point.slice(1)).slice(12)));
export const addressOf = (key) => addressOfPoint(getPublicKey(key, false));

// Do something with a key, and leave nothing of it behind.
export async function using(key, act) {
  try {
    return await act(key);
  } finally {
    key.fill(0);
  }
}

// r, s, v as 0x and 130 digits; the same each time (RFC 6979), with s in the lower half of the order.
export function signed(digest, key) {
  const raw = sign(digest, key, { prehash: false, format: "recovered" });
  return hex(joined(raw.slice(1), Uint8Array.of(27 + raw[0])));
}

// Whose a signature is, and its one accepted form: v 27 or 28 where a wallet wrote 0 or 1.
export function recovered(digest, text) {
  const raw = /^0x[0-9a-fA-F]{130}$/.test(text.trim()) ? unhex(text.trim()) : null;
  if (raw === null) throw new Refused("signature-form");
  if (raw[64] < 2) raw[64] += 27;
  if (raw[64] !== 27 && raw[64] !== 28) throw new Refused("signature-form");
  if (BigInt(hex(raw.slice(32, 64))) > HALF_ORDER) throw new Refused("signature-form");
  try {
    const point = recoverPublicKey(joined(Uint8Array.of(raw[64] - 27), raw.slice(0, 64)), digest, { prehash: false, isCompressed: false });
    return { address: addressOfPoint(point), signature: hex(raw) };
  } catch {
    throw new Refused("signature-form");
  }
}
