// How the page makes and finds its elements. Texts are only ever set as texts, never read as HTML.

type Tags = HTMLElementTagNameMap;

/** A new element; `attributes` without a value are left out. */
export function create<Tag extends keyof Tags>(
  tag: Tag,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: readonly (Node | string)[]
): Tags[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** An element of the page's own text, which must be there. */
export function find<Tag extends keyof Tags>(tag: Tag, id: string): Tags[Tag] {
  const element = document.querySelector<Tags[Tag]>(`${tag}#${id}`);
  if (element === null) throw new Error(`Expected <${tag} id="${id}"> in the page.`);
  return element;
}

/** Sets a text only where it is another one: a selection in it survives. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes these the children of a list. One that is there already and in its place is never taken out: it keeps
 * its focus, and a press of the mouse on it stays a click.
 */
export function place(list: HTMLElement, children: readonly HTMLElement[]): void {
  const kept = new Set<Element>(children);
  for (const child of [...list.children]) if (!kept.has(child)) child.remove();
  children.forEach((child, index) => {
    const there = list.children[index] ?? null;
    if (there !== child) list.insertBefore(child, there);
  });
}

export function formatJson(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value, null, 2);
}

export function formatTime(atMs: number): string {
  const at = new Date(atMs);
  const two = (part: number): string => String(part).padStart(2, '0');
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
  return `${clock}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
