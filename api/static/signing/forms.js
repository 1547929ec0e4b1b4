// Forms whose signature is made beside them: a piece of evidence, a settlement proposed or accepted, a payee's account.
// The signature is put into the form's field; what is changed in the form afterwards takes it out again.
import { Refused, hex, sha } from "./bytes.js";
import { accountChecks, exhibitChecks, settlementChecks } from "./checks.js";
import { Panel } from "./panel.js";
import { say } from "./words.js";

const typedIn = (form) => Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string").map(([name, value]) => [name, value.trim()]));

async function answered(answer) {
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new Refused("fault", { what: problem.detail ?? `HTTP ${answer.status}` });
}

const got = async (address) => answered(await fetch(address, { headers: { accept: "application/json" } }));

async function asked(address, form, more = {}) {
  const headers = { accept: "application/json", "x-form-token": form.elements._csrf_token.value };
  return answered(await fetch(address, { method: "POST", headers, body: new URLSearchParams({ ...typedIn(form), ...more }) }));
}

// What each kind asks for, and what its request is held against: { file, check }.
const KINDS = {
  async exhibit(form, { ask, dispute }) {
    const chosen = form.elements.file.files[0];
    if (!chosen) throw new Refused("choose-file");
    const bytes = new Uint8Array(await chosen.arrayBuffer());
    const file = await asked(ask, form, { sha256: hex(sha(bytes)).slice(2), bytes: bytes.length });
    const typed = { ...typedIn(form), dispute };
    return { file, check: (request) => exhibitChecks(request, typed, bytes) };
  },
  async proposal(form, { file, dispute, agreement }) {
    const told = JSON.parse(file);
    const typed = typedIn(form);
    if (told.opens.words !== typed.words || !samePaid(told.opens.payments, typed.amount)) throw new Refused("form-changed");
    return { file: told, check: (request) => settlementChecks(request, { ...told.opens, dispute, agreement }) };
  },
  async acceptance(form, { source, dispute, agreement, shown }) {
    const told = await got(source);
    if (told.opens.words !== document.getElementById(shown).textContent) throw new Refused("form-changed");
    return { file: told, check: (request) => settlementChecks(request, { ...told.opens, dispute, agreement }) };
  },
  async account(form, { ask }) {
    const file = await asked(ask, form);
    const typed = typedIn(form);
    const details = Object.fromEntries(["means", "holder", "number", "bank", "bank_code"].map((name) => [name, folded(name, typed[name] ?? "")]));
    const opens = { payee: typed.payee, payer: typed.payer, details, salt: file.opens.salt };
    form.elements.salt.value = file.opens.salt;
    return { file, check: (request) => accountChecks(request, opens) };
  },
};

const folded = (name, text) => text.split(/\s+/).filter(Boolean).join(name === "number" ? "" : " ");
const samePaid = (payments, amount) => (payments.length === 0 ? !amount : payments.length === 1 && payments[0].amount === amount);

const addressesOf = (file, parties) => {
  const mine = file.signers.filter((one) => parties.split(" ").includes(one.party));
  return mine.map((one) => one.key ?? one.address);
};

function begin(root) {
  const form = root.closest("form");
  const panel = new Panel(root.querySelector("[data-signing]"), ({ signature }) => {
    form.elements.signature.value = signature;
    panel.say(say("signed-send"));
  });
  const row = root.querySelector("[data-part=begin-row]");
  row.hidden = false;
  row.querySelector("button").addEventListener("click", async () => {
    form.elements.signature.value = "";
    panel.clear();
    await panel.trying(async () => {
      const { file, check } = await KINDS[root.dataset.signingForm](form, root.dataset);
      await panel.ask({ file, name: `${root.dataset.signingForm}-request.json`, addresses: addressesOf(file, root.dataset.parties), check });
    });
  });
  form.addEventListener("input", ({ target }) => {
    if (!target.name || target.name === "signature" || target.name === "way") return;
    form.elements.signature.value = "";
    panel.root.hidden = true;
  });
}

for (const root of document.querySelectorAll("[data-signing-form]")) begin(root);
