/** Paths of overlays: own properties of plain objects and elements of arrays, nothing else. */
export type Path = readonly string[];

const pattern = /^(@|(@\.)?[A-Za-z0-9_]+(\.[A-Za-z0-9_]+){0,15})$/;
/** Names through which a prototype could be reached or changed. */
const forbidden = new Set(['__proto__', 'prototype', 'constructor']);
/** An index beyond this would make a sparse giant of an array. */
const indexMax = 9_999;

/** @returns the names, without the leading `@`; undefined when it is not a path */
export function parsePath(text: string): Path | undefined {
  if (text.length > 200 || !pattern.test(text)) return undefined;
  const bare = text.startsWith('@') ? text.slice(2) : text;
  const names = bare === '' ? [] : bare.split('.');
  return names.some((name) => forbidden.has(name)) ? undefined : names;
}

export function readPath(root: unknown, path: Path): unknown {
  let value = root;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** Sets a value, making objects on the way; does nothing where the way leads through a scalar or far beyond an array. */
export function writePath(root: unknown, path: Path, value: unknown): void {
  let at = root;
  for (const [depth, name] of path.entries()) {
    if (typeof at !== 'object' || at === null) return;
    if (Array.isArray(at) && !(/^\d{1,4}$/.test(name) && Number(name) <= Math.min(at.length, indexMax))) return;
    const container = at as Record<string, unknown>;
    if (depth === path.length - 1) {
      container[name] = value;
      return;
    }
    if (!Object.hasOwn(container, name)) container[name] = {};
    at = container[name];
  }
}

export function removePath(root: unknown, path: Path): void {
  const container = readPath(root, path.slice(0, -1));
  const name = path.at(-1);
  if (typeof container !== 'object' || container === null || name === undefined) return;
  if (Array.isArray(container)) {
    if (/^\d{1,4}$/.test(name) && Number(name) < container.length) container.splice(Number(name), 1);
    return;
  }
  delete (container as Record<string, unknown>)[name];
}
