// Writes the generated pages of docs/reference that come from the platform: the error codes.
// Run it after a change of a catalog: node scripts/generate-reference.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCatalog } from '../src/platform/index.ts';
import { root } from './bootstrap.mjs';

const dispositions = {
  retry: 'transient: tried again within the bound, then a dead letter',
  reject: 'the input is wrong and stays wrong',
  hold: 'waits until a person has changed something',
};

const lines = [
  '# Error codes',
  '',
  'Generated from `src/platform/error-catalog.ts`. A code is never renamed and never reused. Problems of the API carry it',
  'as `code` (RFC 9457), log lines as `err.code`, dead letters as their reason.',
  '',
  'Dispositions:',
  ...Object.entries(dispositions).map(([name, meaning]) => `- **${name}**: ${meaning}`),
  '',
  '| Code | Disposition | Meaning |',
  '|---|---|---|',
  ...Object.keys(errorCatalog)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((code) => `| \`${code}\` | ${errorCatalog[code].disposition} | ${errorCatalog[code].title} |`),
  '',
];

const dir = join(root, 'docs', 'reference');
mkdirSync(dir, { recursive: true });
writeFileSync(join(dir, 'errors.md'), lines.join('\n'));
