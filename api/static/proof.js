// Checks, in the browser and with nothing from the server but what the page shows, that an entry is in the log:
// leaf -> path -> root (RFC 6962), root and size as the signed checkpoint says (C2SP tlog-checkpoint), and, with a key
// that the reader brings, the checkpoint's Ed25519 signature (C2SP signed-note). Without such a key it says so.
"use strict";

const bytesOf = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const utf8 = (text) => new TextEncoder().encode(text);
const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

const joined = (...parts) => {
  const all = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
const leafHash = (leaf) => sha256(Uint8Array.of(0), leaf);
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

// RFC 9162 section 2.1.3.2; BigInt, since shifting a Number would stop at 32 bits.
async function rootFrom(leaf, index, size, path) {
  let fn = BigInt(index);
  let sn = BigInt(size) - 1n;
  if (fn > sn) return null;
  let r = await leafHash(leaf);
  for (const p of path) {
    if (sn === 0n) return null;
    if (fn & 1n || fn === sn) {
      r = await nodeHash(p, r);
      while (!(fn & 1n) && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      r = await nodeHash(r, p);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n ? r : null;
}

function readNote(note) {
  const cut = note.lastIndexOf("\n\n");
  const text = note.slice(0, cut + 1);
  const [origin, size, root] = text.split("\n");
  const signatures = note.slice(cut + 2).split("\n").filter((line) => line.startsWith("\u2014 ")).map((line) => {
    const [, name, value] = line.split(" ");
    return { name, value: bytesOf(value) };
  });
  return { text, origin, size, root: bytesOf(root), signatures };
}

async function readKey(vkey) {
  const [name, id, ...rest] = vkey.trim().split("+");
  const blob = bytesOf(rest.join("+"));
  if (blob.length !== 33 || blob[0] !== 1) throw new Error("not an Ed25519 verifier key");
  const hash = (await sha256(utf8(`${name}\n`), blob)).slice(0, 4);
  if ([...hash].map((b) => b.toString(16).padStart(2, "0")).join("") !== id) throw new Error("key id does not match");
  const key = await crypto.subtle.importKey("raw", blob.slice(1), { name: "Ed25519" }, false, ["verify"]);
  return { name, hash, key };
}

async function signedBy(note, key) {
  for (const { name, value } of note.signatures) {
    if (name !== key.name || !same(value.slice(0, 4), key.hash)) continue;
    if (await crypto.subtle.verify("Ed25519", key.key, value.slice(4), utf8(note.text))) return true;
  }
  return false;
}

async function check(section, say) {
  const words = section.dataset;
  if (!globalThis.crypto?.subtle) return say("unsure", words.cannot);
  const note = readNote(words.note);
  const path = words.path ? words.path.split(" ").map(bytesOf) : [];
  const root = await rootFrom(utf8(words.leaf), words.index, note.size, path);
  const inside = root !== null && same(root, note.root);
  say(inside ? "good" : "bad", inside ? words.holds : words.fails);
  const pinned = document.getElementById("key").value;
  if (!pinned.trim()) return say("unsure", words.unpinned);
  let key;
  try {
    key = await readKey(pinned);
  } catch {
    return say("bad", words.badKey);
  }
  const signed = note.origin === key.name && (await signedBy(note, key));
  return say(signed ? "good" : "bad", signed ? words.signed : words.unsigned);
}

document.addEventListener("DOMContentLoaded", () => {
  const section = document.getElementById("proof");
  const results = document.getElementById("results");
  document.getElementById("run").addEventListener("click", () => {
    results.replaceChildren();
    const say = (kind, words) => {
      const item = document.createElement("li");
      item.className = kind;
      item.textContent = words;
      results.append(item);
    };
    check(section, say).catch(() => say("bad", section.dataset.fails));
  });
});
