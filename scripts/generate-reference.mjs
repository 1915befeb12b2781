// Writes the generated pages of docs/reference: the error codes, the exceptions and the settings.
// Run it after a change of a catalog or of a setting: node scripts/generate-reference.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exceptionActions, exceptionCatalog } from '../src/exceptions/exception-catalog.ts';
import { errorCatalog, settings } from '../src/platform/index.ts';
import { root } from './bootstrap.mjs';

const dispositions = {
  retry: 'transient: tried again within the bound, then a dead letter',
  reject: 'the input is wrong and stays wrong',
  hold: 'waits until a person has changed something',
};

const sorted = (catalog) => Object.entries(catalog).sort(([a], [b]) => (a < b ? -1 : 1));

const errorLines = [
  '# Error codes',
  '',
  'Generated from `src/platform/error-catalog.ts`. A code is never renamed and never reused. Problems of the API carry it',
  'as `code` (RFC 9457), log lines as `err.code`, dead letters as their reason.',
  '',
  'Dispositions:',
  ...Object.entries(dispositions).map(([name, meaning]) => `- **${name}**: ${meaning}`),
  '',
  '| Code | Disposition | Meaning | What to do |',
  '|---|---|---|---|',
  ...sorted(errorCatalog).map(
    ([code, { disposition, title, fix }]) => `| \`${code}\` | ${disposition} | ${title} | ${fix} |`,
  ),
  '',
];

const roleNames = {
  operations: 'operations',
  customer_service: 'customer service',
  edi: 'EDI',
  integration: 'integration',
  finance: 'finance',
  admin: 'administration',
};

function time(minutes) {
  if (minutes % 1440 === 0) return minutes === 1440 ? '1 day' : `${minutes / 1440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? '1 hour' : `${minutes / 60} hours`;
  return `${minutes} minutes`;
}

/** The role, and the desk where it is more than the role's name. */
const owner = ({ ownerRole, desk }) => (desk === roleNames[ownerRole] ? desk : `${roleNames[ownerRole]} (${desk})`);

const exceptionLines = [
  '# Exceptions',
  '',
  'Generated from `src/exceptions/exception-catalog.ts`. An exception is something that a person has to look at: it names who owns it, what',
  'it means and what can be done about it, in the console, by `POST /v1/exceptions/{id}/actions` and on the command line alike. Most close',
  'themselves when their cause is gone. What a program is answered has [codes of its own](errors.md).',
  '',
  '| Code | Title | Owner | Severity | Time |',
  '|---|---|---|---|---|',
  ...sorted(exceptionCatalog).map(
    ([code, definition]) =>
      `| [\`${code}\`](#${code.toLowerCase()}) | ${definition.title} | ${owner(definition)} | ${definition.severity} | ${time(definition.slaMinutes)} |`,
  ),
  '',
  ...sorted(exceptionCatalog).flatMap(([code, definition]) => [
    `## ${code}`,
    '',
    `**${definition.title}**: ${definition.explanation}`,
    '',
    `- Fix: ${definition.suggestedFix}`,
    `- Actions: ${definition.allowedActions.map((action) => exceptionActions[action].title).join(' · ')}`,
    '',
  ]),
  '## What the actions do',
  '',
  '| Action | Name in the API | Effect |',
  '|---|---|---|',
  ...Object.entries(exceptionActions).map(([name, { title, effect }]) => `| ${title} | \`${name}\` | ${effect} |`),
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
writeFileSync(join(dir, 'exceptions.md'), exceptionLines.join('\n'));
writeFileSync(join(dir, 'settings.md'), settingLines.join('\n'));
