// What each field of a message is, worked out by the page from what the signer reads, and compared with the request.
// A check is { field, value, state, why }: `state` is ok, bad, or open where the page has nothing to hold it against;
// `label` names the field in words where those are not the field's own.
import { Refused, checksummed, hex, joined, keccak, sameAddress, sha, unhex, utf8 } from "./bytes.js";

const ZERO = "0x" + "00".repeat(32);

function check(request, field, expected, why) {
  const value = request.message[field];
  if (expected === undefined) return { field, value, state: "open", why };
  const same = Array.isArray(expected)
    ? Array.isArray(value) && expected.length === value.length && expected.every((one, i) => sameAddress(one, value[i]))
    : String(value) === String(expected);
  return { field, value, state: same ? "ok" : "bad", why };
}

const dayIn = (zone, seconds) =>
  new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(seconds * 1000));

// Whether a moment is the first of a day in a time zone, whatever its clocks do that night.
function beginsDay(seconds, day, zone) {
  const moment = Number(seconds);
  return Number.isSafeInteger(moment) && dayIn(zone, moment) === day && dayIn(zone, moment - 1) !== day;
}

const signersOf = (document) => Object.values(document.parties).map((party) => party.signer).filter(Boolean);

function commitmentOf(opens, text) {
  return hex(keccak(unhex(opens.commitment_salt, 32), keccak(utf8(text))));
}

function supersededBy(opens, version) {
  if (version === 1) return ZERO;
  if (opens.previous?.document) return commitmentOf(opens, opens.previous.document);
  return undefined; // who joins with this version may not read the one before it
}

function mayAddressSign(signer, document, opens) {
  const named = document.parties[signer.party]?.signer;
  if (named) return sameAddress(named, signer.address);
  const [key, version] = signer.party.split("@");
  if (!version || !opens.previous?.document) return undefined;
  return sameAddress(JSON.parse(opens.previous.document).parties[key]?.signer ?? "", signer.address);
}

const named = (ok) => (ok === undefined ? "open" : ok ? "ok" : "bad");

// A version of an agreement, against the exact bytes of the document and of the one before it, and against the terms
// that the page shows: { title, clauses: [{ words, bytes, offset }] }.
export function agreementChecks(request, opens, signer, shown, language) {
  const document = JSON.parse(opens.document);
  const salt = unhex(opens.commitment_salt, 32);
  const parties = signersOf(document).sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  const starts = request.message.effectiveFrom;
  const checks = [
    check(request, "agreement", hex(keccak(salt, utf8(document.agreement))), "check-agreement"),
    check(request, "version", document.version, "check-version"),
    check(request, "commitment", commitmentOf(opens, opens.document), "check-commitment"),
    check(request, "supersedes", supersededBy(opens, document.version), document.version === 1 ? "check-first" : "check-supersedes"),
    { field: "effectiveFrom", value: [starts, `${document.effective_from} ${document.time_zone}`], state: named(beginsDay(starts, document.effective_from, document.time_zone)), why: "check-effective" },
    check(request, "parties", parties, "check-parties"),
  ];
  const signs = { field: "signer", value: signer.address, state: named(mayAddressSign(signer, document, opens)), why: "check-signer" };
  const keyed = signer.key === undefined || sameAddress(signer.key, signer.address);
  const byKey = keyed ? [] : [{ field: "key", value: signer.key, state: "open", why: "check-key" }];
  const terms = { field: "terms", value: `${shown.clauses.length}`, state: named(showsAll(document, opens.document, shown, language)), why: "check-terms" };
  return [terms, ...checks, signs, ...byKey];
}

// Whether every clause of the document stands on the page, in its words and as its bytes, and its title too.
function showsAll(document, text, shown, language) {
  const bytes = utf8(text);
  const titled = document.title[language] === shown.title;
  return titled && document.clauses.length === shown.clauses.length && document.clauses.every((clause, i) => {
    const { words, bytes: slice, offset } = shown.clauses[i];
    const exact = new TextDecoder().decode(bytes.slice(offset, offset + utf8(slice).length)) === slice;
    return exact && clause.text[language] === words && JSON.stringify(JSON.parse(slice)) === JSON.stringify(clause);
  });
}

const against = (request, values, why) => Object.entries(values).map(([field, value]) => check(request, field, value, why));

// A piece of evidence, against the file that was chosen and what was typed of it.
export function exhibitChecks(request, typed, bytes) {
  const { dispute, party, kind, title } = typed;
  const made = Date.parse(typed.captured_at) === Date.parse(request.message.capturedAt);
  return [
    ...against(request, { dispute, party, kind, title }, "check-typed"),
    { field: "capturedAt", value: request.message.capturedAt, state: named(made), why: "check-typed" },
    check(request, "sha256", hex(sha(bytes)), "check-file"),
    check(request, "bytes", bytes.length, "check-file"),
  ];
}

// A settlement of a dispute, against its payments and words: { dispute, agreement, payments, words }.
export function settlementChecks(request, opens) {
  const { dispute, agreement, payments, words, currency } = opens;
  const lines = payments.map((one) => `${one.source} -> ${one.target} ${one.amount} ${currency}`).join("\n");
  return [
    ...against(request, { dispute, agreement, payments: lines }, "check-shown"),
    { ...check(request, "terms", hex(sha(utf8(canonical({ payments, words })))), "check-settlement"), label: "settlement" },
    check(request, "number", undefined, "check-number"),
  ];
}

// A payee's account, against what was typed of it and the salt that opens its commitment.
export function accountChecks(request, opens) {
  const { payee, payer, details, salt } = opens;
  const ending = "\u2022".repeat(4) + details.number.slice(-4);
  return [
    ...against(request, { payee, payer, ending }, "check-typed"),
    { ...check(request, "commitment", hex(sha(joined(unhex(salt, 32), utf8(canonical(details))))), "check-account"), label: "account" },
    check(request, "number", undefined, "check-number"),
    check(request, "previous", undefined, "check-previous"),
  ];
}

// A change of a signer's keys, against the addresses that the page shows of it, { signer, key }, and what was typed:
// `new_key`, `recovery` or `revoke`.
export function keyChecks(request, shown, typed) {
  const held = (field, address, why, label) => ({ ...check(request, field, checksummed(address), why), label });
  return [
    held("signer", shown.signer, "check-shown", "signer-named"),
    ...(typed.new_key ? [held("oldKey", shown.key, "check-shown"), held("newKey", typed.new_key, "check-typed")] : []),
    ...(typed.recovery ? [held("recovery", typed.recovery, "check-typed")] : []),
    ...(typed.revoke ? [held("key", typed.revoke, "check-shown", "revoked")] : []),
    check(request, "number", undefined, "check-number"),
  ];
}

// RFC 8785, for objects, arrays and text alone, which is all that is hashed here.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const fields = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
    return `{${fields.join(",")}}`;
  }
  return JSON.stringify(value);
}

export function requireSound(checks) {
  const bad = checks.find((one) => one.state === "bad");
  if (bad) throw new Refused("request-altered", { field: bad.label ?? bad.field });
}
