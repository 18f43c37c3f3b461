// Elements from descriptions, and the least change that makes one tree into another.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    // The content security policy forbids style attributes; custom properties are set one by one.
    if (name === "vars") for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** An HTML element; `vars` holds custom properties; children may be nested, and null and false are left out. */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element, as `h`. */
export function s(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Makes `container` hold `children`, keeping the elements that are alike: with them focus, scroll and open details. */
export function patch(container, ...children) {
  const fresh = container.cloneNode(false);
  fill(fresh, null, children);
  patchChildren(container, fresh);
}

function patchChildren(old, fresh) {
  const wanted = [...fresh.childNodes];
  wanted.forEach((node, index) => {
    const present = old.childNodes[index];
    if (!present) old.append(node);
    else if (isAlike(present, node)) patchNode(present, node);
    else old.replaceChild(node, present);
  });
  while (old.childNodes.length > wanted.length) old.lastChild.remove();
}

/** Whether one can become the other: same kind, and same `data-key` if they have one. */
function isAlike(old, fresh) {
  if (old.nodeName !== fresh.nodeName) return false;
  return old.nodeType !== Node.ELEMENT_NODE || old.dataset?.key === fresh.dataset?.key;
}

function patchNode(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  for (const { name, value } of fresh.attributes) {
    if (name !== "style" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    // `open` is the reader's, `style` is compared below.
    if (name !== "style" && name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  if (old.style && old.style.cssText !== fresh.style.cssText) old.style.cssText = fresh.style.cssText;
  patchChildren(old, fresh);
}

/** The element of the page with an id. */
export function byId(id) {
  return document.getElementById(id);
}
