/**
 * EDI: reading with full validation, against node-x12, the `edifact` package and a bare scan of the same bytes.
 * Every side runs in a process of its own over the same generated files (850s and ORDERS of 50 lines), in turn, so that
 * the machine's other work hits all alike; the median of the rounds counts. Each process reads the file twice: cold, as a
 * command line does (modules loaded, nothing compiled), and warm, as a hub does that has been up for a second. Mapping to
 * guide JSON is reported apart.
 *
 *     node bench/edi.ts [--json] [--rounds 3] [--large 100]
 *     node bench/edi.ts --huge 1000      one file of that many megabytes, from disk and from a socket: memory above the base
 */
import { execFileSync, spawn } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { read, toGuide } from '../src/edi/index.ts';
import { median } from './bench-row.ts';
import { generateEdiFile } from './edi-files.ts';

/** Node's own default for file streams; larger ones cost every side fresh pages per chunk. */
const CHUNK_BYTES = 1 << 16;
/** Loading modules leaves compilation behind that runs on beside; it is no side's reading. */
const SETTLE_MS = 300;

/** Megabytes (10⁶) per second, medians of the rounds. */
interface Speed {
  /** By wall clock. */
  perSecond: number;
  /** By processor time, which other work on the machine distorts less. */
  perCpuSecond: number;
}

export interface EdiBenchRow {
  side: string;
  file: string;
  megabytes: number;
  cold: Speed;
  warm: Speed;
  peakRssMegabytes: number;
  /** Peak over what the process held before it began to read. */
  aboveBaseMegabytes: number;
  documents: number;
}

export interface EdiBenchRatio {
  name: string;
  value: number;
  /** The least (or, with `atMost`, the most) that it must be. */
  gate?: number;
  atMost?: boolean;
  ambitious?: number;
}

export interface EdiBenchResult {
  rows: EdiBenchRow[];
  /** Same-run ratios, ours over the other's, by processor time unless the name says otherwise. */
  ratios: EdiBenchRatio[];
}

interface Timed {
  seconds: number;
  cpuSeconds: number;
  documents: number;
}

/** One side's figures, as its process prints them. */
interface Measured {
  cold: Timed;
  warm: Timed;
  baseRssMegabytes: number;
  rssMegabytes: number;
}

const chunks = (path: string) => createReadStream(path, { highWaterMark: CHUNK_BYTES });

async function ours(source: AsyncIterable<Uint8Array>, map: boolean, pauseMs = 0): Promise<number> {
  let documents = 0;
  for await (const event of read(source, { keepDocuments: map })) {
    if (event.kind !== 'document') continue;
    if (pauseMs > 0 && documents % 500 === 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (event.document.verdict !== 'accepted') throw new Error(`document ${event.document.control} was not accepted`);
    if (map && toGuide(event.document) === undefined) throw new Error('no guide');
    documents++;
  }
  return documents;
}

/** Sends a file to whoever connects, as fast as the connection takes it. */
const SENDER = `
  const { createServer } = require('node:net');
  const { createReadStream } = require('node:fs');
  const server = createServer((socket) => createReadStream(process.argv[1]).pipe(socket));
  server.listen(0, '127.0.0.1', () => process.stdout.write(String(server.address().port)));`;

async function fromSocket(path: string, pauseMs: number): Promise<number> {
  const sender = spawn(process.execPath, ['-e', SENDER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const port = await new Promise<number>((resolve, reject) => {
      sender.once('error', reject);
      sender.stdout.once('data', (text) => resolve(Number(text)));
    });
    return await ours(connect(port, '127.0.0.1'), false, pauseMs);
  } finally {
    sender.kill();
  }
}

async function bareScan(path: string): Promise<number> {
  let terminators = 0;
  for await (const chunk of chunks(path) as AsyncIterable<Uint8Array>)
    for (let i = 0; i < chunk.length; i++) if (chunk[i] === 0x7e || chunk[i] === 0x27) terminators++;
  return terminators;
}

const require = createRequire(import.meta.url);

async function nodeX12Stream(path: string): Promise<number> {
  const { X12Parser } = require('node-x12');
  let segments = 0;
  for await (const _segment of createReadStream(path, { encoding: 'utf8', highWaterMark: CHUNK_BYTES }).pipe(
    new X12Parser(),
  ))
    segments++;
  return segments;
}

async function nodeX12Parse(path: string): Promise<number> {
  const { X12Parser } = require('node-x12');
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks(path) as AsyncIterable<Uint8Array>) parts.push(chunk);
  const interchange = new X12Parser().parse(Buffer.concat(parts).toString('utf8'));
  return interchange.functionalGroups[0].transactions.length;
}

/**
 * The package's own recipe (its README): segments as objects with their elements as arrays of components, collected in a
 * result; or, with `keep` false, its bare events with nothing collected, which is less than either side's users need.
 */
async function edifactPackage(path: string, keep: boolean): Promise<number> {
  const { Parser } = require('edifact');
  const parser = new Parser();
  parser.encoding('UNOC');
  const result: { name: string; elements: string[][] }[] = [];
  let messages = 0;
  let elements: string[][] = [];
  let components: string[] = [];
  parser.onopensegment = (name: string) => {
    elements = [];
    if (keep) result.push({ name, elements });
    if (name === 'UNH') messages++;
  };
  parser.onelement = () => {
    components = [];
    elements.push(components);
  };
  parser.oncomponent = (value: string) => components.push(value);
  parser.onclosesegment = () => {};
  for await (const chunk of createReadStream(path, { encoding: 'latin1', highWaterMark: CHUNK_BYTES }))
    parser.write(chunk);
  parser.end();
  return messages;
}

const SIDES: Record<string, (path: string) => Promise<number>> = {
  'crossdock read and validate': (path) => ours(chunks(path), false),
  'crossdock read, validate, guide': (path) => ours(chunks(path), true),
  'crossdock from a socket': (path) => fromSocket(path, 0),
  'crossdock from a socket, slow taker': (path) => fromSocket(path, 5),
  'bare byte scan': bareScan,
  'node-x12 stream': nodeX12Stream,
  'node-x12 parse': nodeX12Parse,
  'edifact (npm)': (path) => edifactPackage(path, true),
  'edifact (npm), nothing kept': (path) => edifactPackage(path, false),
};

async function runSide(side: string, path: string, once: boolean): Promise<void> {
  const work = SIDES[side];
  if (work === undefined) throw new Error(`unknown side ${side}`);
  if (side.startsWith('node-x12')) require('node-x12');
  if (side.startsWith('edifact')) require('edifact');
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const baseRssMegabytes = process.memoryUsage.rss() / 1e6;
  const cold = await timed(() => work(path));
  const warm = once ? cold : await timed(() => work(path));
  const rssMegabytes = (process.resourceUsage().maxRSS * 1024) / 1e6;
  const measured: Measured = { cold, warm, baseRssMegabytes, rssMegabytes };
  process.stdout.write(JSON.stringify(measured));
}

async function timed(work: () => Promise<number>): Promise<Timed> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const documents = await work();
  const seconds = (performance.now() - started) / 1000;
  const used = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (used.user + used.system) / 1e6, documents };
}

function measure(side: string, path: string, once: boolean): Measured {
  const args = [fileURLToPath(import.meta.url), '--side', side, path, ...(once ? ['--once'] : [])];
  return JSON.parse(execFileSync(process.execPath, ['--max-old-space-size=8192', ...args], { encoding: 'utf8' }));
}

const OWN = 'crossdock read and validate';
const GUIDE = 'crossdock read, validate, guide';
const SCAN = 'bare byte scan';
const EDIFACT_SIDES = ['edifact (npm)', 'edifact (npm), nothing kept'];

interface Planned {
  file: string;
  megabytes: number;
  edifact: boolean;
  sides: string[];
}

/** Which sides run on which file: whole-document parsers only on the small one, within a machine's memory. */
function plan(large: number): Planned[] {
  const own = [OWN, GUIDE, SCAN];
  return [
    { file: '850-10', megabytes: 10, edifact: false, sides: [...own, 'node-x12 stream', 'node-x12 parse'] },
    { file: `850-${large}`, megabytes: large, edifact: false, sides: [...own, 'node-x12 stream'] },
    { file: 'ORDERS-10', megabytes: 10, edifact: true, sides: [...own, ...EDIFACT_SIDES] },
    { file: `ORDERS-${large}`, megabytes: large, edifact: true, sides: [...own, ...EDIFACT_SIDES] },
  ];
}

function speedOf(megabytes: number, runs: readonly Timed[]): Speed {
  return {
    perSecond: megabytes / median(runs.map(({ seconds }) => seconds)),
    perCpuSecond: megabytes / median(runs.map(({ cpuSeconds }) => cpuSeconds)),
  };
}

function measureFile({ edifact, file, megabytes, sides }: Planned, folder: string, rounds: number, once: boolean) {
  const path = join(folder, `${file}.edi`);
  generateEdiFile(path, megabytes, edifact);
  const size = statSync(path).size / 1e6;
  const found = new Map<string, Measured[]>(sides.map((side) => [side, []]));
  for (let round = 0; round < rounds; round++)
    for (const side of sides) found.get(side)?.push(measure(side, path, once));
  rmSync(path);
  return [...found].map(([side, list]): EdiBenchRow => {
    const cold = list.map((one) => one.cold);
    const warm = list.map((one) => one.warm);
    return {
      side,
      file,
      megabytes: size,
      cold: speedOf(size, cold),
      warm: speedOf(size, warm),
      peakRssMegabytes: Math.max(...list.map(({ rssMegabytes }) => rssMegabytes)),
      aboveBaseMegabytes: Math.max(...list.map((one) => one.rssMegabytes - one.baseRssMegabytes)),
      documents: cold[0]?.documents ?? 0,
    };
  });
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'crossdock-bench-edi-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Generate the files, run every side, and return figures and ratios. */
export function benchEdi(options: { rounds?: number; largeMegabytes?: number } = {}): EdiBenchResult {
  const large = options.largeMegabytes ?? 100;
  const rows = inFolder((folder) =>
    plan(large).flatMap((file) => measureFile(file, folder, options.rounds ?? 3, false)),
  );
  return { rows, ratios: ratiosOf(rows, large) };
}

/** One huge file, read once from disk and once from a socket, by a taker that keeps up and by one that does not. */
export function benchHuge(megabytes: number): EdiBenchResult {
  const sides = [OWN, 'crossdock from a socket', 'crossdock from a socket, slow taker'];
  const file = { file: `850-${megabytes}`, megabytes, edifact: false, sides };
  const rows = inFolder((folder) => measureFile(file, folder, 1, true));
  const ratios = rows.map(({ aboveBaseMegabytes, side }) => ({
    name: `${side}: MB of memory above the base`,
    value: aboveBaseMegabytes,
    gate: 200,
    atMost: true,
  }));
  return { rows, ratios };
}

function ratiosOf(rows: readonly EdiBenchRow[], large: number): EdiBenchRatio[] {
  const at = (side: string, file: string) => rows.find((row) => row.side === side && row.file === file);
  const ratio = (other: string, file: string, run: 'cold' | 'warm', by: keyof Speed = 'perCpuSecond') =>
    (at(OWN, file)?.[run][by] ?? 0) / (at(other, file)?.[run][by] ?? Number.NaN);
  const against = (other: string, file: string, name: string, bounds: Partial<EdiBenchRatio> = {}): EdiBenchRatio[] => [
    { name: `${name}, warm`, value: ratio(other, file, 'warm'), ...bounds },
    { name: `${name}, cold`, value: ratio(other, file, 'cold') },
    { name: `${name}, warm, by wall clock`, value: ratio(other, file, 'warm', 'perSecond') },
  ];
  const peak = (file: string): number => at(OWN, file)?.peakRssMegabytes ?? Number.NaN;
  const growth = (name: string): number => peak(`${name}-${large}`) / peak(`${name}-10`);
  const perByte = (name: string): number =>
    (at(OWN, `${name}-10`)?.warm.perCpuSecond ?? 0) / (at(OWN, `${name}-${large}`)?.warm.perCpuSecond ?? Number.NaN);
  return [
    ...against('node-x12 parse', '850-10', 'X12 ÷ node-x12 parse, 10 MB', { gate: 10, ambitious: 15 }),
    ...against('node-x12 stream', '850-10', 'X12 ÷ node-x12 stream, 10 MB', { gate: 1, ambitious: 2 }),
    ...against('node-x12 stream', `850-${large}`, `X12 ÷ node-x12 stream, ${large} MB`, { gate: 1, ambitious: 2 }),
    ...against(SCAN, `850-${large}`, `X12 ÷ bare byte scan, ${large} MB`),
    ...against('edifact (npm)', 'ORDERS-10', 'EDIFACT ÷ edifact (npm), 10 MB', { gate: 2, ambitious: 4 }),
    ...against('edifact (npm)', `ORDERS-${large}`, `EDIFACT ÷ edifact (npm), ${large} MB`, { gate: 2, ambitious: 4 }),
    ...against(
      'edifact (npm), nothing kept',
      `ORDERS-${large}`,
      `EDIFACT ÷ edifact (npm) keeping nothing, ${large} MB`,
    ),
    { name: `X12 peak RSS, ${large} MB file, MB`, value: peak(`850-${large}`), gate: 120, atMost: true },
    { name: `X12 peak RSS ${large} MB ÷ 10 MB`, value: growth('850'), atMost: true, ambitious: 1.15 },
    { name: `EDIFACT peak RSS, ${large} MB file, MB`, value: peak(`ORDERS-${large}`), gate: 120, atMost: true },
    { name: `EDIFACT peak RSS ${large} MB ÷ 10 MB`, value: growth('ORDERS'), atMost: true, ambitious: 1.15 },
    { name: `X12 time per byte, ${large} MB ÷ 10 MB`, value: perByte('850'), gate: 1.3, atMost: true },
    { name: `EDIFACT time per byte, ${large} MB ÷ 10 MB`, value: perByte('ORDERS'), gate: 1.3, atMost: true },
  ];
}

/** The ratios as rows of `npm run bench`, the figures that they are made from beside the first. */
export function ediRows(quick: boolean): Promise<(EdiBenchRatio & { unit: string; detail?: unknown })[]> {
  const { ratios, rows } = benchEdi(quick ? { rounds: 1, largeMegabytes: 30 } : {});
  const round = (value: number): number => Number(value.toFixed(2));
  const shown = ratios.map((one) => ({ ...one, name: `EDI: ${one.name}`, value: round(one.value), unit: '' }));
  return Promise.resolve(shown.map((one, at) => (at === 0 ? { ...one, detail: rows } : one)));
}

export function ediBenchTable({ ratios, rows }: EdiBenchResult): string {
  const lines = [
    'file          side                                 MB/CPU-s cold   warm   MB/s cold   warm   RSS MB  above base',
  ];
  const figure = (value: number, width: number): string => value.toFixed(value < 100 ? 1 : 0).padStart(width);
  for (const { aboveBaseMegabytes, cold, file, peakRssMegabytes, side, warm } of rows)
    lines.push(
      `${file.padEnd(13)} ${side.padEnd(36)} ${figure(cold.perCpuSecond, 12)} ${figure(warm.perCpuSecond, 7)} ${figure(cold.perSecond, 10)} ${figure(warm.perSecond, 7)} ${figure(peakRssMegabytes, 8)} ${figure(aboveBaseMegabytes, 8)}`,
    );
  lines.push('');
  for (const { ambitious, atMost, gate, name, value } of ratios) {
    const sign = atMost === true ? '≤' : '≥';
    const bounds = [
      gate === undefined ? '' : `gate ${sign} ${gate}`,
      ambitious === undefined ? '' : `ambitious ${sign} ${ambitious}`,
    ];
    const missed = gate !== undefined && (atMost === true ? value > gate : value < gate);
    lines.push(
      `${name.padEnd(58)} ${value.toFixed(2).padStart(8)}   ${bounds.filter(Boolean).join(', ')}${missed ? '  MISSED' : ''}`,
    );
  }
  return lines.join('\n');
}

function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const side = process.argv.indexOf('--side');
  if (side >= 0) {
    await runSide(process.argv[side + 1] as string, process.argv[side + 2] as string, process.argv.includes('--once'));
  } else {
    const huge = option('--huge', 0);
    const result =
      huge > 0 ? benchHuge(huge) : benchEdi({ rounds: option('--rounds', 3), largeMegabytes: option('--large', 100) });
    process.stdout.write(
      `${process.argv.includes('--json') ? JSON.stringify(result, null, 2) : ediBenchTable(result)}\n`,
    );
  }
}
