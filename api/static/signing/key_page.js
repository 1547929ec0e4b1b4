// The page of one's own keys: make one, take one in from a file, hand out a copy, forget one.
import { backedUp, forget, keysHere, makeByPasskey, makeByPassword, requirePassword, takeIn } from "./keyring.js";
import { handOut, keystoreIn } from "./keystore.js";
import { passkeysHere } from "./passkey.js";
import { Refused } from "./bytes.js";
import { element, say, sayFault } from "./words.js";

const part = (name) => document.querySelector(`[data-part="${name}"]`);
const progress = (done) => tell(say("sealing", { percent: Math.round(done * 100) }));

function tell(words, bad = false) {
  part("alert").hidden = !bad;
  part("alert").textContent = bad ? words : "";
  part("status").textContent = bad ? "" : words;
}

async function trying(act) {
  tell("");
  try {
    await act();
  } catch (fault) {
    tell(sayFault(fault), true);
  }
}

const fileName = (address) => `tallystick-${address.slice(2, 10).toLowerCase()}.json`;

function button(words, act, className = "quiet") {
  const made = element("button", words, className);
  made.type = "button";
  made.addEventListener("click", () => trying(act));
  return made;
}

async function backUp(record, password) {
  handOut(fileName(record.address), await backedUp(record, password?.value ?? "", progress));
  if (password) password.value = "";
  tell(say("backed-up", { file: fileName(record.address) }));
}

// A key under a passkey has no password: one is asked for, for its copy alone.
function backUpForm(record) {
  if (record.keystore) return button(say("back-up"), () => backUp(record));
  const label = element("label", say("copy-password"), "field");
  const password = document.createElement("input");
  password.type = "password";
  password.autocomplete = "new-password";
  label.append(" ", password);
  const folded = document.createElement("details");
  folded.append(element("summary", say("back-up")), label, button(say("back-up"), () => backUp(record, password)));
  return folded;
}

function forgetForm(record) {
  const folded = document.createElement("details");
  const sure = button(say("forget-sure"), async () => {
    await forget(record.address);
    await list();
    tell(say("forgotten", { address: record.address }));
  });
  folded.append(element("summary", say("forget")), element("p", say("forget-means"), "fine"), sure);
  return folded;
}

function item(record) {
  const made = element("li", "", "card");
  const address = element("p");
  address.append(element("code", record.address, "wrap"));
  const when = new Date(record.made).toLocaleDateString(document.documentElement.lang);
  const how = element("p", say(record.passkey ? "by-passkey" : "by-password", { when }), "fine");
  const acts = element("div", "", "row acts");
  acts.append(button(say("copy-address"), async () => {
    await navigator.clipboard.writeText(record.address);
    tell(say("copied"));
  }), backUpForm(record), forgetForm(record));
  made.append(element("h3", record.name || say("unnamed")), address, how, acts);
  return made;
}

async function list() {
  const found = (await keysHere()).sort((a, b) => a.made.localeCompare(b.made));
  part("list").replaceChildren(...found.map(item));
  part("none").hidden = found.length > 0;
}

async function made(record, words) {
  await list();
  tell(say(words, { address: record.address }));
}

function sends(name, act) {
  const form = part(name);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    trying(async () => {
      await act(form.elements);
      form.reset();
    });
  });
}

sends("by-password", async ({ name, password, again }) => {
  requirePassword(password.value, again.value);
  const record = await makeByPassword(name.value.trim(), password.value, progress);
  handOut(fileName(record.address), record.keystore);
  await made(record, "made-with-copy");
});
sends("by-passkey", async ({ name }) => made(await makeByPasskey(name.value.trim()), "made"));
sends("from-file", async ({ name, file, password }) => {
  if (!file.files[0]) throw new Refused("choose-file");
  const keystore = await keystoreIn(file.files[0]);
  await made(await takeIn(name.value.trim(), keystore, password.value, progress), "taken-in");
});
part("passkey-cannot").hidden = passkeysHere();
part("by-passkey").hidden = !passkeysHere();
trying(list);
