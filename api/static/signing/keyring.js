// The keys that this browser keeps for its owner, in IndexedDB: each sealed, by a password or a passkey, and none of
// them ever sent. A record: { address, name, made, keystore } or { address, name, made, passkey }.
import { Refused, sameAddress } from "./bytes.js";
import { addressOf, freshKey, using } from "./keys.js";
import { PASSWORD_MIN, seal, unseal } from "./keystore.js";
import { sealByPasskey, unsealByPasskey } from "./passkey.js";

const STORE = "keys";

const settled = (request) =>
  new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(new Refused("no-storage"));
  });

async function store(mode) {
  if (!globalThis.indexedDB) throw new Refused("no-storage");
  const opening = indexedDB.open("tallystick", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "address" });
  const database = await settled(opening);
  const transaction = database.transaction(STORE, mode);
  transaction.oncomplete = () => database.close();
  return transaction.objectStore(STORE);
}

export const keysHere = async () => settled((await store("readonly")).getAll());
export const forget = async (address) => settled((await store("readwrite")).delete(address));

// The first kept key that is of one of some addresses, undefined where none is.
export async function keyHere(addresses) {
  return (await keysHere()).find((one) => addresses.some((address) => sameAddress(one.address, address)));
}

async function keep(record) {
  await navigator.storage?.persist?.();
  await settled((await store("readwrite")).put(record));
  return record;
}

export function requirePassword(password, again) {
  if (password.length < PASSWORD_MIN) throw new Refused("password-short", { least: PASSWORD_MIN });
  if (again !== undefined && password !== again) throw new Refused("password-differs");
}

export const makeByPassword = (name, password, progress) =>
  using(freshKey(), async (key) => {
    const keystore = await seal(key, password, progress);
    return keep({ address: addressOf(key), name, made: new Date().toISOString(), keystore });
  });

export const makeByPasskey = (name) =>
  using(freshKey(), async (key) => {
    const passkey = await sealByPasskey(key, `Tallystick ${name}`.trim());
    return keep({ address: addressOf(key), name, made: new Date().toISOString(), passkey });
  });

// Keep a keystore file that somebody has, once its password was shown to open it.
export async function takeIn(name, keystore, password, progress) {
  const key = await unseal(keystore, password, progress);
  return using(key, async () => keep({ address: addressOf(key), name, made: new Date().toISOString(), keystore }));
}

// Open a kept key: by its password, or by its passkey, for which none is needed.
export const opened = (record, password, progress) =>
  record.passkey ? unsealByPasskey(record.address, record.passkey) : unseal(record.keystore, password, progress);

// The keystore file of a kept key; one under a passkey is sealed by a password for it.
export async function backedUp(record, password, progress) {
  if (record.keystore) return record.keystore;
  requirePassword(password);
  return using(await opened(record), (key) => seal(key, password, progress));
}
