// What the page says of what happens in it: the words stand in the page, in its reader's language, under a key each.
import { Refused } from "./bytes.js";

export function say(key, values = {}) {
  const words = document.querySelector(`[data-words] [data-key="${key}"]`)?.textContent ?? key;
  return words.replaceAll(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

// A fault as the page says it; what is no refusal of ours is told with the browser's own words.
export function sayFault(fault) {
  if (!(fault instanceof Refused)) return say("fault", { what: String(fault?.message ?? fault) });
  const { field } = fault.values;
  return say(fault.why, field === undefined ? fault.values : { ...fault.values, field: say(`field-${field}`) });
}

export function element(tag, words = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = words;
  if (className) made.className = className;
  return made;
}
