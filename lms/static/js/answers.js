// Keeps each answer on this phone before it is sent, sends it when it can, and shows pages that are kept when the network
// is away. Every page works without it. Where what is kept, and why: docs/decisions/0015-answers-on-the-phone.md
"use strict";
(() => {
  const OWN = ["csrf_token", "seen", "go"];
  const SLOW = 15000;
  const memory = new Map(); // where the browser keeps nothing for us
  let device, form, place, person, attempt, position, client, sending, timer, asked, fresh;
  let fails = 0;
  let counted = true; // whether the page shown was made with all that this phone had
  let skew = 0; // milliseconds that the server's clock is before the phone's
  const refused = new Set(); // questions whose last answer the server did not take

  // What is kept, in localStorage: person:ID:out:ATTEMPT:CLIENT:COUNTER → {url, body, tried}; person:ID:top:ATTEMPT
  const mine = (rest) => `person:${person}:${rest}`;
  const get = (key) => {
    try {
      return localStorage.getItem(key) ?? memory.get(key);
    } catch {
      return memory.get(key);
    }
  };
  const put = (key, value) => {
    try {
      localStorage.setItem(key, value);
      return true;
    } catch {
      memory.set(key, value);
      return false;
    }
  };
  const drop = (key) => {
    memory.delete(key);
    try {
      localStorage.removeItem(key);
    } catch {}
  };
  const keys = (start) => {
    let found = [...memory.keys()];
    try {
      found = found.concat(Object.keys(localStorage));
    } catch {}
    return found.filter((key) => key.startsWith(start));
  };
  const tab = {
    get: (key) => {
      try {
        return sessionStorage.getItem(key);
      } catch {
        return null;
      }
    },
    put: (key, value) => {
      try {
        sessionStorage.setItem(key, value);
      } catch {}
    },
    wipe: (start) => {
      try {
        for (const key of Object.keys(sessionStorage)) if (key.startsWith(start)) sessionStorage.removeItem(key);
      } catch {}
    },
  };

  const waiting = (of = "") =>
    keys(mine(`out:${of}`))
      .map((key) => ({ key, ...JSON.parse(get(key)) }))
      .sort((a, b) => a.body.counter - b.body.counter);
  const own = () => waiting(`${attempt}:`);
  const top = () =>
    Math.max(
      Number(get(mine(`top:${attempt}`)) ?? 0),
      Number(form?.elements.seen?.value ?? 0),
      ...own().map((one) => one.body.counter),
    );
  const rise = (of, counter) => {
    const key = mine(`top:${of}`);
    if (counter > Number(get(key) ?? 0)) put(key, String(counter));
  };
  const named = () => [...crypto.getRandomValues(new Uint8Array(12))].map((one) => one.toString(16).padStart(2, "0")).join("");

  // Words stand in the page; a "-" in them is for a receipt or a number.
  const words = (attribute, value = "") => {
    const copy = device.querySelector(`template[data-${attribute}]`)?.content.cloneNode(true);
    const place = copy && [...copy.querySelectorAll("code, b")].find((one) => one.textContent === "-");
    if (place) place.textContent = value;
    return copy ?? "";
  };
  const say = (what, value) => document.getElementById("said")?.replaceChildren(what ? words(`say="${what}"`, value) : "");
  // Where a try is submitted, words above change while the button that submits stays under the finger.
  const still = (change) => {
    const acts = document.querySelector("main [data-submits]");
    const top = acts?.getBoundingClientRect().top;
    change();
    if (acts) scrollBy(0, acts.getBoundingClientRect().top - top);
  };
  const given = (of, question) => mine(`given:${of}:${question}`); // what this tab has of an answer: {answer, state, …}
  const tell = (question, kind, receipt, cause = "") => {
    const plain = kind === "sending" ? "phone" : kind;
    const box = question === position && form?.querySelector(".state");
    if (box) {
      box.className = `state ${plain}`;
      box.replaceChildren(words(`state="${kind}"`, receipt), cause && ` ${cause}`);
      form.querySelector(".advice")?.remove(); // it was about the answer before
    }
    still(() => {
      for (const link of document.querySelectorAll(`.answers a[href$="/attempts/${attempt}/${question}"]`)) {
        link.nextElementSibling.className = `says ${plain}`;
        link.nextElementSibling.replaceChildren(words(`short="${kind}"`, receipt));
      }
    });
  };

  const read = () => {
    const found = {};
    for (const [name, value] of new FormData(form)) if (!OWN.includes(name)) (found[name] ??= []).push(value);
    return found;
  };
  const write = (answer) => {
    const left = structuredClone(answer);
    for (const one of form.elements) {
      if (!one.name || OWN.includes(one.name)) continue;
      if (one.type === "radio" || one.type === "checkbox") one.checked = (answer[one.name] ?? []).includes(one.value);
      else if ("value" in one && one.type !== "submit") one.value = left[one.name]?.shift() ?? "";
    }
  };

  // Keep what the form says now, if it says something else than before.
  function record() {
    clearTimeout(timer);
    asked = 0;
    if (!form) return;
    const answer = read();
    const said = JSON.stringify(answer);
    if (said === fresh) return;
    fresh = said;
    refused.delete(position);
    const last = own().findLast((one) => one.body.question === position);
    const counter = last && !last.tried ? last.body.counter : top() + 1;
    client ??= tab.get("client") ?? named();
    tab.put("client", client);
    const key = last && !last.tried ? last.key : mine(`out:${attempt}:${client}:${counter}`);
    const body = { client: last && !last.tried ? last.body.client : client, counter, question: position, answer };
    const kept = put(key, JSON.stringify({ url: form.dataset.saveUrl, body }));
    tab.put(given(attempt, position), JSON.stringify({ answer }));
    tell(position, kept ? "sending" : "unsaved");
    say(kept ? "" : "blocked");
    send();
  }
  function soon() {
    asked ||= Date.now();
    clearTimeout(timer);
    timer = setTimeout(record, Math.max(0, Math.min(800, asked + 1800 - Date.now())));
  }

  // One at a time, the oldest first. True when nothing waits any more.
  function send() {
    clearTimeout(send.later);
    sending ??= (async () => {
      await null; // so that `sending` is set before it is cleared
      try {
        for (let one; (one = waiting()[0]); ) if (!(await sent(one))) return false;
        fails = 0;
        if (!counted) count();
        return true;
      } finally {
        sending = null;
      }
    })();
    return sending;
  }
  function again(seconds) {
    fails += 1;
    const wait = seconds || Math.min(60, 2 ** fails) * (0.5 + Math.random());
    send.later = setTimeout(send, wait * 1000);
    for (const one of own()) tell(one.body.question, memory.has(one.key) ? "unsaved" : "phone");
    return false;
  }
  const clock = (answer) => {
    const then = Date.parse(answer.headers.get("Date"));
    if (then) skew = then + 999 - Date.now(); // it says whole seconds: rather a moment less time than is left
    return answer;
  };
  async function sent(one, renewed = false) {
    const [, , , of] = one.key.split(":");
    const here = of === attempt;
    const question = one.body.question;
    if (!one.tried) put(one.key, JSON.stringify({ url: one.url, body: one.body, tried: true }));
    let answer, told;
    try {
      answer = clock(
        await fetch(one.url, {
          method: "POST",
          headers: { "Content-Type": "application/json", "X-CSRFToken": device.dataset.token },
          body: JSON.stringify(one.body),
          signal: AbortSignal.timeout(SLOW),
        }),
      );
      told = await answer.json();
    } catch {
      if (!answer || answer.status >= 500 || answer.ok) return again();
    }
    if (answer.ok) {
      drop(one.key);
      rise(of, told.counter);
      if (!waiting(`${of}:`).some((other) => other.body.question === question)) {
        if (here) tell(question, told.state, told.receipt, told.advice);
        if (told.state) tab.put(given(of, question), JSON.stringify({ answer: one.body.answer, ...told }));
      }
      if (!here || !form) say("sent", String((send.count = (send.count ?? 0) + 1)));
      return true;
    }
    if (answer.status === 401) {
      again(600);
      say("signed-out");
      const link = document.querySelector("#said a");
      if (link) link.search = new URLSearchParams({ next: location.pathname });
      return false;
    }
    if (answer.status === 400 && !renewed && (await renew())) return sent(one, true);
    if (answer.status === 429 || answer.status >= 500 || answer.status === 400)
      return again(Number(answer.headers.get("Retry-After")));
    drop(one.key);
    if (answer.status === 409 && told?.receipt) {
      // A copy of this tab took the number for something else: the same answer once more, under a name of its own.
      client = named();
      tab.put("client", client);
      const counter = Math.max(one.body.counter, top()) + 1;
      const body = { ...one.body, client, counter };
      put(mine(`out:${of}:${client}:${counter}`), JSON.stringify({ url: one.url, body }));
      return true;
    }
    refused.add(question);
    const advice = told?.detail ?? "";
    tab.put(given(of, question), JSON.stringify({ answer: one.body.answer, state: "unsaved", advice }));
    if (here) tell(question, "unsaved", "", advice);
    return true;
  }
  async function renew() {
    try {
      const page = parsed(await (await fetch(location.href)).text());
      const token = page.getElementById("device")?.dataset;
      if (token?.person !== person) return false;
      device.dataset.token = token.token;
      for (const one of document.querySelectorAll("[name=csrf_token]")) one.value = token.token;
      return true;
    } catch {
      return false;
    }
  }

  // Pages of this attempt are kept by the tab, so that one can go on at once, and without a network. One that was kept
  // more than FRESH ago is asked for again: an end may have moved, another device may have answered.
  const OURS = /\/quizzes\/attempts\/(\d+)\/(\d+|check)$/;
  const FRESH = 300000;
  const page = (url) => mine(`page:${new URL(url, location).pathname}`);
  const keep = (url, html) => tab.put(page(url), JSON.stringify({ html, at: Date.now() }));
  const kept = (url) => {
    const found = JSON.parse(tab.get(page(url)) ?? "null");
    return found && { url, html: found.html, kept: true, fresh: Date.now() - found.at < FRESH };
  };
  async function fetched(url) {
    const answer = clock(await fetch(url, { signal: AbortSignal.timeout(SLOW) }));
    if (!answer.ok || !shows(answer.url)) return { url: answer.url };
    const html = await answer.text();
    if (!answer.url.endsWith("check")) keep(answer.url, html);
    return { url: answer.url, html };
  }
  const parsed = (html) => new DOMParser().parseFromString(html, "text/html");
  let turn; // where somebody is on their way to: of two places the last one counts, and twice is once
  async function go(url, how = {}) {
    if (turn?.url === url) return;
    const mine = (turn = { url });
    try {
      await arrive(url, () => mine === turn, how);
    } finally {
      if (mine === turn) turn = null;
    }
  }
  const shows = (url) => OURS.test(new URL(url, location).pathname) || kept(url); // others are for the browser
  function show(url, html, { push = true, ofTab = false } = {}) {
    const made = parsed(html);
    if (push) history.pushState(null, "", url);
    document.title = made.title;
    document.querySelector("main").replaceWith(made.querySelector("main"));
    for (const bar of document.querySelectorAll("body > .bar")) bar.remove(); // it was about the page before
    say("");
    begin(ofTab);
    scrollTo(0, 0);
    document.querySelector("main").focus({ preventScroll: true });
  }
  async function arrive(url, wanted, { push = true, pressed = false }) {
    record();
    let found;
    try {
      await Promise.race([send(), new Promise((resolve) => setTimeout(resolve, 2500))]);
      if (!wanted()) return;
      if (pressed && refused.has(position)) {
        tab.put(given(attempt, position), JSON.stringify({ answer: read() }));
        return HTMLFormElement.prototype.submit.call(form); // the page says what is wrong
      }
      found = push && kept(url);
      if (!found?.fresh) found = await fetched(url);
      if (!wanted()) return;
      if (!found.html) return location.assign(found.url);
    } catch {
      if (!wanted()) return;
      found = kept(url);
      if (!found) return say("not-here");
    }
    record(); // what was typed since
    show(found.url, found.html, { push, ofTab: found.kept });
  }
  const ofMain = () => `<title>${document.title}</title>${document.querySelector("main").outerHTML}`;

  // Send a form whose answer brings the page that follows, and gives it: one way to the server and back in place of
  // two or three. Whatever the server says besides is for the form itself, whose page says it.
  let underWay;
  async function brought(it) {
    if (underWay) return null;
    underWay = setTimeout(say, 1000, "wait");
    let answer, told;
    try {
      const body = new URLSearchParams(new FormData(it));
      const headers = { Accept: "application/json" };
      answer = clock(await fetch(it.action, { method: "POST", headers, body, signal: AbortSignal.timeout(SLOW) }));
      told = answer.ok && (await answer.json());
    } catch {
      told = null;
    }
    clearTimeout(underWay);
    underWay = null;
    if (!answer || (answer.ok && !told)) say("not-sent");
    else if (!told) HTMLFormElement.prototype.submit.call(it);
    return told;
  }
  async function start(it) {
    keep(location.href, ofMain()); // for the way back, should the network be away then
    const told = await brought(it);
    if (!told) return;
    for (const [url, html] of Object.entries(told.pages)) keep(url, html);
    show(told.address, told.pages[told.address]);
  }
  async function submit(it) {
    const told = await brought(it);
    if (!told) return;
    tab.wipe(mine("page:"));
    show(told.address, told.page);
  }
  async function ahead() {
    if (navigator.connection?.saveData || !form?.dataset.ahead) return;
    if ([...document.querySelectorAll(".answers a")].every((link) => link.ariaCurrent || kept(link.href)?.fresh)) return;
    try {
      const answer = clock(await fetch(form.dataset.ahead, { signal: AbortSignal.timeout(SLOW) }));
      if (answer.ok) for (const [url, html] of Object.entries(await answer.json())) keep(url, html);
    } catch {}
  }

  // The time that is left, by the server's clock.
  let announced = Infinity;
  let looked = 0;
  function tick() {
    const ends = Date.parse(form?.dataset.endsAt);
    const left = document.querySelector("[data-left]");
    if (!ends || !left) return;
    const minutes = Math.max(0, Math.ceil((ends - Date.now() - skew) / 60000));
    const unit = { style: "unit", unit: "minute", unitDisplay: "long" };
    left.textContent = new Intl.NumberFormat(document.documentElement.lang, unit).format(minutes);
    const mark = [0, 1, 5, 10].find((one) => minutes <= one);
    if (mark < announced) {
      announced = mark;
      if (mark) document.getElementById("said").textContent = `${left.dataset.left}: ${left.textContent}`;
      else say("over");
    }
    if (!minutes && Date.now() - looked > 60000) {
      looked = Date.now();
      go(location.href, { push: false }); // the page that the server makes now knows of an end that was moved
    }
  }

  // The page that counts what is answered was made before the last answers came: now that they are there, it counts
  // anew. Only these words change: what somebody holds or presses meanwhile stays.
  async function count() {
    const place = document.getElementById("counted");
    counted = true;
    if (!place) return;
    try {
      const found = await fetched(location.href);
      if (!place.isConnected) return; // they have gone on
      if (!found.html) return location.assign(found.url);
      const made = parsed(found.html);
      still(() => {
        place.replaceChildren(...made.getElementById("counted").childNodes);
        document.querySelector("main h1").replaceChildren(...made.querySelector("main h1").childNodes);
      });
    } catch {
      counted = !place.isConnected; // else once more when the network is back
    }
  }

  function begin(ofTab) {
    place = location.pathname;
    device = document.getElementById("device");
    if (!device) return;
    person = device.dataset.person;
    form = document.getElementById("answer-form");
    [, attempt, position] = OURS.exec(location.pathname) ?? /\/quizzes\/attempts\/(\d+)/.exec(location.pathname) ?? [];
    position = Number(position) || 0;
    fresh = form && JSON.stringify(read());
    const error = document.getElementById("refused") && (document.getElementById("answer-error")?.textContent ?? "");
    if (form && !ofTab && error === null) keep(location.href, ofMain());
    const ends = form?.dataset.endsAt;
    if (ends !== begin.ends) announced = Infinity;
    begin.ends = ends;
    if (form?.dataset.now && !ofTab && !skew) skew = Date.parse(form.dataset.now) - Date.now();
    if (form && error !== null) tab.put(given(attempt, position), JSON.stringify({ answer: read(), state: "unsaved", advice: error }));
    for (const link of document.querySelectorAll(".answers a")) {
      const question = Number(link.href.split("/").pop());
      const last = JSON.parse(tab.get(given(attempt, question)) ?? "null");
      if (!last || !(ofTab || last.state === "unsaved")) continue; // else the server's page knows best
      if (last.state === "unsaved") refused.add(question);
      if (question === position && error !== null) continue; // said there already
      if (form && question === position) write(last.answer);
      tell(question, last.state ?? "phone", last.receipt, last.advice);
    }
    for (const one of own()) {
      if (form && one.body.question === position) write(one.body.answer);
      tell(one.body.question, fails ? "phone" : "sending");
    }
    if (form) fresh = JSON.stringify(read());
    tick();
    counted = form || !own().length;
    send();
    if (form) setTimeout(ahead, 1500);
  }

  addEventListener("input", (event) => form?.contains(event.target) && soon());
  // What is typed changes when its field is left, which may be a tap on a button: nothing may move under that finger.
  const TYPED = "textarea, input:not([type=radio], [type=checkbox])";
  addEventListener("change", (event) => {
    if (form?.contains(event.target)) event.target.matches(TYPED) ? soon() : record();
  });
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!attempt || !link || event.ctrlKey || event.metaKey || event.shiftKey || !OURS.test(link.pathname)) return;
    event.preventDefault();
    go(link.href);
  });
  addEventListener("submit", async (event) => {
    const it = event.target;
    const signs = it.dataset.signOut !== undefined;
    if (it === form) {
      event.preventDefault();
      const where = event.submitter?.value;
      const of = document.querySelectorAll(".answers a").length;
      const next = { back: position - 1, next: position + 1 }[where] ?? (where ? "check" : position < of ? position + 1 : "check");
      go(`/quizzes/attempts/${attempt}/${next}`, { pressed: true });
    } else if (it.dataset.submits !== undefined || signs) {
      event.preventDefault();
      record();
      await Promise.race([send(), new Promise((resolve) => setTimeout(resolve, SLOW))]);
      const left = waiting(signs ? "" : `${attempt}:`).length;
      if (left && !signs) return say("not-now");
      if (left && !confirm(words('say="lose"', String(left)).textContent)) return;
      if (!signs) return submit(it);
      for (const key of keys(mine(""))) drop(key);
      tab.wipe("");
      HTMLFormElement.prototype.submit.call(it);
    } else if (it.dataset.begins !== undefined && !navigator.connection?.saveData) {
      event.preventDefault();
      start(it);
    }
  });
  addEventListener("popstate", () => {
    if (location.pathname === place) return; // a place in the page
    if (shows(location.href)) go(location.href, { push: false });
    else location.reload();
  });
  addEventListener("online", () => send());
  addEventListener("pagehide", record);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) record();
    else send();
  });
  setInterval(tick, 5000);
  begin(false);
})();
