import { parseSync } from 'vite';

export interface MeasuredFunction {
  readonly name: string;
  readonly line: number;
  /** Lines of its own: those of functions inside it count for these, except the line on which one begins. */
  readonly ownLines: number;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

interface Open {
  readonly name: string;
  readonly first: number;
  ownLines: number;
}

const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
// Their callbacks are chapters of a file rather than functions.
const chapterCallees = new Set(['describe', 'suite']);

/** Every function of a TypeScript file with its own length. @throws when the file does not parse. */
export function measureFunctions(path: string, text: string): MeasuredFunction[] {
  const parsed = parseSync(path, text);
  if (parsed.errors.length > 0) throw new Error(`${path} does not parse: ${parsed.errors[0]?.message}`);
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  const lineOf = (offset: number): number => {
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };

  const measured: MeasuredFunction[] = [];
  const visit = (node: Node, name: string, outer: Open | undefined): void => {
    let inner = outer;
    if (functionTypes.has(node.type)) {
      const [first, last] = [lineOf(node.start), lineOf(node.end)];
      // The first line belongs to whoever surrounds it, the rest is taken off the surrounding function.
      if (outer !== undefined) outer.ownLines -= last - first;
      inner = { name, first, ownLines: last - first + 1 };
    }
    for (const [key, child] of Object.entries(node)) {
      for (const each of Array.isArray(child) ? child : [child]) {
        if (isNode(each)) visit(each, nameFor(node, key, each, name), inner);
      }
    }
    if (inner !== undefined && inner !== outer && !name.startsWith('chapter ')) {
      measured.push({ name: inner.name, line: inner.first, ownLines: inner.ownLines });
    }
  };
  visit(parsed.program as unknown as Node, 'module', undefined);
  return measured;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** What a reader would call the function: the name it is declared, assigned or keyed under. */
function nameFor(parent: Node, key: string, child: Node, inherited: string): string {
  const own = (child['id'] as { name?: string } | null | undefined)?.name;
  if (own !== undefined) return own;
  if (key === 'arguments' && chapterCallees.has(calleeOf(parent))) return `chapter ${calleeOf(parent)}`;
  const holder = (parent['id'] ?? parent['key']) as { name?: string } | null | undefined;
  if ((key === 'init' || key === 'value') && holder?.name !== undefined) return holder.name;
  return inherited.startsWith('chapter ') ? 'a function' : inherited;
}

/** `describe`, also for describe.each(…)(…) and describe.skip(…). */
function calleeOf(call: Node): string {
  let callee = call['callee'] as Node | undefined;
  while (callee !== undefined && callee.type !== 'Identifier') {
    callee = (callee['object'] ?? callee['callee'] ?? callee['tag']) as Node | undefined;
  }
  const name = callee?.['name'];
  return typeof name === 'string' ? name : '';
}
