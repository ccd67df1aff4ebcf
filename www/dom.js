// Creates and updates elements. Text is only inserted as text nodes; no function accepts markup.

/** An HTML element: properties starting with `on` are listeners, the rest are attributes. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

/** The element inside `root` that has `data-part="name"`. */
export function part(root, name) {
  return root.querySelector(`[data-part="${name}"]`);
}

/** Sets an element's text, and touches the document only if it differs. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets or removes an attribute, and touches the document only if it differs. */
export function setAttribute(element, name, value) {
  if (value == null || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/** Sends a request of the user up to `app.js`. Widgets never change the state themselves. */
export function ask(element, type, detail = {}) {
  element.dispatchEvent(new CustomEvent("ask", { bubbles: true, detail: { type, ...detail } }));
}
