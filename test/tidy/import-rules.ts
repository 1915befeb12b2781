import { posix } from 'node:path';
import { parseSync } from 'vite';

export interface Import {
  readonly from: string;
  /** A path of the repository, or the name of a package. */
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Rows from the top: a room imports only rows below its own. */
export const rows: readonly (readonly string[])[] = [
  ['main'],
  ['cli'],
  ['app'],
  ['api'],
  ['flows', 'operations'],
  ['orders', 'fulfillment', 'inventory', 'purchasing', 'returns', 'invoicing', 'exchange'],
  ['exceptions'],
  ['events', 'partners', 'catalog', 'parties', 'maps', 'connectors', 'doors'],
  ['queue', 'security', 'edi', 'model'],
  ['platform'],
];

const businessRooms = new Set(['orders', 'fulfillment', 'inventory', 'purchasing', 'returns', 'invoicing']);
const trafficRooms = new Set(['exchange', 'edi', 'maps', 'doors', 'connectors']);
/** Rooms that may import only these other rooms. */
const closedRooms: Readonly<Record<string, readonly string[]>> = {
  edi: [],
  maps: ['edi', 'model'],
  model: ['platform'],
};

/** What lies directly in src/ is the room `main`. */
export function roomOf(path: string): string | undefined {
  const match = /^src\/(?:([^/]+)\/)?[^/]+/.exec(path);
  return match === null ? undefined : (/^src\/([^/]+)\//.exec(path)?.[1] ?? 'main');
}

const rowOf = (room: string): number => rows.findIndex((row) => row.includes(room));

/** All imports of a module: static, type, re-exported, dynamic, and `import('…')` in types. */
export function readImports(path: string, text: string): Import[] {
  const parsed = parseSync(path, text);
  if (parsed.errors.length > 0) throw new Error(`${path} does not parse: ${parsed.errors[0]?.message}`);
  const imports: Import[] = [];
  const add = (specifier: string, typeOnly: boolean): void => {
    const to = specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), specifier)) : specifier;
    imports.push({ from: path, to, typeOnly });
  };
  walk(parsed.program, (node) => {
    const source = (node['source'] ?? node['argument']) as { type?: string; value?: unknown } | null | undefined;
    if (!importingTypes.has(String(node['type'])) || typeof source?.value !== 'string') return;
    const typeOnly = node['importKind'] === 'type' || node['exportKind'] === 'type' || node['type'] === 'TSImportType';
    add(source.value, typeOnly);
  });
  return imports;
}

const importingTypes = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

function walk(node: unknown, visit: (node: Record<string, unknown>) => void): void {
  if (Array.isArray(node)) for (const each of node) walk(each, visit);
  else if (typeof node === 'object' && node !== null) {
    const object = node as Record<string, unknown>;
    if (typeof object['type'] === 'string') visit(object);
    for (const child of Object.values(object)) walk(child, visit);
  }
}

/** Why this import is not allowed, in words for the person who wrote it; undefined when it is fine. */
export function judgeImport(item: Import): string | undefined {
  const { from, to } = item;
  if (to.startsWith('/') || to.startsWith('file:')) return 'names an absolute path';
  if (from.startsWith('console/')) return judgeConsole(item);
  const room = roomOf(from);
  // lab, test, bench and scripts may import anything.
  if (room === undefined) return undefined;
  if (!isOurPath(to)) return judgePackage(room, to);
  if (/^(lab|test|bench|scripts|console)\//.test(to)) return `src never imports ${to.split('/')[0]}`;
  const target = roomOf(to);
  if (target === undefined) return judgeOutside(to);
  if (target === room) return undefined;
  return judgeRooms(room, target) ?? judgeDoor(target, to);
}

function isOurPath(to: string): boolean {
  return /^(src|lab|test|bench|scripts|console|migrations|docs|bin)\//.test(to) || to === 'package.json';
}

function judgeOutside(to: string): string | undefined {
  return to === 'package.json' ? undefined : `imports ${to}, which is no code of a room`;
}

function judgePackage(room: string, to: string): string | undefined {
  if (to.startsWith('..')) return 'leads out of the repository';
  if (room === 'edi' && !to.startsWith('node:')) return 'edi imports nothing';
  const isFastify = to === 'fastify' || to.startsWith('@fastify/');
  // HTTP doors hand Fastify plugins to the api.
  if (isFastify && !['api', 'doors', 'app'].includes(room)) return 'Fastify belongs to api';
  if (to === 'pg' && room !== 'platform') return 'the database driver belongs to platform';
  return undefined;
}

function judgeRooms(room: string, target: string): string | undefined {
  const [row, targetRow] = [rowOf(room), rowOf(target)];
  if (row < 0) return `${room} has no row in the table of rooms`;
  if (targetRow < 0) return `${target} has no row in the table of rooms`;
  const allowed = closedRooms[room];
  if (allowed !== undefined && !allowed.includes(target)) {
    return allowed.length === 0 ? `${room} imports nothing` : `${room} imports only ${allowed.join(' and ')}`;
  }
  if (businessRooms.has(room) && trafficRooms.has(target)) {
    return `business and traffic meet in flows alone: ${room} may not import ${target}`;
  }
  if (targetRow < row) return `imports point down: ${target} stands above ${room}`;
  if (targetRow === row) return `${target} is a neighbour of ${room} in its row`;
  return undefined;
}

function judgeDoor(target: string, to: string): string | undefined {
  if (target === 'main' || to === `src/${target}/index.ts`) return undefined;
  return `the room ${target} is entered through its index.ts`;
}

function judgeConsole({ to, typeOnly }: Import): string | undefined {
  if (!isOurPath(to) || to.startsWith('console/')) return undefined;
  if (to !== 'src/api/contract.ts') return 'the console knows the hub by src/api/contract.ts alone';
  return typeOnly ? undefined : 'the console takes only types from the contract; catalogs come by the API';
}
