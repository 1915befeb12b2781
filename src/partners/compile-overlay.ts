import { type ErrorDetail, HubError } from '../platform/index.ts';
import type { Static } from 'typebox';
import type { OverlayCall, OverlayCondition, OverlayRow } from './overlay.ts';
import { overlayFunctions } from './overlay-functions.ts';
import { type Path, parsePath, readPath, removePath, writePath } from './overlay-path.ts';

export type OverlayLookup = (type: string, external: string) => string | undefined;

/** Applies an overlay: a changed copy of `target`. Never throws on data; a row that finds nothing does nothing. */
export type CompiledOverlay = (target: unknown, source: unknown, lookup: OverlayLookup) => unknown;

interface Scope {
  source: unknown;
  target: unknown;
  /** What `@` stands for on either side, inside a row with `each`. */
  sourceElement: unknown;
  targetElement: unknown;
  lookup: OverlayLookup;
}

/** Elements an `each` may run over; a longer array is a runaway document, not an order. */
const elementsMax = 10_000;
/** Longest text a row may produce. */
const textMax = 2_000;

/**
 * Turns rows into closures once, so that a document pays for no parsing. Everything a row can do ends: paths are finite,
 * functions linear in their input, arrays bounded.
 * @throws HubError VALIDATION_FAILED with a pointer per row that cannot work
 */
export function compileOverlay(rows: readonly OverlayRow[]): CompiledOverlay {
  const errors = overlayProblems(rows);
  if (errors.length > 0)
    throw new HubError('VALIDATION_FAILED', { message: 'The overlay has rows that cannot work', errors });
  const compiled = rows.map(compileRow);
  return (target, source, lookup) => {
    const result = structuredClone(target);
    for (const apply of compiled) apply(result, source, lookup);
    return result;
  };
}

/** What is wrong with rows, each with the place of the row. */
export function overlayProblems(rows: readonly OverlayRow[]): ErrorDetail[] {
  return rows.flatMap((row, index) => {
    const message = problemOf(row);
    return message === undefined ? [] : [{ pointer: `/rows/${index}`, code: 'OVERLAY_ROW', message }];
  });
}

function problemOf(row: OverlayRow): string | undefined {
  const origins = [row.path, row.constant, row.template, row.remove].filter((origin) => origin !== undefined).length;
  if (origins !== 1) return 'A row has exactly one of path, constant, template and remove';
  if (row.eachSource !== undefined && row.each === undefined) return 'eachSource needs each';
  const paths = [row.target, row.path, row.each, row.eachSource, ...(row.when ?? []).map((c) => c.path)];
  const relative = (path: string | undefined): boolean => path?.startsWith('@') === true;
  if (row.each === undefined && paths.some(relative)) return '@ needs each';
  if (relative(row.each) || relative(row.eachSource)) return 'each starts at the top';
  for (const path of [...paths, ...templatePaths(row.template)]) {
    if (path !== undefined && parsePath(path) === undefined) return `${path} is not a path`;
  }
  if (row.target === '@' && row.remove !== true) return 'An element can be removed, not replaced';
  for (const call of row.apply ?? []) {
    const wrong = overlayFunctions[call.fn].check(call.args ?? []);
    if (wrong !== undefined) return `${call.fn}: ${wrong}`;
  }
  return undefined;
}

function compileRow(row: OverlayRow): (target: unknown, source: unknown, lookup: OverlayLookup) => void {
  const run = compileStep(row);
  if (row.each === undefined) {
    return (target, source, lookup) =>
      void run({ source, target, sourceElement: undefined, targetElement: undefined, lookup });
  }
  const each = parsePath(row.each) as Path;
  const eachSource = row.eachSource === undefined ? undefined : (parsePath(row.eachSource) as Path);
  return (target, source, lookup) => {
    const elements = readPath(target, each);
    if (!Array.isArray(elements)) return;
    const sources = eachSource === undefined ? [] : readPath(source, eachSource);
    const kept: unknown[] = [];
    for (const [index, targetElement] of elements.entries()) {
      if (index >= elementsMax) {
        kept.push(targetElement);
        continue;
      }
      const sourceElement = Array.isArray(sources) ? sources[index] : undefined;
      const removed = run({ source, target, sourceElement, targetElement, lookup });
      if (!removed) kept.push(targetElement);
    }
    elements.splice(0, elements.length, ...kept);
  };
}

/** @returns a function that says whether the current element is to be removed */
function compileStep(row: OverlayRow): (scope: Scope) => boolean {
  const conditions = (row.when ?? []).map(compileCondition);
  const read = compileOrigin(row);
  const calls = (row.apply ?? []).map(compileCall);
  const relative = row.target.startsWith('@');
  const path = parsePath(row.target) as Path;
  const table = row.crossReference;
  return (scope) => {
    if (!conditions.every((holds) => holds(scope))) return false;
    const root = relative ? scope.targetElement : scope.target;
    if (row.remove === true) {
      if (path.length === 0) return true;
      removePath(root, path);
      return false;
    }
    let value = read(scope);
    if (table !== undefined) {
      const external = scalarText(value);
      value = external === undefined ? undefined : scope.lookup('value', `${table}:${external}`);
    }
    for (const call of calls) value = call(value);
    if (value === undefined || (typeof value === 'string' && value.length > textMax)) return false;
    writePath(root, path, value);
    return false;
  };
}

function compileOrigin(row: OverlayRow): (scope: Scope) => unknown {
  if (row.constant !== undefined) return () => row.constant;
  if (row.template !== undefined) return compileTemplate(row.template);
  if (row.path === undefined) return () => undefined;
  const read = compileRead(row.path, row.from ?? 'source');
  return (scope) => {
    const value = read(scope);
    // Objects and arrays are copied, so that a later row cannot change the source.
    return typeof value === 'object' && value !== null ? structuredClone(value) : value;
  };
}

function compileRead(text: string, from: 'source' | 'target'): (scope: Scope) => unknown {
  const path = parsePath(text) as Path;
  const relative = text.startsWith('@');
  return (scope) => {
    const element = from === 'source' ? scope.sourceElement : scope.targetElement;
    return readPath(relative ? element : scope[from], path);
  };
}

const insert = /\{([^{}]*)\}/g;

function templatePaths(template: string | undefined): string[] {
  return template === undefined ? [] : [...template.matchAll(insert)].map((match) => match[1] as string);
}

function compileTemplate(template: string): (scope: Scope) => string | undefined {
  const parts = template.split(insert).map((part, index) => (index % 2 === 0 ? part : compileRead(part, 'source')));
  return (scope) => {
    let text = '';
    for (const part of parts) {
      const piece = typeof part === 'string' ? part : scalarText(part(scope));
      // An insert without a value leaves the whole row undone, rather than half a text.
      if (piece === undefined) return undefined;
      text += piece;
    }
    return text.length > textMax ? undefined : text;
  };
}

function compileCondition(condition: Static<typeof OverlayCondition>): (scope: Scope) => boolean {
  const read = compileRead(condition.path, 'source');
  const values = condition.values ?? [];
  const first = values[0] ?? '';
  const compare: Record<typeof condition.is, (text: string | undefined) => boolean> = {
    present: (text) => text !== undefined && text !== '',
    absent: (text) => text === undefined || text === '',
    equals: (text) => text === first,
    notEquals: (text) => text !== first,
    in: (text) => text !== undefined && values.includes(text),
    startsWith: (text) => text?.startsWith(first) === true,
  };
  const holds = compare[condition.is];
  return (scope) => {
    const value = read(scope);
    return holds(typeof value === 'object' && value !== null ? '{}' : scalarText(value));
  };
}

function compileCall(call: Static<typeof OverlayCall>): (value: unknown) => unknown {
  const { run } = overlayFunctions[call.fn];
  const args = call.args ?? [];
  return (value) => run(value, args);
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
