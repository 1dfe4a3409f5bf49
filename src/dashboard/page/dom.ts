/** Elements, made and found. All text goes in as text: what others called their files is never read as markup. */

/** The element of the page with this id. It is there, or the page is broken. */
export function byId(id: string): HTMLElement {
  return found(id, HTMLElement)
}

/** The same, of a certain kind. */
export function found<E extends Element>(id: string, kind: new () => E): E {
  const element = document.getElementById(id)
  if (!(element instanceof kind)) {
    throw new Error(`the page has no ${id}`)
  }
  return element
}

/** A new element with attributes and children; strings become text. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: ReadonlyArray<Node | string>
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), attributes, children)
}

/** The same for pictures. */
export function makeSvg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: ReadonlyArray<Node | string>
): SVGElementTagNameMap[Tag] {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children)
}

function filled<E extends Element>(
  element: E,
  attributes: Readonly<Record<string, string>>,
  children: ReadonlyArray<Node | string>
): E {
  setAttributes(element, attributes)
  element.append(...children)
  return element
}

export function setAttributes(element: Element, attributes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== value) {
      element.setAttribute(name, value)
    }
  }
}

/** Leaves the element alone where it says so already, so that nothing is laid out or read out for nothing. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text
  }
}

/** The same of the element with this id. */
export function say(id: string, text: string): void {
  setText(byId(id), text)
}

/** Puts the children in this order, and takes others out; those in their places stay. */
export function arrange(parent: Element, children: readonly Element[]): void {
  for (const [index, child] of children.entries()) {
    const there = parent.children[index]
    if (there !== child) {
      parent.insertBefore(child, there ?? null)
    }
  }
  while (parent.children.length > children.length) {
    parent.lastElementChild?.remove()
  }
}

/** Has as many children as there are texts, each with its text. */
export function sayEach(parent: Element, tag: 'li' | 'span' | 'td', texts: readonly string[]): void {
  const children = texts.map((text, index) => {
    const child = parent.children[index] ?? make(tag)
    setText(child, text)
    return child
  })
  arrange(parent, children)
}
