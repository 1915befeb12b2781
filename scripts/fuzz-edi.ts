/**
 * The long fuzzing run of the EDI engine: generated documents of every type and every sample, broken by mutations that know
 * the structure (segments dropped, doubled, swapped, moved between types; elements emptied, stretched, retyped; envelopes and
 * counts changed) and by mutations of bytes. Every input is read, validated, put into all layers and acknowledged.
 *
 *     node scripts/fuzz-edi.ts [--inputs 10000000] [--from 0] [--seed 1] [--report seconds]
 *
 * With CROSSDOCK_EDI_CORPUS the files of that folder are sources too. Runs over `--from 0 --inputs N`, `--from N --inputs N`
 * … add up to one long run.
 *
 * An exception, an input that takes over a second (per megabyte, where it is longer), a polluted prototype or an acknowledgment that we would not accept
 * ourselves ends the run with the input's number: `--seed S --only N` plays that input again.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  acknowledge,
  type Definition,
  definedTypes,
  describeDocument,
  exampleOf,
  fromGuide,
  lookup,
  type Random,
  readSync,
  ResultCollector,
  toGuide,
  write,
} from '../src/edi/index.ts';

const SAMPLES = join(import.meta.dirname, '../test/samples/edi');
const CORPUS = process.env.CROSSDOCK_EDI_CORPUS;
/** The longer a source beyond this, the more rarely it is taken: else the largest file would take all the time. */
const USUAL_BYTES = 1500;
/** Stretching what was stretched before makes inputs of any length; they are cut to this, or to their source's own length. */
const INPUT_BYTES_MAX = 256_000;
/** For an input up to a megabyte; a longer one may take as much for each of its megabytes. */
const SLOW_MS = 1000;
const SUSPECT_MS = 100;

/** A small generator of its own (mulberry32), so that a seed means the same inputs on every machine. */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return below <= 1 ? 0 : ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

interface Source {
  name: string;
  text: string;
}

function generated(definition: Definition, random: Random): string {
  const edifact = definition.standard === 'edifact';
  const bytes = write({
    envelope: {
      standard: definition.standard,
      sender: { qualifier: edifact ? '14' : 'ZZ', id: 'SENDER' },
      receiver: { qualifier: edifact ? '14' : 'ZZ', id: 'RECEIVER' },
      usage: 'T',
      version: edifact
        ? definition.version === 'D.01B'
          ? 'UNOC:4'
          : 'UNOC:3'
        : `0${definition.version.slice(1, 3)}01`,
      control: '1',
      date: '2026-06-01',
      time: '09:00',
    },
    groups: [
      {
        functionalId: definition.functionalId,
        control: edifact ? '' : '1',
        version: definition.version,
        documents: [{ type: definition.type, control: '0001', segments: exampleOf(definition, random) }],
      },
    ],
  });
  return Buffer.from(bytes).toString('latin1');
}

function filesOf(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .filter((file) => /\.(edi|txt)$/i.test(file) && statSync(join(folder, file)).isFile())
    .map((file) => ({ name: file, text: readFileSync(join(folder, file), 'latin1') }));
}

/** Every sample, every file of the corpus, and three generated documents of every type in its oldest and newest version. */
function sources(random: Random): Source[] {
  const list: Source[] = [...filesOf(SAMPLES), ...(CORPUS === undefined ? [] : filesOf(CORPUS))];
  for (const { standard, types, versions } of definedTypes())
    for (const version of [versions[0], versions.at(-1)] as string[])
      for (const type of types)
        for (let copy = 0; copy < 3; copy++) {
          const definition = lookup(standard, version, type) as Definition;
          list.push({ name: `${standard} ${version} ${type}`, text: generated(definition, random) });
        }
  return list;
}

const WORDS = [
  '',
  ' ',
  '0',
  '-',
  '.',
  '1E9',
  '-0',
  '99999999999999999999',
  '20260631',
  '2460',
  'é',
  '\u0000',
  '__proto__',
];
const MARKS = ['~', '*', '>', "'", '+', ':', '?', '^', '\n', '\r\n', '\u0000', '\u00ff', '\u001d'];
const SEEDS = [
  'ISA*',
  'UNB+',
  'UNA:+.? ',
  'UNA',
  'GS*',
  'ST*850*',
  'SE*',
  'IEA*',
  'UNH+',
  'UNT+',
  'UNZ+',
  'BIN*99999999*',
  'UNO+1++999999',
  'HL*1*1*',
  'LS*N1',
];

const pick = <T>(list: readonly T[], random: Random): T => list[random(list.length)] as T;

/** Break segments and elements, knowing where they begin and end. */
function mutateStructure(text: string, all: readonly Source[], random: Random): string {
  const edifact = text.startsWith('UN');
  const [end, separator] = edifact ? ["'", '+'] : ['~', '*'];
  const segments = text.split(end);
  for (let times = 1 + random(4); times > 0; times--) {
    const at = random(segments.length);
    switch (random(10)) {
      case 0:
        segments.splice(at, 1);
        break;
      case 1:
        segments.splice(at, 0, segments[at] ?? '');
        break;
      case 2: {
        const other = random(segments.length);
        [segments[at], segments[other]] = [segments[other] ?? '', segments[at] ?? ''];
        break;
      }
      case 3:
        segments.splice(at, 0, pick(pick(all, random).text.split(random(2) === 0 ? "'" : '~'), random));
        break;
      case 4:
        segments.splice(at, 0, ...Array.from({ length: 1 + random(40) }, () => segments[at] ?? ''));
        break;
      case 5:
        segments.splice(at, 0, pick(SEEDS, random));
        break;
      default: {
        const elements = (segments[at] ?? '').split(separator);
        const place = random(elements.length);
        const value = elements[place] ?? '';
        const changes = [
          pick(WORDS, random),
          value.repeat(1 + random(12)),
          value.slice(0, random(value.length + 1)),
          value + pick(MARKS, random),
          value + separator.repeat(random(30)),
          `${value}${edifact ? ':' : '>'}${value}`,
        ];
        elements[place] = pick(changes, random);
        segments[at] = elements.join(separator);
      }
    }
  }
  return segments.join(end);
}

/** Break bytes, knowing nothing. */
function mutateBytes(text: string, random: Random): string {
  let broken = text;
  for (let times = 1 + random(6); times > 0; times--) {
    const at = random(broken.length + 1);
    const to = Math.min(broken.length, at + random(60));
    const kind = random(6);
    if (kind === 0) broken = broken.slice(0, at) + String.fromCharCode(random(256)) + broken.slice(at + 1);
    else if (kind === 1) broken = broken.slice(0, at) + broken.slice(to);
    else if (kind === 2) broken = broken.slice(0, to) + broken.slice(at);
    else if (kind === 3) broken = broken.slice(0, at) + pick(MARKS, random) + broken.slice(at);
    else if (kind === 4) broken = broken.slice(0, at) + pick(SEEDS, random) + broken.slice(at);
    else if (random(4) === 0) broken = broken.slice(0, at);
  }
  return broken;
}

const ACKNOWLEDGE = {
  controls: { interchange: '1', group: '1' },
  date: '2026-06-02',
  time: '10:00',
  ta1: 'always',
  lineEnding: '\n',
} as const;

/** Do everything with an input; returns how many documents it held. */
function survive(bytes: Uint8Array, thorough: boolean): number {
  const collector = new ResultCollector();
  let documents = 0;
  for (const event of readSync(bytes)) {
    if (event.kind === 'document') {
      documents++;
      const { definition } = event.document;
      const guide = toGuide(event.document);
      if (guide !== undefined && definition !== undefined) fromGuide(guide, definition);
      if (thorough) {
        describeDocument(event.document);
        JSON.stringify(event.document);
      }
    }
    const ended = collector.take(event);
    const made = ended === undefined ? undefined : acknowledge(ended, ACKNOWLEDGE);
    if (made === undefined || !thorough) continue;
    for (const own of readSync(made.bytes)) {
      if (own.kind !== 'document' || own.document.verdict !== 'rejected') continue;
      // CONTRL echoes references and parties that UNB or UNH may have left out; there is nothing to put in their place.
      const faults = own.document.issues.filter(
        ({ code, segmentId, severity }) =>
          severity === 'error' && !(code === 'ELEMENT_MISSING' && /^UC[IFM]$/.test(segmentId ?? '')),
      );
      if (faults.length > 0) throw new Error(`our own acknowledgment is rejected: ${JSON.stringify(faults)}`);
    }
  }
  return documents;
}

function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

function inputOf(number: number, seed: number, all: readonly Source[]): { name: string; bytes: Uint8Array } {
  const random = randomOf(Math.imul(seed, 0x9e3779b1) + number);
  let source = all[number % all.length] as Source;
  while (random(source.text.length) > USUAL_BYTES) source = pick(all, random);
  let text = source.text;
  const kind = random(3);
  if (kind !== 1) text = mutateStructure(text, all, random);
  if (kind !== 0) text = mutateBytes(text, random);
  text = text.slice(0, Math.max(INPUT_BYTES_MAX, source.text.length));
  return { name: source.name, bytes: Buffer.from(text, 'latin1') };
}

function secondTime(bytes: Uint8Array): number {
  const cpu = process.cpuUsage();
  survive(bytes, true);
  const { system, user } = process.cpuUsage(cpu);
  return (user + system) / 1000;
}

function main(): void {
  const from = option('--from', 0);
  const inputs = option('--inputs', 10_000_000);
  const seed = option('--seed', 1);
  const only = option('--only', -1);
  const everyMs = option('--report', 60) * 1000;
  const all = sources(randomOf(seed));
  const started = performance.now();
  let reported = started;
  const totals = { inputs: 0, bytes: 0, documents: 0, slowestMs: 0 };
  const line = () =>
    `${totals.inputs} inputs, ${(totals.bytes / 1e6).toFixed(0)} MB, ${totals.documents} documents, slowest ${totals.slowestMs.toFixed(0)} ms, ${((performance.now() - started) / 1000).toFixed(0)} s wall, ${(process.cpuUsage().user / 1e6).toFixed(0)} s processor, peak RSS ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`;
  process.stdout.write(`seed ${seed}, inputs from ${from}, ${all.length} sources\n`);
  for (let number = only < 0 ? from : only; number < (only < 0 ? from + inputs : only + 1); number++) {
    const { bytes, name } = inputOf(number, seed, all);
    const before = performance.now();
    try {
      totals.documents += survive(bytes, number % 8 === 0 || only >= 0);
      let spentMs = performance.now() - before;
      // The machine's other work may have been what took the time: only an input that is slow again is slow.
      if (spentMs > SUSPECT_MS) spentMs = Math.min(spentMs, secondTime(bytes));
      if (spentMs > SLOW_MS * Math.max(1, bytes.length / 1e6)) throw new Error(`took ${spentMs.toFixed(0)} ms`);
      totals.slowestMs = Math.max(totals.slowestMs, spentMs);
      if (({} as Record<string, unknown>).polluted !== undefined || Object.keys(Object.prototype).length > 0)
        throw new Error('a prototype was polluted');
    } catch (cause) {
      writeFileSync(`fuzz-edi-${seed}-${number}.edi`, bytes);
      process.stdout.write(
        `${line()}\nseed ${seed}, input ${number} (${name}): ${cause instanceof Error ? cause.stack : String(cause)}\n`,
      );
      process.exitCode = 1;
      return;
    }
    totals.inputs++;
    totals.bytes += bytes.length;
    if (performance.now() - reported > everyMs) {
      reported = performance.now();
      process.stdout.write(`${line()}\n`);
    }
  }
  process.stdout.write(`done: ${line()}\n`);
}

main();
