// Bytes as text and back, and the two digests that signing is about. Nothing here knows a message or a page.
import { sha256 } from "../vendor/noble/hashes/sha2.js";
import { keccak_256 } from "../vendor/noble/hashes/sha3.js";

export const utf8 = (text) => new TextEncoder().encode(text);
export const hex = (bytes) => "0x" + [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
export const keccak = (...parts) => keccak_256(joined(...parts));
export const sha = (...parts) => sha256(joined(...parts));

// Why something is not done, as a key of the page's words (words.js) and what they are filled in with.
export class Refused extends Error {
  constructor(why, values = {}) {
    super(why);
    this.why = why;
    this.values = values;
  }
}

export function unhex(text, length) {
  if (typeof text !== "string" || !/^0x([0-9a-fA-F]{2})*$/.test(text)) throw new Refused("not-hex");
  const bytes = Uint8Array.from(text.slice(2).match(/../g) ?? [], (pair) => parseInt(pair, 16));
  if (length !== undefined && bytes.length !== length) throw new Refused("not-hex");
  return bytes;
}

export function joined(...parts) {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

// An unsigned number of 256 bits, big end first.
export function word(value) {
  const number = BigInt(value);
  if (number < 0n || number >= 1n << 256n) throw new Refused("not-a-number");
  return unhex("0x" + number.toString(16).padStart(64, "0"));
}

// EIP-55: the digits of the address's own digest say which of its letters are capitals.
export function checksummed(address) {
  if (typeof address !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(address)) throw new Refused("not-an-address");
  const digits = address.slice(2).toLowerCase();
  const mask = hex(keccak(utf8(digits))).slice(2);
  return "0x" + [...digits].map((digit, i) => (parseInt(mask[i], 16) >= 8 ? digit.toUpperCase() : digit)).join("");
}

export const sameAddress = (a, b) => checksummed(a) === checksummed(b);
