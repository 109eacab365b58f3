// <dl-copy data-what="code|output">: a button that copies a snippet's code, or the output that it stands in.
// A custom element, so that it works wherever and whenever it enters a page; without scripts there is no button.

const NAMES = { code: "Copy the code", output: "Copy the output" };

function text(element) {
  if (element.dataset.what === "output") {
    return element.closest(".dl-snippet__output").querySelector("samp").textContent;
  }
  const snippet = element.closest(".dl-snippet");
  return snippet.dataset.copy ?? snippet.querySelector(".dl-snippet__code code").textContent;
}

async function copy(content) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(content);
    return;
  }
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
    if (this.firstChild) return;
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
    button.setAttribute("aria-label", NAMES[this.dataset.what]);
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
    this.append(button, status);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.replaceChildren();
  }
}

customElements.get("dl-copy") ?? customElements.define("dl-copy", DlCopy);
