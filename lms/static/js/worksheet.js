// Keeps a worksheet while it is written. What cannot be sent stays on this phone until it can; the form works without.
const form = document.querySelector("form[data-keep]");
const words = form.dataset;
const told = form.querySelector(".kept");
const seen = form.elements.seen;
const controls = [...form.querySelectorAll("[name^='field:']")];
let client = localStorage.getItem("device");
if (!client) {
  client = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(36).padStart(2, "0")).join("");
  localStorage.setItem("device", client);
}

function values() {
  const found = {};
  for (const one of controls) {
    if (one.type !== "radio") found[one.name] = one.value;
    else if (one.checked) found[one.name] = one.value;
    else found[one.name] ??= "";
  }
  return found;
}

function put(name, text) {
  for (const one of controls.filter((each) => each.name === name)) {
    if (one.type === "radio") one.checked = one.value === text;
    else one.value = text;
  }
}

let known = values();
const address = `${form.action}/events`;
let waiting = JSON.parse(localStorage.getItem(words.keep) ?? "null")?.body;
let highest = Number(seen.value);
let timer = 0;
let busy = false;
if (waiting) {
  for (const [name, text] of Object.entries(waiting.changes)) put(name, text);
  later(0);
}

function later(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(send, milliseconds);
}

async function send() {
  if (busy) return later(500);
  if (!waiting) {
    const now = values();
    const changes = Object.fromEntries(Object.entries(now).filter(([name, text]) => text !== known[name]));
    if (!Object.keys(changes).length) return;
    waiting = { client, counter: highest + 1, seen: Number(seen.value), changes };
    // As answers.js keeps what waits: who signs out sends it from there.
    localStorage.setItem(words.keep, JSON.stringify({ url: address, body: waiting }));
  }
  busy = true;
  told.textContent = words.saving;
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrf_token.value },
      body: JSON.stringify(waiting),
    });
    if (answer.ok) took(await answer.json());
    else if (answer.status === 429 || answer.status >= 500) wait();
    else refused();
  } catch {
    wait();
  } finally {
    busy = false;
  }
}

function took(state) {
  const now = values();
  let lost = false;
  for (const name of Object.keys(now)) {
    const stands = state.fields[name] ?? "";
    const sent = waiting.changes[name];
    if (sent !== undefined && sent.trim() === stands.trim()) {
      known[name] = sent;
    } else {
      // What another device wrote appears where nobody is writing here; else our words are sent once more, as newer.
      if (sent === undefined && now[name] === known[name]) put(name, stands);
      lost ||= sent !== undefined;
      known[name] = stands;
    }
  }
  highest = state.counter;
  if (!lost) seen.value = highest; // a page that never saw the other words must not say that it did
  waiting = null;
  localStorage.removeItem(words.keep);
  told.textContent = words.saved;
  later(0);
}

function wait() {
  told.textContent = words.here;
  later(15000);
}

function refused() {
  // The form itself can say what is wrong, or ask for a sign-in without losing a word.
  waiting = null;
  localStorage.removeItem(words.keep);
  told.textContent = words.lost;
}

form.addEventListener("input", () => later(1500));
form.addEventListener("submit", () => clearTimeout(timer));
addEventListener("online", () => later(0));
document.addEventListener("visibilitychange", () => document.hidden && send());
