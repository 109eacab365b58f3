// Custom elements, so that they work wherever and whenever they enter a page.

// <dl-copy data-what="code|cells|output|script">: a button that copies a snippet's code, a lab's code down to its
// cell, the output that it stands in, or what the link in it leads to. Without scripts there is only that link.

const NAMES = { code: "Copy the code", cells: "Copy the code down to here", output: "Copy the output" };
const ONE = "Copy as one script";
const CODE = ".dl-snippet__code code";

function text(element) {
  if (element.dataset.what === "output") {
    return element.closest(".dl-snippet__output").querySelector("samp").textContent;
  }
  if (element.link) return file(element.link.href);
  const snippet = element.closest(".dl-snippet");
  if (element.dataset.what === "cells") {
    const cells = [...snippet.parentElement.querySelectorAll(":scope > .dl-cell")];
    const above = cells.slice(0, cells.indexOf(snippet) + 1);
    return above.map((cell) => cell.querySelector(CODE).textContent.trim()).join("\n\n") + "\n";
  }
  return snippet.dataset.copy ?? snippet.querySelector(CODE).textContent;
}

async function file(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(response.status);
  return response.text();
}

async function copy(content) {
  if (navigator.clipboard) {
    // A promise is handed over as it is: Safari forgets the click while a file is on its way.
    const item = { "text/plain": Promise.resolve(content).then((text) => new Blob([text], { type: "text/plain" })) };
    await navigator.clipboard.write([new ClipboardItem(item)]);
    return;
  }
  content = await content;
  // Browsers keep the clipboard from pages that come over plain HTTP, but let a selection be copied.
  const area = Object.assign(document.createElement("textarea"), { value: content });
  area.style.position = "fixed";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new Error("the browser refused");
}

class DlCopy extends HTMLElement {
  connectedCallback() {
    if (this.querySelector("button")) return;
    this.link ??= this.firstChild;
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.textContent = this.link ? ONE : "Copy";
    button.setAttribute("aria-label", NAMES[this.dataset.what] ?? ONE);
    const status = Object.assign(document.createElement("span"), { className: "dl-copy__status" });
    status.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      try {
        await copy(text(this));
        status.textContent = "Copied";
      } catch {
        status.textContent = "Not copied";
      }
      this.dataset.state = status.textContent;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        status.textContent = "";
        delete this.dataset.state;
      }, 2000);
    });
    this.replaceChildren(button, status);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.replaceChildren(...(this.link ? [this.link] : []));
  }
}

customElements.get("dl-copy") ?? customElements.define("dl-copy", DlCopy);

// <dl-term>: a link to the glossary and its tooltip, which the style sheet shows on hover and focus.
// Here it moves to its word and into the window, closes on Escape, and opens on the first tap of a finger.

class DlTerm extends HTMLElement {
  connectedCallback() {
    const [link, tip] = this.children;
    const begin = () => {
      delete this.dataset.dismissed;
      this.place(link.getClientRects(), tip);
    };
    this.addEventListener("pointerenter", begin);
    this.addEventListener("focusin", begin);
    let tapped = false;
    link.addEventListener("pointerdown", ({ pointerType }) => {
      tapped = pointerType === "touch" && !("open" in this.dataset);
    });
    link.addEventListener("click", (event) => {
      if (!tapped) return;
      tapped = false;
      event.preventDefault();
      this.dataset.open = "";
      begin();
    });
  }

  place([first, ...more], tip) {
    const word = more.at(-1) ?? first;
    tip.style.translate = "";
    const box = tip.getBoundingClientRect();
    if (!box.width) return;
    const gap = 8;
    const x = Math.max(gap, Math.min(word.left, document.documentElement.clientWidth - box.width - gap)) - box.left;
    const below = word.bottom + gap / 2;
    const y = (below + box.height > innerHeight ? word.top - gap / 2 - box.height : below) - box.top;
    tip.style.translate = `${x}px ${y}px`;
  }
}

function close(event) {
  for (const term of document.querySelectorAll("dl-term")) {
    if (event.key === "Escape" && term.matches(":hover, :focus-within, [data-open]")) term.dataset.dismissed = "";
    if (!term.contains(event.target) || event.key === "Escape") delete term.dataset.open;
  }
}

if (!customElements.get("dl-term")) {
  customElements.define("dl-term", DlTerm);
  document.addEventListener("keydown", (event) => event.key === "Escape" && close(event));
  document.addEventListener("pointerdown", close);
}

// <dl-report>: a table whose columns can be sorted, by buttons in its head, and whose rows can be filtered, by a field
// above it. Without scripts it is the table as it was written, in its groups.

const ORDER = new Intl.Collator("en", { numeric: true });

class DlReport extends HTMLElement {
  connectedCallback() {
    if (this.table) return;
    this.table = this.querySelector("table");
    this.groups = [...this.table.tBodies];
    this.rows = this.groups.flatMap((group) => {
      const [head, ...lines] = group.rows;
      return lines.map((line) => ({ line, group, text: `${head.textContent} ${line.textContent}`.toLowerCase() }));
    });
    this.sorted = this.table.createTBody();
    this.heads = [...this.table.tHead.rows[0].cells];
    this.heads.forEach((head, column) => {
      const button = Object.assign(document.createElement("button"), { type: "button" });
      button.append(...head.childNodes);
      button.addEventListener("click", () => this.sort(head, column));
      head.append(button);
    });
    this.field = Object.assign(document.createElement("input"), { type: "search" });
    this.field.addEventListener("input", () => this.filter());
    const label = document.createElement("label");
    label.append("Show rows with ", this.field);
    this.count = document.createElement("span");
    this.count.setAttribute("role", "status");
    const tools = Object.assign(document.createElement("div"), { className: "dl-report__tools" });
    tools.append(label, this.count);
    this.prepend(tools);
    this.filter();
  }

  // One way, the other way, back to the groups; numbers begin with the largest. What is empty comes last.
  sort(head, column) {
    const number = head.classList.contains("dl-number");
    const ways = number ? ["descending", "ascending", null] : ["ascending", "descending", null];
    const way = ways[(ways.indexOf(head.getAttribute("aria-sort")) + 1) % ways.length];
    this.heads.forEach((other) => other.removeAttribute("aria-sort"));
    const value = ({ line }) => line.cells[column].textContent;
    const compare = number ? (a, b) => a - b : ORDER.compare;
    const rows = [...this.rows];
    if (way) {
      const sign = way === "ascending" ? 1 : -1;
      head.setAttribute("aria-sort", way);
      rows.sort((a, b) => !value(a) - !value(b) || sign * compare(value(a), value(b)));
    }
    for (const { line, group } of rows) (way ? this.sorted : group).append(line);
    this.filter();
  }

  filter() {
    const words = this.field.value.toLowerCase().split(/\s+/);
    const shown = this.rows.filter(({ line, text }) => !(line.hidden = !words.every((word) => text.includes(word))));
    for (const group of this.groups) group.hidden = !group.querySelector("tr:nth-child(n + 2):not([hidden])");
    this.count.textContent = `${shown.length} of ${this.rows.length}`;
  }
}

customElements.get("dl-report") ?? customElements.define("dl-report", DlReport);
