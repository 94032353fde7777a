// The only place where elements are made. Values become text nodes and attributes, never markup.

const SVG = "http://www.w3.org/2000/svg";

// What the mouse holds down. It stays where it is until it is let go: who clicks what is replaced meanwhile clicks
// nothing. The feed's next answer catches up.
let pressed = null;
addEventListener("pointerdown", ({ button, target }) => (pressed = button ? null : target), true);
addEventListener("pointerup", () => (pressed = null), true);
addEventListener("pointercancel", () => (pressed = null), true);

/** Make an element; `properties` are attributes, handlers of events if functions, and left out if null. */
export function element(name, properties = {}, ...children) {
  return furnish(document.createElement(name), properties, children);
}

/** The same for SVG. */
export function graphic(name, properties = {}, ...children) {
  return furnish(document.createElementNS(SVG, name), properties, children);
}

function furnish(made, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") {
      made.addEventListener(name, value);
    } else if (value !== null) {
      made.setAttribute(name, value);
    }
  }
  made.append(...children.flat().filter((child) => child !== null));
  return made;
}

/** Replace what an element shows, unless it shows the same already. */
export function show(parent, ...children) {
  const fresh = element("div", {}, ...children);
  const markup = fresh.innerHTML;
  if (markup !== parent.shown && !parent.contains(pressed)) {
    parent.shown = markup;
    swap(parent, fresh, () => parent.replaceChildren(...fresh.childNodes));
  }
}

/** Keep the children of an element equal to a list of items: each is made once, and again when its item is replaced. */
export function keep(parent, items, key, make) {
  if (parent.contains(pressed)) {
    return;
  }
  const known = parent.known ?? new Map();
  const next = new Map();
  let place = parent.firstChild;
  for (const item of items) {
    const old = known.get(key(item));
    const entry = old?.item === item ? old : { item, node: make(item) };
    next.set(key(item), entry);
    known.delete(key(item));
    if (old && entry !== old) {
      place = place === old.node ? entry.node : place;
      swap(old.node, entry.node, () => old.node.replaceWith(entry.node));
    }
    if (entry.node === place) {
      place = place.nextSibling;
    } else {
      parent.insertBefore(entry.node, place);
    }
  }
  for (const { node } of known.values()) {
    node.remove();
  }
  parent.known = next;
}

/** Change the page so that what has the focus keeps it, and what is open stays open. */
function swap(old, fresh, change) {
  const focused = old.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const open = new Set([...old.querySelectorAll("details[open]")].map((details) => details.dataset.name));
  const keyed = [...fresh.querySelectorAll("[data-key]")];
  for (const details of fresh.querySelectorAll("details")) {
    details.open = open.has(details.dataset.name);
  }
  change();
  if (focused !== undefined) {
    keyed.find((known) => known.dataset.key === focused)?.focus();
  }
}
