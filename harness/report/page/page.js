"use strict";
// Text reaches the page through textContent only: names, arguments and logs were written by a guest.
const CHUNK = 200;
const OPEN_BY_ITSELF = 40;
const [TEXT, STEP, SECONDS, PROCESS, STARTS, RECORDS, REASON, ALIASES] = [0, 1, 2, 3, 4, 5, 6, 7];

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

// Fill a details element when it is first opened.
function lazily(details, fill) {
  details.addEventListener("toggle", () => { if (details.open) fill(); }, { once: true });
  return details;
}

// Append rows chunk by chunk, with a button for the next chunk.
function inChunks(parent, items, render) {
  let next = 0;
  const more = make("button", "chip more");
  const step = () => {
    more.remove();
    for (const item of items.slice(next, next + CHUNK)) parent.append(render(item));
    next += CHUNK;
    if (next < items.length) {
      more.textContent = `${Math.min(CHUNK, items.length - next)} more of ${(items.length - next).toLocaleString("en")}`;
      parent.append(more);
    }
  };
  more.addEventListener("click", step);
  step();
}

function chainOf(names) {
  const chain = make("span", "chain");
  names.forEach((name, i) => {
    if (i) chain.append(make("i", "", " › "));
    chain.append(make(i === names.length - 1 ? "b" : "span", "", name));
  });
  return chain;
}

function filterBox(label, onInput) {
  const box = make("div", "filter");
  const input = make("input");
  input.type = "search";
  input.placeholder = label;
  input.setAttribute("aria-label", label);
  const output = make("output");
  let timer = 0;
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(onInput, 150); });
  box.append(input, output);
  return { box, input, output };
}

class Fragment {
  constructor(scenario, data) {
    this.data = data;
    this.step = null;
    this.steps = [...scenario.querySelectorAll(".steps > li .text")].map((text) => text.textContent);
    this.filter = filterBox("Filter: a path, a program, an argument", () => this.show());
    this.list = make("div");
    this.chips = [...scenario.querySelectorAll(".chip[data-step]")];
    for (const chip of this.chips) {
      chip.addEventListener("click", () => {
        const step = Number(chip.dataset.step);
        this.step = this.step === step ? null : step;
        this.show();
        if (this.step !== null) this.filter.box.scrollIntoView({ block: "start", behavior: "smooth" });
      });
    }
    const place = scenario.querySelector(".fragment");
    place.replaceChildren(this.filter.box, this.list);
    for (const [name, text] of Object.entries(data.logs)) {
      const log = make("details", "log");
      log.append(make("summary", "", name));
      place.append(lazily(log, () => log.append(make("pre", "", text))));
    }
    this.show();
  }

  words(rule) {
    const process = this.data.processes[rule[PROCESS]];
    const own = [rule[TEXT], ...(this.data.arguments[rule[STARTS]] || [])];
    if (process) own.push(process[3], ...(this.data.arguments[process[4]] || []));
    return own.join(" ").toLowerCase();
  }

  admits(rule, wanted, inDomain) {
    const rows = [rule, ...(rule[ALIASES] || [])];
    if (this.step !== null && !rows.some((row) => row[REASON] < 0 && row[STEP] === this.step)) return false;
    return !wanted || inDomain || rows.some((row) => this.words(row).includes(wanted));
  }

  show() {
    for (const chip of this.chips) chip.setAttribute("aria-pressed", String(Number(chip.dataset.step) === this.step));
    const wanted = this.filter.input.value.trim().toLowerCase();
    const groups = [];
    let total = 0;
    for (const [name, chain, rules] of this.data.domains) {
      const inDomain = wanted !== "" && chain.join(" ").toLowerCase().includes(wanted);
      const found = wanted || this.step !== null ? rules.filter((rule) => this.admits(rule, wanted, inDomain)) : rules;
      if (found.length) groups.push([name, chain, found]);
      total += found.length;
    }
    const filtered = wanted || this.step !== null;
    const at = this.step === null ? "" : this.step < 0 ? " from before the first step" : ` of step ${this.step + 1}`;
    this.filter.output.textContent = `${countOf(total, "rule")}${at} in ${countOf(groups.length, "domain")}, names of layers folded`;
    this.list.replaceChildren();
    inChunks(this.list, groups, (group) => this.domain(group, filtered && total <= OPEN_BY_ITSELF));
  }

  domain([name, chain, rules], open) {
    const domain = make("details", "domain");
    const summary = make("summary");
    summary.append(chainOf(chain), make("span", "count", countOf(rules.length, "rule")));
    domain.append(summary);
    lazily(domain, () => {
      const set = make("div", "ruleset");
      domain.append(make("p", "fullname", name), set);
      inChunks(set, rules, (rule) => this.rule(rule));
    });
    domain.open = open;
    return domain;
  }

  rule(rule) {
    const element = make("details", rule[REASON] < 0 ? "rule" : "rule none");
    const summary = make("summary");
    const word = make("span", "word");
    const [kind, permissions, ...rest] = rule[TEXT].split(" ");
    word.append(`${kind} `, make("span", "perm", permissions || ""), ` ${rest.join(" ")}`);
    summary.append(word);
    for (const alias of rule[ALIASES] || []) {
      const layer = make("span", "layer", /[a-z]+(?=:\/)/.exec(alias[TEXT])?.[0] ?? "alias");
      layer.title = alias[TEXT];
      summary.append(layer);
    }
    summary.append(make("span", "at", rule[REASON] >= 0 ? "unknown" : rule[STEP] < 0 ? "before" : `step ${rule[STEP] + 1}`));
    element.append(summary);
    return lazily(element, () => {
      element.append(this.origin(rule));
      for (const alias of rule[ALIASES] || []) element.append(this.origin(alias, alias[TEXT]));
    });
  }

  origin(row, title) {
    const origin = make("div", "origin");
    const line = (text, code) => {
      const paragraph = make("p", "", text);
      if (code !== undefined) paragraph.append(make("code", "", code));
      origin.append(paragraph);
    };
    if (title) line("", title);
    if (row[REASON] >= 0) {
      line(`Unknown: ${this.data.reasons[row[REASON]]}`);
      return origin;
    }
    line(row[STEP] < 0 ? "Before the first step" : `Step ${row[STEP] + 1}: ${this.steps[row[STEP]] ?? ""}`);
    const process = this.data.processes[row[PROCESS]];
    if (process) {
      const [pid, ppid, uid, program, argv] = process;
      line("Program ", program);
      if (argv >= 0) line("Arguments ", this.data.arguments[argv].map(quoted).join(" "));
      line(`Process ${pid}, parent ${ppid}, user ${uid}`);
    }
    if (row[STARTS] >= 0) line("Started ", this.data.arguments[row[STARTS]].map(quoted).join(" "));
    if (row[SECONDS] >= 0) {
      const time = new Date((this.data.since + row[SECONDS]) * 1000).toISOString().slice(11, 19);
      line(`First asked at ${time} by the guest's clock${row[RECORDS] > 1 ? `, ${row[RECORDS]} records` : ""}`);
    }
    return origin;
  }
}

function countOf(number, one) {
  return `${number.toLocaleString("en")} ${one}${number === 1 ? "" : "s"}`;
}

function quoted(word) {
  return word === "" || /[\s"]/.test(word) ? JSON.stringify(word) : word;
}

function showPrograms(programs) {
  const scenarios = [...document.querySelectorAll(".scenario")];
  const names = scenarios.map((scenario) => scenario.querySelector(".title b").textContent);
  const list = make("div");
  const row = ([program, chains]) => {
    const element = make("details", "domain");
    const summary = make("summary");
    const met = new Set(chains.flatMap(([, , rules]) => rules.map(([scenario]) => scenario)));
    const count = `${countOf(chains.length, "domain")}, ${countOf(met.size, "scenario")}`;
    summary.append(make("span", "chain", program), make("span", "count", count));
    element.append(summary);
    return lazily(element, () => {
      const table = make("table", "ways");
      inChunks(table, chains, ([domain, chain, rules]) => {
        const line = make("tr");
        const way = make("td");
        way.append(chainOf(chain));
        way.title = domain;
        const who = make("td");
        for (const [scenario, learned] of rules) {
          const link = make("a", "", `${names[scenario]} (${countOf(learned, "rule")})`);
          link.href = `#${scenarios[scenario].id}`;
          link.addEventListener("click", () => { scenarios[scenario].open = true; });
          who.append(link);
        }
        line.append(way, who);
        return line;
      });
      element.append(table);
    });
  };
  const filter = filterBox("Filter programs", () => show());
  const show = () => {
    const wanted = filter.input.value.trim().toLowerCase();
    const found = programs.filter(([program]) => program.toLowerCase().includes(wanted));
    filter.output.textContent = `${found.length.toLocaleString("en")} programs`;
    list.replaceChildren();
    inChunks(list, found.slice(0, wanted ? found.length : 12), row);
    if (!wanted && found.length > 12) {
      const all = make("button", "chip more", `all ${found.length.toLocaleString("en")} programs`);
      all.addEventListener("click", () => { list.replaceChildren(); inChunks(list, found, row); });
      list.append(all);
    }
    if (list.firstElementChild && !wanted) list.firstElementChild.open = true;
  };
  document.getElementById("programs").append(filter.box, list);
  show();
}

const enlarged = document.getElementById("enlarged");
document.addEventListener("click", (event) => {
  const screen = event.target.closest(".screen");
  if (!screen) return;
  const picture = enlarged.querySelector("img");
  picture.src = screen.querySelector("img").src;
  picture.alt = screen.querySelector("img").alt;
  enlarged.showModal();
});

for (const scenario of document.querySelectorAll(".scenario")) {
  lazily(scenario, async () => new Fragment(scenario, await unpack(scenario.querySelector(".data").textContent)));
}
unpack(document.getElementById("programs-data").textContent).then(showPrograms);

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.matches(".scenario")) target.open = true;
}
addEventListener("hashchange", openTarget);
openTarget();
