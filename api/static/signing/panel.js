// The part of a page where a message is signed: its fields with what the page made of each, its digest, and four ways
// to sign. It refuses to sign what does not fit what the page shows. See templates/parts/signing.html for its markup.
import { Refused, checksummed, hex, sameAddress } from "./bytes.js";
import { requireSound } from "./checks.js";
import { recovered, signed, using } from "./keys.js";
import { keyHere, opened } from "./keyring.js";
import { addressIn, handOut, keystoreIn, unseal } from "./keystore.js";
import { digestOf, requestOf } from "./typed_data.js";
import { discover, signedByWallet } from "./wallet.js";
import { element, say, sayFault } from "./words.js";

export class Panel {
  // `done` is given { signature, method, address } once the signature is there and is the signer's.
  constructor(root, done) {
    this.root = root;
    this.done = done;
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
    for (const radio of root.querySelectorAll("input[type=radio]")) radio.addEventListener("change", () => this.show(radio.value));
    this.acts("sign-key", () => this.byKey());
    this.acts("sign-file", () => this.byFile());
    this.acts("sign-pasted", () => this.byPaste());
    this.acts("take-along", () => handOut(this.name, this.file));
    this.part("signature-file").addEventListener("change", () => this.trying(() => this.readSignature()));
    root.addEventListener("keydown", (event) => this.onEnter(event));
    discover(({ name, provider }) => this.offerWallet(name, provider));
  }

  acts(name, act) {
    this.part(name).addEventListener("click", () => this.trying(act));
  }

  // Show a request: `file` is what may be taken along, under `name`; `addresses` are those of which one is to sign,
  // and `check` gives the page's checks of the request.
  async ask({ file, name, addresses, check }) {
    this.clear();
    this.file = file;
    this.name = name;
    this.addresses = addresses;
    await this.trying(async () => {
      this.request = requestOf(file.request);
      this.digest = digestOf(this.request);
      const checks = await check(this.request);
      this.tell(checks);
      requireSound(checks);
      await this.offerKey();
      this.part("ways").disabled = false;
    });
  }

  // Enter in a password signs; it sends no form around the panel.
  onEnter(event) {
    if (event.key !== "Enter" || event.target.type !== "password") return;
    event.preventDefault();
    event.target.closest("[data-way]").querySelector("button:not(:disabled)")?.click();
  }

  // Show the panel with nothing in it to sign: what it showed before cannot be signed any more.
  clear() {
    this.root.hidden = false;
    this.part("ways").disabled = true;
    for (const name of ["keystore", "signature-file", "pasted"]) this.part(name).value = "";
    this.part("fields").replaceChildren();
    this.part("digest").textContent = "";
    this.request = this.digest = undefined;
  }

  tell(checks) {
    const { name, version, chainId, verifyingContract } = this.request.domain;
    const domain = { field: "domain", value: `${name} ${version} · ${chainId} · ${verifyingContract}`, state: "open", why: "check-domain" };
    this.part("fields").replaceChildren(...[...checks, domain].map(row));
    this.part("digest").textContent = hex(this.digest);
  }

  say(words, bad = false) {
    const status = this.part(bad ? "alert" : "status");
    this.part("alert").textContent = "";
    this.part("status").textContent = "";
    this.part("alert").hidden = !bad;
    status.textContent = words;
  }

  async trying(act) {
    this.say("");
    this.root.setAttribute("aria-busy", "true");
    try {
      await act();
    } catch (fault) {
      this.say(sayFault(fault), true);
    } finally {
      this.root.removeAttribute("aria-busy");
    }
  }

  show(way) {
    for (const part of this.root.querySelectorAll("[data-way]")) part.hidden = part.dataset.way !== way;
    for (const radio of this.root.querySelectorAll("input[type=radio]")) radio.checked = radio.value === way;
  }

  async offerKey() {
    this.record = await keyHere(this.addresses).catch(() => undefined);
    this.part("key-here").textContent = this.record
      ? say("key-here", { name: this.record.name || "—", address: this.record.address })
      : say("key-not-here", { address: this.addresses.map(checksummed).join(", ") });
    this.part("key-password").hidden = !this.record || Boolean(this.record.passkey);
    this.part("sign-key").disabled = !this.record;
    this.show(this.record ? "key" : "file");
  }

  offerWallet(name, provider) {
    const button = element("button", say("wallet-sign", { name: name || say("wallet-unnamed") }));
    button.type = "button";
    button.addEventListener("click", () =>
      this.trying(async () => this.take(await signedByWallet(provider, this.request, this.addresses), "wallet")),
    );
    this.part("no-wallet").hidden = true;
    this.part("wallets").append(button);
  }

  progress() {
    return (part) => this.say(say("opening", { percent: Math.round(part * 100) }));
  }

  async byKey() {
    const password = this.part("password");
    const key = await opened(this.record, password.value, this.progress());
    password.value = "";
    await this.signWith(key, "browser-key");
  }

  async byFile() {
    const chosen = this.part("keystore").files[0];
    if (!chosen) throw new Refused("choose-file");
    const keystore = await keystoreIn(chosen);
    this.requireAddress("0x" + addressIn(keystore));
    const password = this.part("file-password");
    const key = await unseal(keystore, password.value, this.progress());
    password.value = "";
    await this.signWith(key, "keystore");
  }

  signWith(key, method) {
    return using(key, () => this.take(signed(this.digest, key), method));
  }

  byPaste() {
    const text = this.part("pasted").value.trim();
    if (!text) throw new Refused("paste-signature");
    return this.take(text, "offline");
  }

  async readSignature() {
    const chosen = this.part("signature-file").files[0];
    if (!chosen) return;
    let found;
    try {
      found = JSON.parse(await chosen.text());
    } catch {
      throw new Refused("not-a-signature-file");
    }
    if (found?.format !== "tallystick-signature/1") throw new Refused("not-a-signature-file");
    if (found.digest !== hex(this.digest)) throw new Refused("signature-of-other");
    this.part("pasted").value = String(found.signature);
  }

  requireAddress(address) {
    if (!this.addresses.some((one) => sameAddress(one, address))) {
      throw new Refused("other-key", { has: checksummed(address), wants: this.addresses.map(checksummed).join(", ") });
    }
  }

  async take(text, method) {
    const found = recovered(this.digest, text);
    this.requireAddress(found.address);
    this.say(say("signed", { address: found.address }));
    await this.done({ signature: found.signature, method, address: found.address });
  }
}

function row({ field, label = field, value, state, why }) {
  const made = document.createElement("tr");
  const name = element("th", say(`field-${label}`));
  name.scope = "row";
  const held = document.createElement("td");
  for (const one of Array.isArray(value) ? value : [value]) held.append(element("code", String(one), "wrap"), document.createElement("br"));
  held.lastChild.remove();
  const found = document.createElement("td");
  found.append(element("span", say(`state-${state}`), `chip ${{ ok: "holds", bad: "fails", open: "noted" }[state]}`), element("small", say(why)));
  made.append(name, held, found);
  return made;
}
