// Writes the generated pages of docs/reference that come from the platform: the error codes and the settings.
// Run it after a change of a catalog or of a setting: node scripts/generate-reference.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCatalog, settings } from '../src/platform/index.ts';
import { root } from './bootstrap.mjs';

const dispositions = {
  retry: 'transient: tried again within the bound, then a dead letter',
  reject: 'the input is wrong and stays wrong',
  hold: 'waits until a person has changed something',
};

const errorLines = [
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

const number = (n) => n.toLocaleString('en-US');

/** What may stand in a variable. */
function allowed({ least, most, choices, fallback, protocols, lengthBytes }) {
  if (least !== undefined) return `${number(least)} to ${number(most)}`;
  if (choices !== undefined && Array.isArray(fallback)) return `some of ${choices.join(', ')}, with commas between`;
  if (choices !== undefined) return choices.join(', ');
  if (protocols !== undefined) return protocols.map((protocol) => `\`${protocol}//…\``).join(' or ');
  return lengthBytes === undefined ? 'text' : `${lengthBytes} bytes in base64 or hex`;
}

/** A value that can be typed stands as code, a description as text. */
function byDefault({ fallback }) {
  if (typeof fallback === 'number') return `\`${fallback}\``;
  if (Array.isArray(fallback)) return `\`${fallback.join(',')}\``;
  return fallback.includes(' ') ? fallback : `\`${fallback}\``;
}

const settingLines = [
  '# Settings',
  '',
  'Generated from `src/platform/config.ts`. The hub is set by environment variables, read once at its start. An empty variable counts as',
  'absent. Everything that is wrong is told at once, and the hub does not start; a variable that begins with `CROSSDOCK_` and is not in',
  'this list is warned of. `crossdock doctor` checks them without starting anything. All other configuration (partners, connections, items, users)',
  'is in the database and comes by the console, the API or `crossdock apply`.',
  '',
  '| Variable | Default | May be | What it sets |',
  '|---|---|---|---|',
  ...Object.values(settings).map(
    (setting) => `| \`${setting.variable}\` | ${byDefault(setting)} | ${allowed(setting)} | ${setting.what} |`,
  ),
  '',
  'Each process opens as many connections to the database as the two pools allow and a few more for itself: all processes together have to',
  'fit into `max_connections` of the server.',
  '',
  'Two more are read by what the hub stands on: `NODE_COMPILE_CACHE` names the folder of compiled modules where `node_modules/.cache`',
  'cannot be written ([deploying](../guides/deploying.md)), and `NO_COLOR` keeps colours out of what the command line prints.',
  '',
];

const dir = join(root, 'docs', 'reference');
mkdirSync(dir, { recursive: true });
writeFileSync(join(dir, 'errors.md'), errorLines.join('\n'));
writeFileSync(join(dir, 'settings.md'), settingLines.join('\n'));
