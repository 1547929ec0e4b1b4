// A key under a password: the Web3 Secret Storage format, version 3, which `tallystick` and any wallet read and write.
// Source: https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage
import { pbkdf2Async } from "../vendor/noble/hashes/pbkdf2.js";
import { scryptAsync } from "../vendor/noble/hashes/scrypt.js";
import { sha256 } from "../vendor/noble/hashes/sha2.js";
import { hex, joined, keccak, Refused, unhex, utf8 } from "./bytes.js";
import { addressOf } from "./keys.js";

const SCRYPT = { dklen: 32, n: 1 << 17, r: 8, p: 1 }; // 128 MiB, so that a telephone can open what it sealed
const MEMORY_MAX = 1 << 30;

export const PASSWORD_MIN = 10;

const bare = (bytes) => hex(bytes).slice(2);

async function ctr(key, iv, data) {
  const imported = await crypto.subtle.importKey("raw", key, "AES-CTR", false, ["encrypt"]);
  return new Uint8Array(await crypto.subtle.encrypt({ name: "AES-CTR", counter: iv, length: 128 }, imported, data));
}

// Seal a key; `progress` is called with the part that is done, from 0 to 1.
export async function seal(key, password, progress) {
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const iv = crypto.getRandomValues(new Uint8Array(16));
  const { n: N, r, p, dklen: dkLen } = SCRYPT;
  const derived = await scryptAsync(utf8(password), salt, { N, r, p, dkLen, onProgress: progress });
  const ciphertext = await ctr(derived.slice(0, 16), iv, key);
  return {
    version: 3,
    id: crypto.randomUUID(),
    address: addressOf(key).slice(2).toLowerCase(),
    crypto: {
      cipher: "aes-128-ctr",
      cipherparams: { iv: bare(iv) },
      ciphertext: bare(ciphertext),
      kdf: "scrypt",
      kdfparams: { ...SCRYPT, salt: bare(salt) },
      mac: bare(keccak(derived.slice(16, 32), ciphertext)),
    },
  };
}

async function derivedFrom(inner, password, progress) {
  const { kdf, kdfparams: with_ } = inner;
  const salt = unhex("0x" + with_.salt);
  const common = { dkLen: with_.dklen, onProgress: progress };
  if (kdf === "scrypt" && 128 * with_.n * with_.r <= MEMORY_MAX) {
    return scryptAsync(utf8(password), salt, { ...common, N: with_.n, r: with_.r, p: with_.p, maxmem: 2 * MEMORY_MAX });
  }
  if (kdf === "pbkdf2" && with_.prf === "hmac-sha256") {
    return pbkdf2Async(sha256, utf8(password), salt, { c: with_.c, dkLen: with_.dklen });
  }
  throw new Refused("not-a-keystore");
}

// Open a keystore; raises Refused where it is none, the password does not fit, or the key is another's than it names.
export async function unseal(keystore, password, progress) {
  const inner = keystore?.crypto ?? keystore?.Crypto;
  let derived;
  let ciphertext;
  let iv;
  try {
    if (keystore.version !== 3 || inner.cipher !== "aes-128-ctr") throw new Refused("not-a-keystore");
    ciphertext = unhex("0x" + inner.ciphertext, 32);
    iv = unhex("0x" + inner.cipherparams.iv, 16);
    derived = await derivedFrom(inner, password, progress);
  } catch {
    throw new Refused("not-a-keystore");
  }
  if (bare(keccak(derived.slice(16, 32), ciphertext)) !== String(inner.mac).toLowerCase()) throw new Refused("password-wrong");
  const key = await ctr(derived.slice(0, 16), iv, ciphertext);
  if (addressOf(key).slice(2).toLowerCase() !== addressIn(keystore)) {
    key.fill(0);
    throw new Refused("not-a-keystore");
  }
  return key;
}

export const addressIn = (keystore) => String(keystore?.address ?? "").toLowerCase().replace(/^0x/, "");

// Read a chosen file as a keystore, which names its address.
export async function keystoreIn(file) {
  try {
    const keystore = JSON.parse(await file.text());
    if (keystore.version === 3 && /^[0-9a-f]{40}$/.test(addressIn(keystore))) return keystore;
  } catch {
    // said below
  }
  throw new Refused("not-a-keystore");
}

// Hand a file to the person, as browsers do downloads.
export function handOut(name, value) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(value, null, 1) + "\n"], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
