/**
 * Writes docs/reference/edi: one page per document type with its structure, segments, elements, codes and an example, all
 * from the definitions themselves.
 *
 *     node scripts/generate-edi-reference.ts [--check]
 *
 * With `--check` nothing is written; the exit code tells whether the pages are as they should be.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACKNOWLEDGMENT_CODES } from './edi-acknowledgment-codes.ts';
import { type Definition, definedTypes, exampleOf, lookup, type Segment, write } from '../src/edi/index.ts';

const FOLDER = join(import.meta.dirname, '../docs/reference/edi');
const BASE: Record<string, string> = { x12: '004010', edifact: 'D.96A' };

type Place = Definition['places'][number];

function occurrence(place: Place): string {
  if (place.min === place.max) return String(place.min);
  return place.max === 0x7fffffff ? `${place.min} or more` : `${place.min}–${place.max}`;
}

function structureLines(definition: Definition): string[] {
  return definition.places.slice(1).map((place) => {
    const indent = '  '.repeat(place.depth - 1);
    const name = place.name === place.id ? '' : ` \`${place.name}\``;
    const label = place.kind === 'loop' ? 'loop' : (place.segment?.label ?? '');
    return `${indent}- ${place.kind === 'loop' ? `**${place.id} loop**` : `**${place.id}**`}${name} ${label}, ${occurrence(place)}`;
  });
}

/** The structures of later directories that are not the one shown. Releases of X12 share theirs. */
function laterStructures(definition: Definition, versions: readonly string[]): string[] {
  return versions.flatMap((version) => {
    const later = lookup(definition.standard, version, definition.type);
    const lines = later === undefined ? [] : structureLines(later);
    if (lines.length === 0 || lines.join('\n') === structureLines(definition).join('\n')) return [];
    return [`## Structure in ${version}`, '', ...lines, ''];
  });
}

const TYPE_NAMES = ['text', 'code', 'whole number', 'decimal', 'date', 'time', 'binary', 'letters', 'number'];

type Use = NonNullable<Place['segment']>['uses'][number];

function useRows(use: Use, position: number): string[] {
  const at = String(position).padStart(2, '0');
  const key = use.group === undefined ? use.name : `${use.group.name}[${use.group.index}].${use.name}`;
  const need = use.required ? 'yes' : '';
  if (use.composite === undefined) {
    const { element } = use;
    if (element === undefined) return [];
    const kind = `${TYPE_NAMES[element.type]}${element.decimals > 0 ? `, ${element.decimals} implied decimals` : ''}`;
    return [
      `| ${at} | ${/^(Z\d+|0)$/.test(element.ref) ? '' : element.ref} | \`${key}\` | ${element.label} | ${kind} | ${element.min}–${element.max} | ${need} |`,
    ];
  }
  const rows = [`| ${at} | ${use.composite.ref} | \`${key}\` | ${use.composite.label} | composite | | ${need} |`];
  use.composite.components.forEach(({ element, name, required }, index) => {
    rows.push(
      `| ${at}-${index + 1} | ${element.ref} | \`${key}.${name}\` | ${element.label} | ${TYPE_NAMES[element.type]} | ${element.min}–${element.max} | ${required ? 'yes' : ''} |`,
    );
  });
  return rows;
}

/** Sets of elements beyond the second look like the second. */
function segmentTable(segment: NonNullable<Place['segment']>): string[] {
  const rows = [
    `### ${segment.id} ${segment.label}`,
    '',
    '| Position | Element | Key | Meaning | Type | Length | Mandatory |',
    '|---|---|---|---|---|---|---|',
  ];
  segment.uses.forEach((use, index) => {
    if ((use.group?.index ?? 0) < 2) rows.push(...useRows(use, index + 1));
  });
  const sets = Math.max(...segment.uses.map(({ group }) => group?.index ?? 0));
  if (sets > 1) rows.push('', `…and so on, up to ${sets + 1} sets.`);
  const rules = segment.conditions.filter(
    ({ kind, positions }) => kind !== 'P' || segment.uses[(positions[0] ?? 1) - 1]?.group === undefined,
  );
  if (rules.length > 0) {
    const list = rules.map(
      ({ kind, positions }) => `${kind}${positions.map((at) => String(at).padStart(2, '0')).join('')}`,
    );
    rows.push('', `Conditions: ${list.join(', ')}.`);
  }
  return [...rows, ''];
}

function codeTables(definition: Definition): string[] {
  const seen = new Map<string, string>();
  for (const { segment } of definition.places)
    for (const use of segment?.uses ?? [])
      for (const element of [use.element, ...(use.composite?.components.map((component) => component.element) ?? [])]) {
        if (element?.codes === undefined || seen.has(element.ref)) continue;
        const codes = [...element.codes.labels].map(([code, label]) => (label === '' ? code : `${code} ${label}`));
        const shown = codes.length > 60 ? `${codes.slice(0, 60).join(', ')}, …` : codes.join(', ');
        const kind = element.codes.closed ? 'no others are taken' : 'others are taken too';
        seen.set(element.ref, `- **${element.ref} ${element.label}** (${kind}): ${shown}`);
      }
  return [...seen.values()];
}

function exampleText(definition: Definition): string {
  const segments: Segment[] = exampleOf(definition);
  const edifact = definition.standard === 'edifact';
  const bytes = write({
    envelope: {
      standard: definition.standard,
      sender: { qualifier: edifact ? '14' : 'ZZ', id: 'SENDER' },
      receiver: { qualifier: edifact ? '14' : 'ZZ', id: 'RECEIVER' },
      usage: 'T',
      version: edifact ? 'UNOC:3' : '00401',
      control: '1',
      date: '2026-06-01',
      time: '09:00',
      lineEnding: '\n',
    },
    groups: [
      {
        functionalId: definition.functionalId,
        control: edifact ? '' : '1',
        version: definition.version,
        documents: [{ type: definition.type, control: '0001', segments }],
      },
    ],
  });
  return new TextDecoder().decode(bytes).trimEnd();
}

function page(definition: Definition, versions: readonly string[]): string {
  const segments = new Map<string, NonNullable<Place['segment']>>();
  for (const { segment } of definition.places) if (segment !== undefined) segments.set(segment.id, segment);
  const trademark =
    definition.standard === 'x12' ? 'X12 is a trademark of its owner; this is a subset in our own words.\n' : '';
  return [
    `# ${definition.type} ${definition.label}`,
    '',
    `${definition.standard === 'x12' ? `X12, functional group ${definition.functionalId}` : 'EDIFACT'}. Versions: ${versions.join(', ')}; this page shows ${definition.version}.`,
    '',
    `Provenance: ${definition.provenance}.`,
    trademark,
    `Checks beyond syntax: ${definition.checks.length === 0 ? 'none' : definition.checks.join(', ')}.`,
    '',
    '## Structure',
    '',
    'Names in code are the keys of guide JSON; without one the key is the segment id.',
    '',
    ...structureLines(definition),
    '',
    ...laterStructures(definition, versions),
    '## The smallest document',
    '',
    'Made from the definition: its values have the right form and no meaning.',
    '',
    '```',
    exampleText(definition),
    '```',
    '',
    '## Segments',
    '',
    ...[...segments.values()].flatMap(segmentTable),
    '## Codes',
    '',
    ...codeTables(definition),
    '',
  ].join('\n');
}

function acknowledgmentsPage(): string {
  const lists = ACKNOWLEDGMENT_CODES.flatMap(({ element, never, sent, title }) => [
    `## ${title} (${element})`,
    '',
    '| Code | Sent when |',
    '|---|---|',
    ...Object.entries(sent).map(([code, when]) => `| ${code} | ${when} |`),
    '',
    ...(Object.keys(never).length === 0 ? [] : ['Not sent:', '']),
    ...Object.entries(never).map(([code, reason]) => `- ${code}: ${reason}.`),
    ...(Object.keys(never).length === 0 ? [] : ['']),
  ]);
  return [
    '# Acknowledgment codes',
    '',
    'Generated from `scripts/edi-acknowledgment-codes.ts`. The fault table of the tests holds the engine to every line: each',
    'code that is sent has a fault that brings it about, each that is not has its reason here.',
    '',
    ...lists,
  ].join('\n');
}

/** Pages beside the generated ones, written by hand. */
export const HAND_WRITTEN: Readonly<Record<string, string>> = {
  'definition-format.md': 'Definitions of your own',
  'robustness.md': 'Robustness: what the long fuzzing run did',
};

/** Every page by file name. */
export function ediReferencePages(): Map<string, string> {
  const pages = new Map<string, string>();
  const index = [
    '# EDI documents',
    '',
    'Generated from the definitions by `node scripts/generate-edi-reference.ts`.',
    '',
  ];
  for (const { standard, types, versions } of definedTypes()) {
    index.push(`## ${standard === 'x12' ? 'X12' : 'EDIFACT'}`, '', `Versions: ${versions.join(', ')}.`, '');
    for (const type of [...types].sort()) {
      const definition = lookup(standard, BASE[standard] as string, type);
      if (definition === undefined) throw new Error(`${standard} ${type} has no definition`);
      const file = `${standard}-${type.toLowerCase()}.md`;
      pages.set(file, page(definition, versions));
      index.push(`- [${type} ${definition.label}](${file})`);
    }
    index.push('');
  }
  pages.set('acknowledgments.md', acknowledgmentsPage());
  index.push('## More', '', '- [Acknowledgment codes](acknowledgments.md)');
  index.push(...Object.entries(HAND_WRITTEN).map(([file, title]) => `- [${title}](${file})`), '');
  pages.set('README.md', index.join('\n'));
  return pages;
}

if (process.argv[1] === import.meta.filename) {
  const pages = ediReferencePages();
  const present = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  const stale = [
    ...present.filter((file) => !pages.has(file) && !Object.hasOwn(HAND_WRITTEN, file)),
    ...[...pages]
      .filter(([file, text]) => !present.includes(file) || readFileSync(join(FOLDER, file), 'utf8') !== text)
      .map(([file]) => file),
  ];
  if (process.argv.includes('--check')) {
    for (const file of stale) process.stderr.write(`docs/reference/edi/${file} is not as generated\n`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    mkdirSync(FOLDER, { recursive: true });
    for (const file of stale) rmSync(join(FOLDER, file), { force: true });
    for (const [file, text] of pages) writeFileSync(join(FOLDER, file), text);
    process.stdout.write(`${pages.size} pages in docs/reference/edi\n`);
  }
}
