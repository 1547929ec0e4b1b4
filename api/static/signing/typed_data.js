// EIP-712 digests of the messages that parties sign here, by types that stand in this file: what a server says the
// types are is compared with them and never used. The same tables stand in contracts/*.py, and a test holds them together.
import { checksummed, joined, keccak, Refused, unhex, utf8, word } from "./bytes.js";

const DOMAIN = [["name", "string"], ["version", "string"], ["chainId", "uint256"], ["verifyingContract", "address"]];

export const MESSAGES = {
  AgreementVersion: [
    ["agreement", "bytes32"], ["version", "uint256"], ["commitment", "bytes32"],
    ["supersedes", "bytes32"], ["effectiveFrom", "uint64"], ["parties", "address[]"],
  ],
  DisputeSettlement: [
    ["dispute", "string"], ["agreement", "string"], ["number", "uint256"], ["payments", "string"], ["terms", "bytes32"],
  ],
  Exhibit: [
    ["dispute", "string"], ["party", "string"], ["kind", "string"], ["title", "string"],
    ["sha256", "bytes32"], ["bytes", "uint256"], ["capturedAt", "string"],
  ],
  KeyRecovery: [["signer", "address"], ["recovery", "address"], ["number", "uint256"]],
  KeyRevocation: [["signer", "address"], ["key", "address"], ["number", "uint256"]],
  KeyRotation: [["signer", "address"], ["oldKey", "address"], ["newKey", "address"], ["number", "uint256"]],
  PayeeAccount: [
    ["payee", "string"], ["payer", "string"], ["number", "uint256"],
    ["ending", "string"], ["commitment", "bytes32"], ["previous", "bytes32"],
  ],
};

function encoded(kind, value) {
  if (kind.endsWith("[]")) return keccak(...value.map((one) => encoded(kind.slice(0, -2), one)));
  if (kind === "string") return keccak(utf8(value));
  if (kind === "address") return joined(new Uint8Array(12), unhex(checksummed(value)));
  if (kind === "bytes32") return unhex(value, 32);
  return word(value);
}

function structHash(name, fields, value) {
  const header = keccak(utf8(`${name}(${fields.map(([field, kind]) => `${kind} ${field}`).join(",")})`));
  return keccak(header, ...fields.map(([field, kind]) => encoded(kind, value[field])));
}

const told = (fields) => fields.map(([name, type]) => ({ name, type }));
const sameKeys = (value, fields) =>
  value !== null && typeof value === "object" && Object.keys(value).sort().join() === fields.map(([name]) => name).sort().join();

// The request as a wallet is shown it, made anew from what this file knows; raises Refused where the server's has
// another type, another field or another domain than this house's.
export function requestOf(asked) {
  const fields = MESSAGES[asked?.primaryType];
  if (!fields || !Object.hasOwn(MESSAGES, asked.primaryType)) throw new Refused("request-unknown");
  const types = { EIP712Domain: told(DOMAIN), [asked.primaryType]: told(fields) };
  if (JSON.stringify(sorted(asked.types)) !== JSON.stringify(sorted(types))) throw new Refused("request-types");
  if (!sameKeys(asked.domain, DOMAIN) || !sameKeys(asked.message, fields)) throw new Refused("request-types");
  if (asked.domain.name !== "Tallystick" || asked.domain.version !== "1") throw new Refused("request-domain");
  return { types, primaryType: asked.primaryType, domain: asked.domain, message: asked.message };
}

const sorted = (types) => Object.fromEntries(Object.entries(types ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));

// The 32 bytes that are signed.
export function digestOf(request) {
  const domain = structHash("EIP712Domain", DOMAIN, request.domain);
  return keccak(Uint8Array.of(0x19, 0x01), domain, structHash(request.primaryType, MESSAGES[request.primaryType], request.message));
}
