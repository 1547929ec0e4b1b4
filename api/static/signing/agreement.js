// The page on which a version of an agreement is signed: the request against the terms that the page shows.
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

async function begin(root) {
  const { source, party, language, name } = root.dataset;
  const form = document.querySelector("form[data-signed]");
  const read = document.querySelector("input[data-read]");
  const panel = new Panel(root, ({ signature, method }) => {
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
    addresses: [signer.address],
    check: (request) => agreementChecks(request, file.opens, signer, terms(language), language),
  });
}

begin(document.querySelector("[data-signing]"));
