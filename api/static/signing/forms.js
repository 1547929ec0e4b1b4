// Forms whose signature is made beside them: a piece of evidence, a settlement proposed or accepted, a payee's account,
// a change of a signer's keys, which up to two keys sign one after the other. Each signature is put into its field of
// the form; what is changed in the form afterwards takes it out again.
import { Refused, hex, sha } from "./bytes.js";
import { accountChecks, exhibitChecks, keyChecks, settlementChecks } from "./checks.js";
import { keysHere } from "./keyring.js";
import { Panel } from "./panel.js";
import { element, say } from "./words.js";

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

// What each kind asks for, and what its request is held against: { file, check }, and `steps` where others sign it than
// who signs for a party: [{ addresses, field, by, who }], `by` being the field that is told which of them it was.
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
  async key(form, { ask }) {
    const shown = keysShown(form.closest("[data-signer]"));
    const typed = typedIn(form);
    return { file: await asked(ask, form), check: (request) => keyChecks(request, shown, typed), steps: keySteps(shown, typed) };
  },
};

function keysShown(section) {
  const [signer, key, recovery] = ["signer", "key", "recovery"].map((name) => section.querySelector(`[data-shown=${name}]`)?.textContent);
  return { signer, key: key ?? signer, recovery, revoked: section.dataset.state === "revoked" };
}

// Who signs a change of keys: the key or its recovery, and then who is to sign for the signer from then on, or who could
// take the key's place until now. A key names its recovery itself.
function keySteps({ key, recovery, revoked }, typed) {
  const either = [revoked ? undefined : key, typed.recovery ? undefined : recovery].filter(Boolean);
  const first = { addresses: either, field: "authorization", by: "changed_by", who: "signs-key" };
  if (typed.new_key) return [first, { addresses: [typed.new_key], field: "acceptance", who: "signs-new-key" }];
  if (typed.recovery && recovery) return [first, { addresses: [recovery], field: "acceptance", who: "signs-recovery" }];
  return [first];
}

// Who is to sign now, where several do one after the other.
const turn = ({ addresses, who }) => (who ? [{ field: "signs", value: addresses, state: "ok", why: who }] : []);

const folded = (name, text) => text.split(/\s+/).filter(Boolean).join(name === "number" ? "" : " ");
const samePaid = (payments, amount) => (payments.length === 0 ? !amount : payments.length === 1 && payments[0].amount === amount);

const addressesOf = (file, parties) => {
  const mine = file.signers.filter((one) => parties.split(" ").includes(one.party));
  return mine.map((one) => one.key ?? one.address);
};

function begin(root) {
  const form = root.closest("form");
  const fields = (root.dataset.fields ?? "signature").split(" ");
  const send = form.querySelector("[data-part=send]");
  let asking, at;
  const forget = () => {
    for (const name of fields) form.elements[name].value = "";
    if (send) send.disabled = true;
  };
  const panel = new Panel(root.querySelector("[data-signing]"), async ({ signature, address }) => {
    const { field, by } = asking.steps[at];
    form.elements[field].value = signature;
    if (by) form.elements[by].value = address;
    if (at + 1 < asking.steps.length) {
      at += 1;
      await show();
      return panel.say(say("signed-next", { address }));
    }
    if (send) send.disabled = false;
    return panel.say(say("signed-send"));
  });
  const show = () => {
    const { file, check, steps } = asking;
    const checked = async (request) => [...(await check(request)), ...turn(steps[at])];
    return panel.ask({ file, name: `${root.dataset.signingForm}-request.json`, addresses: steps[at].addresses, check: checked });
  };
  const row = root.querySelector("[data-part=begin-row]");
  row.hidden = false;
  row.querySelector("button").addEventListener("click", async () => {
    forget();
    panel.clear();
    await panel.trying(async () => {
      const found = await KINDS[root.dataset.signingForm](form, root.dataset);
      asking = { steps: [{ addresses: addressesOf(found.file, root.dataset.parties ?? ""), field: "signature" }], ...found };
      at = 0;
      await show();
    });
  });
  form.addEventListener("input", ({ target }) => {
    if (!target.name || target.name === "way" || "unsigned" in target.dataset || fields.includes(target.name)) return;
    forget();
    panel.root.hidden = true;
  });
}

// Keys of this browser, offered where an address is typed.
async function offerKeys(list) {
  for (const { address, name } of await keysHere().catch(() => [])) {
    const option = element("option", name);
    option.value = address;
    list.append(option);
  }
}

for (const root of document.querySelectorAll("[data-signing-form]")) begin(root);
for (const list of document.querySelectorAll("datalist[data-keys-here]")) offerKeys(list);
