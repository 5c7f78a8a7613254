// Building the page. Text goes in as text; nothing here takes HTML.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** An element with properties, data-… (dataset), aria-… attributes, and children. */
export function el(tag, { dataset = {}, ...properties } = {}, ...children) {
  const node = document.createElement(tag);
  Object.assign(node.dataset, dataset);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("aria-") || name === "role") node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** One of the page's icons; decoration only. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/**
 * Make the children of parent these items, {key, stamp, build}, in order. What has the same key and
 * stamp stays as it is: focus, opened details and what a screen reader has read stay too.
 */
export function arrange(parent, items) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let next = parent.firstElementChild;
  for (const { key, stamp = "", build } of items) {
    let node = old.get(key);
    old.delete(key);
    if (node?.dataset.stamp !== stamp) {
      const fresh = build();
      Object.assign(fresh.dataset, { key, stamp });
      if (node) {
        if (node === next) next = fresh;
        node.replaceWith(fresh);
      }
      node = fresh;
    }
    if (node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
  }
  for (const node of old.values()) node.remove();
}

/** Let change() alter what scrolls; whoever was at its end stays there. */
export function keepAtEnd(scroller, change) {
  const wasAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
  change();
  if (wasAtEnd) scroller.scrollTop = scroller.scrollHeight;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

/** The server's times are UTC, some of them without saying so. */
export const moment = (text) => new Date(/[Z+]/.test(text.slice(10)) ? text : `${text}Z`);

export const clock = (text) => CLOCK.format(moment(text));

/** Enter sends, Shift+Enter starts a new line; the field grows with its text. */
export function composer(form, send) {
  const field = form.querySelector("textarea");
  const button = form.querySelector("button");
  const adapt = () => {
    field.rows = Math.min(5, field.value.split("\n").length);
    button.disabled = !field.value.trim();
  };
  const submit = () => {
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    adapt();
    send(text);
  };
  field.addEventListener("input", adapt);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
    field.focus();
  });
  adapt();
}

const DRAFTS = "agentbot-demo-drafts";
const FORMS = ["visitor-form", "agent-form"];

/** Keep what is written and not sent, for the page that is loaded next. */
export function keepDrafts() {
  const texts = FORMS.map((id) => byId(id).querySelector("textarea").value);
  sessionStorage.setItem(DRAFTS, JSON.stringify(texts));
}

/** Put back what was kept, once. */
export function restoreDrafts() {
  const texts = JSON.parse(sessionStorage.getItem(DRAFTS) ?? "[]");
  sessionStorage.removeItem(DRAFTS);
  for (const [index, text] of texts.entries()) {
    const field = byId(FORMS[index]).querySelector("textarea");
    field.value ||= text;
    field.dispatchEvent(new Event("input"));
  }
}
