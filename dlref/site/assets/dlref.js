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
