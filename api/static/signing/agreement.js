// The page on which a version of an agreement is signed: the request against the terms that the page shows.
import { hex, sha } from "./bytes.js";
import { agreementChecks } from "./checks.js";
import { Panel } from "./panel.js";
import { say } from "./words.js";

const terms = (language) => ({
  title: document.querySelector("[data-title]").textContent,
  clauses: [...document.querySelectorAll("article.clause")].map((clause) => ({
    words: clause.querySelector(".signed-words").textContent,
    bytes: clause.querySelector("pre").textContent,
    offset: Number(clause.querySelector("pre").dataset.offset),
  })),
});

// The digest of a letter of authority is worked out here; the letter itself is not sent.
async function tellLetter(form) {
  const letter = form.querySelector("[data-letter]").files[0];
  const field = form.elements.letter_sha256;
  if (letter) field.value = hex(sha(new Uint8Array(await letter.arrayBuffer()))).slice(2);
  else field.disabled = true;
}

async function begin(root) {
  const { source, party, language, name } = root.dataset;
  const form = document.querySelector("form[data-signed]");
  const read = document.querySelector("input[data-read]");
  form.addEventListener("submit", (event) => event.preventDefault());
  const panel = new Panel(root, async ({ signature, method }) => {
    await tellLetter(form);
    form.elements.signature.value = signature;
    form.elements.method.value = method;
    form.submit();
  });
  const ready = () => { root.querySelector("[data-part=ways-inner]").disabled = !read.checked; };
  read.addEventListener("change", ready);
  ready();
  const answer = await fetch(source, { headers: { accept: "application/json" } });
  if (!answer.ok) return panel.say(say("fault", { what: `HTTP ${answer.status}` }), true);
  const file = await answer.json();
  const signer = file.signers.find((one) => one.party === party);
  return panel.ask({
    file,
    name,
    addresses: [signer.key ?? signer.address],
    check: (request) => agreementChecks(request, file.opens, signer, terms(language), language),
  });
}

begin(document.querySelector("[data-signing]"));
