/**
 * EDI: reading with full validation, against node-x12, the `edifact` package and a bare scan of the same bytes.
 * Every side runs in a process of its own over the same generated files (850s and ORDERS of 50 lines), in turn, so that
 * the machine's other work hits all alike; the median of the rounds counts. Modules are loaded before the clock starts, code
 * is as cold as a process that reads one file has it. Mapping to guide JSON is reported apart.
 *
 *     node bench/edi.ts [--json] [--rounds 3] [--large 100]
 */
import { execFileSync } from 'node:child_process';
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { read, toGuide } from '../src/edi/index.ts';

const LINES = 50;
/** Node's own default for file streams; larger ones cost every side fresh pages per chunk. */
const CHUNK_BYTES = 1 << 16;
/** Loading modules leaves compilation behind that runs on beside; it is no side's reading. */
const SETTLE_MS = 300;

export interface EdiBenchRow {
  side: string;
  file: string;
  megabytes: number;
  /** Median of the rounds, megabytes (10⁶) per second of wall clock. */
  megabytesPerSecond: number;
  /** The same per second of processor time, which other work on the machine distorts less. */
  megabytesPerCpuSecond: number;
  peakRssMegabytes: number;
  documents: number;
}

export interface EdiBenchResult {
  rows: EdiBenchRow[];
  /** Same-run ratios, ours over the other's: by processor time, and the same by wall clock. */
  ratios: Record<string, number>;
}

/** One side's figures, as its process prints them. */
interface Measured {
  seconds: number;
  cpuSeconds: number;
  rssMegabytes: number;
  documents: number;
}

function x12Order(n: number): string {
  const control = String(n).padStart(4, '0');
  const segments = [
    `BEG*00*SA*PO${n}**20260601`,
    'CUR*BY*USD',
    'REF*DP*038',
    'DTM*010*20260605',
    'N1*ST*Store 12*92*0012',
    'N3*12 Market Street',
    'N4*Columbus*OH*43004*US',
  ];
  for (let line = 1; line <= LINES; line++) {
    segments.push(`PO1*${line}*${line * 3}*EA*${line}.95*PE*UK*00614141100088*VN*SKU-${n}-${line}`);
    segments.push(`PID*F****LED lamp number ${line} of order ${n}`, 'PO4*6*1*EA');
  }
  segments.push(`CTT*${LINES}`);
  return [`ST*850*${control}`, ...segments, `SE*${segments.length + 2}*${control}`].map((one) => `${one}~\n`).join('');
}

function edifactOrder(n: number): string {
  const segments = [
    `BGM+220+PO${n}+9`,
    'DTM+137:20260601:102',
    'NAD+BY+4000001000005::9',
    'NAD+SU+0614141001019::9',
    'CUX+2:EUR:9',
  ];
  for (let line = 1; line <= LINES; line++) {
    segments.push(`LIN+${line}++00614141100088:EN`, `PIA+1+SKU-${n}-${line}:SA`);
    segments.push(`IMD+F++:::LED lamp number ${line}`, `QTY+21:${line * 3}:PCE`, `PRI+AAA:${line}.95`);
  }
  segments.push('UNS+S', `CNT+2:${LINES}`);
  return [`UNH+${n}+ORDERS:D:96A:UN:EAN008`, ...segments, `UNT+${segments.length + 2}+${n}`]
    .map((one) => `${one}'\n`)
    .join('');
}

const ISA =
  'ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260601*0900*U*00401*000000001*0*T*>~\n';

/** Write a file of about `megabytes`, one interchange. */
function generate(path: string, megabytes: number, edifact: boolean): void {
  const file = openSync(path, 'w');
  let size = 0;
  let count = 0;
  const put = (text: string) => {
    size += text.length;
    writeSync(file, text);
  };
  if (edifact) put("UNA:+.? '\nUNB+UNOC:3+4000001000005:14+0614141001019:14+260601:0915+IC1'\n");
  else put(`${ISA}GS*PO*APPS*APPR*20260601*0900*1*X*004010~\n`);
  while (size < megabytes * 1e6) {
    count++;
    put(edifact ? edifactOrder(count) : x12Order(count));
  }
  put(edifact ? `UNZ+${count}+IC1'\n` : `GE*${count}*1~\nIEA*1*000000001~\n`);
  closeSync(file);
}

const chunks = (path: string) => createReadStream(path, { highWaterMark: CHUNK_BYTES });

async function ours(path: string, map: boolean): Promise<number> {
  let documents = 0;
  for await (const event of read(chunks(path), { keepDocuments: map })) {
    if (event.kind !== 'document') continue;
    if (event.document.verdict !== 'accepted') throw new Error(`document ${event.document.control} was not accepted`);
    if (map && toGuide(event.document) === undefined) throw new Error('no guide');
    documents++;
  }
  return documents;
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
  'crossdock read and validate': (path) => ours(path, false),
  'crossdock read, validate, guide': (path) => ours(path, true),
  'bare byte scan': bareScan,
  'node-x12 stream': nodeX12Stream,
  'node-x12 parse': nodeX12Parse,
  'edifact (npm)': (path) => edifactPackage(path, true),
  'edifact (npm), nothing kept': (path) => edifactPackage(path, false),
};

async function runSide(side: string, path: string): Promise<void> {
  const work = SIDES[side];
  if (work === undefined) throw new Error(`unknown side ${side}`);
  if (side.startsWith('node-x12')) require('node-x12');
  if (side.startsWith('edifact')) require('edifact');
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const cpu = process.cpuUsage();
  const started = performance.now();
  const documents = await work(path);
  const seconds = (performance.now() - started) / 1000;
  const used = process.cpuUsage(cpu);
  const cpuSeconds = (used.user + used.system) / 1e6;
  const measured: Measured = { seconds, cpuSeconds, rssMegabytes: process.resourceUsage().maxRSS / 1024, documents };
  process.stdout.write(JSON.stringify(measured));
}

function measure(side: string, path: string): Measured {
  const args = [fileURLToPath(import.meta.url), '--side', side, path];
  return JSON.parse(execFileSync(process.execPath, ['--max-old-space-size=8192', ...args], { encoding: 'utf8' }));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

/** Which sides run on which file: whole-document parsers only on the small one, within a machine's memory. */
function plan(large: number): { file: string; megabytes: number; edifact: boolean; sides: string[] }[] {
  const [read, guide, scan] = Object.keys(SIDES) as [string, string, string];
  const own = [read, guide, scan];
  return [
    { file: '850-10', megabytes: 10, edifact: false, sides: [...own, 'node-x12 stream', 'node-x12 parse'] },
    { file: `850-${large}`, megabytes: large, edifact: false, sides: [...own, 'node-x12 stream'] },
    {
      file: 'ORDERS-10',
      megabytes: 10,
      edifact: true,
      sides: [...own, 'edifact (npm)', 'edifact (npm), nothing kept'],
    },
    {
      file: `ORDERS-${large}`,
      megabytes: large,
      edifact: true,
      sides: [...own, 'edifact (npm)', 'edifact (npm), nothing kept'],
    },
  ];
}

/** Generate the files, run every side, and return figures and ratios. */
export function benchEdi(options: { rounds?: number; largeMegabytes?: number } = {}): EdiBenchResult {
  const rounds = options.rounds ?? 3;
  const large = options.largeMegabytes ?? 100;
  const folder = mkdtempSync(join(tmpdir(), 'crossdock-bench-edi-'));
  const rows: EdiBenchRow[] = [];
  try {
    for (const { edifact, file, megabytes, sides } of plan(large)) {
      const path = join(folder, `${file}.edi`);
      generate(path, megabytes, edifact);
      const size = statSync(path).size / 1e6;
      const found = new Map<string, Measured[]>(sides.map((side) => [side, []]));
      for (let round = 0; round < rounds; round++) for (const side of sides) found.get(side)?.push(measure(side, path));
      for (const [side, list] of found) {
        rows.push({
          side,
          file,
          megabytes: size,
          megabytesPerSecond: size / median(list.map(({ seconds }) => seconds)),
          megabytesPerCpuSecond: size / median(list.map(({ cpuSeconds }) => cpuSeconds)),
          peakRssMegabytes: Math.max(...list.map(({ rssMegabytes }) => rssMegabytes)),
          documents: list[0]?.documents ?? 0,
        });
      }
      rmSync(path);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { rows, ratios: ratiosOf(rows, large) };
}

function ratiosOf(rows: readonly EdiBenchRow[], large: number): Record<string, number> {
  const at = (side: string, file: string) => rows.find((row) => row.side === side && row.file === file);
  const own = 'crossdock read and validate';
  const speed = (other: string, file: string) =>
    (at(own, file)?.megabytesPerCpuSecond ?? 0) / (at(other, file)?.megabytesPerCpuSecond ?? Number.NaN);
  const wall = (other: string, file: string) =>
    (at(own, file)?.megabytesPerSecond ?? 0) / (at(other, file)?.megabytesPerSecond ?? Number.NaN);
  const rss = (name: string) =>
    (at(own, `${name}-${large}`)?.peakRssMegabytes ?? 0) / (at(own, `${name}-10`)?.peakRssMegabytes ?? Number.NaN);
  return {
    'X12 ÷ node-x12 parse, 10 MB (gate 10, ambitious 15)': speed('node-x12 parse', '850-10'),
    'X12 ÷ node-x12 stream, 10 MB (gate 1, ambitious 2)': speed('node-x12 stream', '850-10'),
    [`X12 ÷ node-x12 stream, ${large} MB (gate 1, ambitious 2)`]: speed('node-x12 stream', `850-${large}`),
    [`X12 ÷ bare byte scan, ${large} MB`]: speed('bare byte scan', `850-${large}`),
    'EDIFACT ÷ edifact (npm), 10 MB (gate 2, ambitious 4)': speed('edifact (npm)', 'ORDERS-10'),
    [`EDIFACT ÷ edifact (npm), ${large} MB (gate 2, ambitious 4)`]: speed('edifact (npm)', `ORDERS-${large}`),
    [`EDIFACT ÷ edifact (npm) with nothing kept, ${large} MB`]: speed('edifact (npm), nothing kept', `ORDERS-${large}`),
    'by wall clock: X12 ÷ node-x12 parse, 10 MB': wall('node-x12 parse', '850-10'),
    'by wall clock: X12 ÷ node-x12 stream, 10 MB': wall('node-x12 stream', '850-10'),
    'by wall clock: EDIFACT ÷ edifact (npm), 10 MB': wall('edifact (npm)', 'ORDERS-10'),
    [`X12 peak RSS ${large} MB ÷ 10 MB (ambitious 1.15)`]: rss('850'),
    [`EDIFACT peak RSS ${large} MB ÷ 10 MB (ambitious 1.15)`]: rss('ORDERS'),
  };
}

export function ediBenchTable(result: EdiBenchResult): string {
  const lines = ['file         side                               MB/s   MB/CPU-s   peak RSS MB'];
  for (const { file, megabytesPerCpuSecond, megabytesPerSecond, peakRssMegabytes, side } of result.rows)
    lines.push(
      `${file.padEnd(12)} ${side.padEnd(33)} ${megabytesPerSecond.toFixed(1).padStart(6)} ${megabytesPerCpuSecond.toFixed(1).padStart(10)} ${peakRssMegabytes.toFixed(0).padStart(10)}`,
    );
  lines.push('');
  for (const [name, value] of Object.entries(result.ratios)) lines.push(`${name}: ${value.toFixed(2)}`);
  return lines.join('\n');
}

function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const side = process.argv.indexOf('--side');
  if (side >= 0) {
    await runSide(process.argv[side + 1] as string, process.argv[side + 2] as string);
  } else {
    const result = benchEdi({ rounds: option('--rounds', 3), largeMegabytes: option('--large', 100) });
    process.stdout.write(
      `${process.argv.includes('--json') ? JSON.stringify(result, null, 2) : ediBenchTable(result)}\n`,
    );
  }
}
