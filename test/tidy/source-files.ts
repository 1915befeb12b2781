import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const skippedFolders = new Set(['node_modules', 'data', 'dist', '.git', 'coverage', 'tmp']);

/** Paths below `folder` of the repository, `/`-separated and relative to its root. */
export function listFiles(folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return skippedFolders.has(entry.name) ? [] : listFiles(path);
    return entry.isFile() ? [path] : [];
  });
}

export const readText = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Folders that hold our code. */
export const codeFolders = ['src', 'lab', 'console', 'test', 'bench', 'scripts'];

/** Everything with statements in it. */
export function listCode(): string[] {
  return listFiles().filter(
    (path) => codeFolders.some((folder) => path.startsWith(`${folder}/`)) && /\.(ts|tsx|mjs|js)$/.test(path),
  );
}

export const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path);

/**
 * Definitions and other data: long because the world is. Everything else has to stay short.
 * A pattern here wants a reason beside it.
 */
const dataFiles: readonly RegExp[] = [
  // One document or segment table of a standard per file.
  /^src\/edi\/(x12|edifact)\//,
  // Lists of codes with their meanings.
  /-catalog\.ts$/,
  // Seeded companies and other example data.
  /^(lab|src)\/(.+\/)?(ridgeline|demo-data)[^/]*\.ts$/,
  // Hand-written tables of inputs and expected outputs.
  /-(cases|samples|faults)\.ts$/,
];

export const isData = (path: string): boolean => dataFiles.some((pattern) => pattern.test(path));
