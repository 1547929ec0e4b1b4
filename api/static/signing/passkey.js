// A key under a passkey: sealed with AES-GCM under a secret that the authenticator gives only for this site, after it
// has verified its owner (WebAuthn's PRF extension). The sealed key never leaves the browser's storage.
// Source: https://www.w3.org/TR/webauthn-3/#prf-extension
import { Refused, utf8 } from "./bytes.js";
import { addressOf } from "./keys.js";

const random = (length) => crypto.getRandomValues(new Uint8Array(length));
const PURPOSE = utf8("tallystick signing key");

export const passkeysHere = () => typeof globalThis.PublicKeyCredential === "function" && Boolean(globalThis.crypto?.subtle);

async function asked(act) {
  try {
    return await act();
  } catch (fault) {
    throw new Refused(fault.name === "NotAllowedError" ? "passkey-declined" : "passkey-cannot", { what: fault.message });
  }
}

async function secretOf(id, salt) {
  const publicKey = {
    challenge: random(32),
    allowCredentials: [{ type: "public-key", id }],
    userVerification: "required",
    extensions: { prf: { eval: { first: salt } } },
  };
  const credential = await asked(() => navigator.credentials.get({ publicKey }));
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (!first) throw new Refused("passkey-no-prf");
  const material = await crypto.subtle.importKey("raw", first, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: PURPOSE };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

// Make a passkey and seal a key under it; `name` is what the authenticator lists it as.
export async function sealByPasskey(key, name) {
  const salt = random(32);
  const publicKey = {
    challenge: random(32),
    rp: { name: "Tallystick" },
    user: { id: random(16), name, displayName: name },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -257 }],
    authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
    extensions: { prf: { eval: { first: salt } } },
  };
  const made = await asked(() => navigator.credentials.create({ publicKey }));
  if (!made.getClientExtensionResults().prf?.enabled) throw new Refused("passkey-no-prf");
  const id = new Uint8Array(made.rawId);
  const iv = random(12);
  const under = await secretOf(id, salt);
  const address = addressOf(key);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(address) }, under, key);
  return { id, salt, iv, sealed: new Uint8Array(sealed) };
}

export async function unsealByPasskey(address, { id, salt, iv, sealed }) {
  const under = await secretOf(id, salt);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: utf8(address) }, under, sealed));
  } catch {
    throw new Refused("passkey-other");
  }
}
