/**
 * The `crossdock edi …` verbs. Standard output carries results only.
 * Exit codes: 0 all accepted or unchecked, 1 with issues, 2 unreadable.
 */
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import {
  acknowledge,
  type CheckedInterchange,
  type CheckResult,
  collect,
  DefinitionError,
  describeCheck,
  describeDocument,
  type EdiDocument,
  EdiWriteError,
  type Interchange,
  type Issue,
  read,
  toCheckResult,
  toGuide,
  write,
  type WriteInput,
} from './edi/index.ts';
import { type EdiCommandContext, type Io, ioOf } from './main-edi-output.ts';
import { aboutOf, type ImportCommandOptions, openDefinition, readOptionsOf } from './main-edi-definitions.ts';

export type { EdiCommandContext } from './main-edi-output.ts';

export const EXIT_ACCEPTED = 0;
export const EXIT_ISSUES = 1;
export const EXIT_UNREADABLE = 2;

interface FileResult extends CheckResult {
  file: string;
}

const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** `-` is standard input. */
function open(file: string): AsyncIterable<Uint8Array> {
  return file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1 << 16 });
}

function unreadable(file: string, cause: unknown): FileResult {
  const found = {
    code: 'UNREADABLE' as const,
    level: 'interchange' as const,
    severity: 'error' as const,
    message: reason(cause),
  };
  return { file, interchanges: [], issues: [found] };
}

/** Exit code of one file. */
export function exitCodeOf(result: CheckResult): number {
  if (result.interchanges.length === 0) return EXIT_UNREADABLE;
  const faulty = (issues: readonly { severity: string }[]) => issues.some(({ severity }) => severity === 'error');
  const interchangeFaulty = result.interchanges.some(
    (interchange) =>
      faulty(interchange.issues) ||
      interchange.groups.some(
        (group) =>
          faulty(group.issues) ||
          group.documents.some(({ verdict }) => verdict === 'rejected' || verdict === 'accepted_with_errors'),
      ),
  );
  return interchangeFaulty || faulty(result.issues) ? EXIT_ISSUES : EXIT_ACCEPTED;
}

/** Check files; returns a result per file, in order. A file that cannot be opened is unreadable. */
export async function runEdiCheck(
  files: readonly string[],
  options: { strict?: boolean; definitions?: string[] } = {},
): Promise<FileResult[]> {
  const readOptions = await readOptionsOf(options);
  const results: FileResult[] = [];
  for (const file of files) {
    try {
      const { interchanges, issues } = await collect(open(file), readOptions);
      results.push({ file, ...toCheckResult(interchanges, issues) });
    } catch (cause) {
      results.push(unreadable(file, cause));
    }
  }
  return results;
}

export interface AckCommandOptions {
  strict?: boolean;
  definitions?: string[];
  functional?: '997' | '999' | 'none';
  ta1?: 'requested' | 'always' | 'never';
  control?: string;
}

function stamp(now: Date): { date: string; time: string } {
  const iso = now.toISOString();
  return { date: iso.slice(0, 10), time: iso.slice(11, 16) };
}

/** Acknowledgments owed for a file, concatenated: one interchange per interchange received. */
export async function runEdiAck(
  file: string,
  options: AckCommandOptions & { now: Date },
): Promise<{ bytes: Uint8Array[]; interchanges: CheckedInterchange[]; issues: Issue[] }> {
  const { interchanges, issues } = await collect(open(file), await readOptionsOf(options));
  const first = Number(options.control ?? '1');
  const bytes: Uint8Array[] = [];
  interchanges.forEach((checked, at) => {
    const control = String(first + at);
    const made = acknowledge(checked, {
      ...stamp(options.now),
      controls: { interchange: control, group: control, document: '1' },
      // Asked for by hand, CONTRL is wanted even where the sender did not request it.
      ta1: options.ta1 ?? (checked.interchange.standard === 'edifact' ? 'always' : 'requested'),
      functional: options.functional ?? '997',
      lineEnding: '\n',
    });
    if (made !== undefined) bytes.push(made.bytes);
  });
  return { bytes, interchanges, issues };
}

export type Layer = 'lossless' | 'guide' | 'canonical';

async function layerOf(document: EdiDocument, layer: Layer, interchange: Interchange): Promise<unknown> {
  if (layer === 'lossless') return document.toJSON();
  const guide = toGuide(document);
  const about = { type: document.type, control: document.control, verdict: document.verdict, issues: document.issues };
  if (guide === undefined) return { ...about, unchecked: true, segments: [...document.segments()] };
  if (layer === 'guide') return { ...guide, verdict: document.verdict, issues: document.issues };
  // The maps stand on most of the hub; the other layers start without it.
  const { canonicalOf } = await import('./main-edi-canonical.ts');
  return { ...about, ...canonicalOf(guide, interchange) };
}

/** Documents of a file in one of the three layers, one at a time. */
export async function* runEdiRead(
  file: string,
  layer: Layer,
  options: { strict?: boolean; definitions?: string[]; onInterchange?: () => void } = {},
): AsyncGenerator<unknown> {
  for await (const event of read(open(file), await readOptionsOf(options))) {
    if (event.kind === 'interchange') options.onInterchange?.();
    else if (event.kind === 'document') yield await layerOf(event.document, layer, event.interchange);
  }
}

interface CheckCommandOptions {
  json?: boolean;
  strict?: boolean;
  definitions?: string[];
}

async function checkCommand(files: string[], options: CheckCommandOptions, io: Io): Promise<void> {
  let results: FileResult[];
  try {
    results = await runEdiCheck(files, options);
  } catch (cause) {
    io.err(reason(cause));
    io.exit(EXIT_UNREADABLE);
    return;
  }
  for (const result of results) {
    if (options.json === true) await io.out(JSON.stringify(result));
    else await io.out(describeCheck(result.file, result, { color: io.color }));
  }
  io.exit(Math.max(...results.map(exitCodeOf)));
}

async function ackCommand(file: string, options: AckCommandOptions & { json?: boolean }, io: Io): Promise<void> {
  try {
    const { bytes, interchanges, issues } = await runEdiAck(file, { ...options, now: io.now() });
    const texts = bytes.map((one) => new TextDecoder().decode(one));
    if (options.json === true) await io.out(JSON.stringify({ file, acknowledgments: texts, issues }, null, 2));
    else for (const text of texts) await io.out(text.trimEnd());
    if (interchanges.length === 0) for (const found of issues) io.err(`${file}: ${found.message}`);
    io.exit(exitCodeOf(toCheckResult(interchanges, issues)));
  } catch (cause) {
    if (options.json === true)
      await io.out(JSON.stringify({ file, acknowledgments: [], issues: unreadable(file, cause).issues }, null, 2));
    io.err(reason(cause));
    io.exit(EXIT_UNREADABLE);
  }
}

async function readCommand(
  file: string,
  options: { layer: Layer; json?: boolean; strict?: boolean; definitions?: string[] },
  io: Io,
): Promise<void> {
  try {
    let documents = 0;
    let interchanges = 0;
    const countInterchange = () => interchanges++;
    for await (const document of runEdiRead(file, options.layer, { ...options, onInterchange: countInterchange })) {
      await io.out(JSON.stringify(document, null, options.json === true ? 0 : 2));
      documents++;
    }
    if (documents === 0) io.err(`${file}: no document was found`);
    // An interchange may hold nothing but TA1: it is read all the same.
    io.exit(interchanges === 0 ? EXIT_UNREADABLE : EXIT_ACCEPTED);
  } catch (cause) {
    io.err(reason(cause));
    io.exit(EXIT_UNREADABLE);
  }
}

async function importCommand(file: string, options: ImportCommandOptions, io: Io): Promise<void> {
  try {
    if ((options.as ?? 'json').toLowerCase() !== 'json')
      throw new Error(`a definition is kept as json, not as ${options.as}`);
    const { json } = await openDefinition(file, aboutOf(options));
    const text = JSON.stringify(json, null, 2);
    if (options.output === undefined) await io.out(text);
    else await writeFile(options.output, `${text}\n`);
    io.exit(EXIT_ACCEPTED);
  } catch (cause) {
    io.err(reason(cause));
    io.exit(cause instanceof DefinitionError ? EXIT_ISSUES : EXIT_UNREADABLE);
  }
}

async function explainCommand(
  file: string,
  options: { strict?: boolean; definitions?: string[]; color?: boolean },
  io: Io,
): Promise<void> {
  try {
    let interchanges = 0;
    for await (const event of read(open(file), await readOptionsOf(options))) {
      if (event.kind === 'interchange') interchanges++;
      else if (event.kind === 'document')
        await io.out(describeDocument(event.document, { color: options.color !== false && io.color }));
      else if (event.kind === 'issue')
        await io.out(`${event.issue.severity} ${event.issue.code}: ${event.issue.message}`);
    }
    io.exit(interchanges === 0 ? EXIT_UNREADABLE : EXIT_ACCEPTED);
  } catch (cause) {
    io.err(reason(cause));
    io.exit(EXIT_UNREADABLE);
  }
}

/** Lines of a document for comparing: one segment each, offsets left out. */
async function segmentLines(file: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const event of read(open(file))) {
    if (event.kind !== 'document') continue;
    for (const segment of event.document.segments()) lines.push(JSON.stringify([segment.id, ...segment.elements]));
  }
  return lines;
}

async function diffCommand(left: string, right: string, io: Io): Promise<void> {
  try {
    const [a, b] = await Promise.all([segmentLines(left), segmentLines(right)]);
    let different = 0;
    for (let at = 0; at < Math.max(a.length, b.length); at++) {
      if (a[at] === b[at]) continue;
      different++;
      if (a[at] !== undefined) await io.out(`- ${at + 1} ${a[at]}`);
      if (b[at] !== undefined) await io.out(`+ ${at + 1} ${b[at]}`);
    }
    io.exit(different === 0 ? EXIT_ACCEPTED : EXIT_ISSUES);
  } catch (cause) {
    io.err(reason(cause));
    io.exit(EXIT_UNREADABLE);
  }
}

/** The parts without which nothing can be written; what is wrong within them is told by the writer. */
function writeInputOf(json: unknown): WriteInput {
  const input = json as Partial<WriteInput> | null;
  const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
  if (!isObject(input) || !isObject(input?.envelope))
    throw new Error('the JSON has no "envelope" (see the guide, part 5)');
  if (!isObject(input?.envelope?.sender) || !isObject(input?.envelope?.receiver))
    throw new Error('"envelope" has no "sender" and "receiver" of { qualifier, id }');
  if (!Array.isArray(input?.groups) || !input.groups.every((group) => Array.isArray(group?.documents)))
    throw new Error('the JSON has no "groups", each with "documents"');
  return input as WriteInput;
}

async function writeCommand(file: string, options: { output?: string }, io: Io): Promise<void> {
  try {
    const parts: Uint8Array[] = [];
    for await (const chunk of open(file)) parts.push(chunk);
    const bytes = write(writeInputOf(JSON.parse(Buffer.concat(parts).toString('utf8'))));
    if (options.output !== undefined) await writeFile(options.output, bytes);
    else await io.out(new TextDecoder().decode(bytes).trimEnd());
  } catch (cause) {
    io.err(reason(cause));
    io.exit(cause instanceof EdiWriteError ? EXIT_ISSUES : EXIT_UNREADABLE);
  }
}

const DEFINITIONS = [
  '--definitions <files...>',
  'definitions of your own (see `edi import`), before the built-in ones',
] as const;

/** Register `edi check|ack|read|explain|diff|write|import` on a command line. */
export function registerEdiCommands(program: Command, context: EdiCommandContext = {}): void {
  const io = ioOf(context);
  const edi = program.command('edi').description('read, check, acknowledge and write EDI files; needs no running hub');
  edi
    .command('check <files...>')
    .description('verdict and issues per file; exit 0 accepted or unchecked, 1 with issues, 2 unreadable')
    .option('--json', 'one line of JSON per file')
    .option('--strict', 'reject a document for any error')
    .option(...DEFINITIONS)
    .action((files: string[], options: CheckCommandOptions) => checkCommand(files, options, io));
  edi
    .command('ack <file>')
    .description('print the acknowledgment that a file is owed: TA1 and 997 or 999, or CONTRL')
    .option('--json', 'machine-readable')
    .option('--strict', 'reject a document for any error')
    .option(...DEFINITIONS)
    .addOption(
      new Option('--functional <kind>', 'the kind of acknowledgment').choices(['997', '999', 'none']).default('997'),
    )
    .addOption(new Option('--ta1 <when>', 'when to send TA1 or CONTRL').choices(['requested', 'always', 'never']))
    .option('--control <number>', 'first control number of the acknowledgment', '1')
    .action((file: string, options: AckCommandOptions & { json?: boolean }) => ackCommand(file, options, io));
  edi
    .command('read <file>')
    .description('documents as JSON')
    .addOption(new Option('--layer <layer>').choices(['lossless', 'guide', 'canonical']).default('guide'))
    .option('--json', 'one line per document')
    .option('--strict', 'reject a document for any error')
    .option(...DEFINITIONS)
    .action((file: string, options: { layer: Layer; json?: boolean; strict?: boolean; definitions?: string[] }) =>
      readCommand(file, options, io),
    );
  edi
    .command('explain <file>')
    .description('documents for a person: names, codes in words, errors in place')
    .option('--strict', 'reject a document for any error')
    .option(...DEFINITIONS)
    .option('--no-color', 'plain text on a terminal too')
    .action((file: string, options: { strict?: boolean; definitions?: string[]; color?: boolean }) =>
      explainCommand(file, options, io),
    );
  edi
    .command('import <file>')
    .description(
      "turn a definition of your own (JSON, or a StAEDI schema in XML) into the hub's form, or list what is wrong",
    )
    .option('--as <form>', 'json', 'json')
    .option('--standard <standard>', 'XML: x12 or edifact', 'x12')
    .option('--definition-version <version>', 'XML: 004010, D.96A')
    .option('--type <type>', 'XML: 850, ORDERS')
    .option('--functional-id <id>', 'XML: GS01, such as PO')
    .option('--label <label>', 'XML: what the document is called')
    .option('-o, --output <file>', 'write to a file')
    .action((file: string, options: ImportCommandOptions) => importCommand(file, options, io));
  edi
    .command('diff <left> <right>')
    .description('segments that differ; exit 1 when any does')
    .action((left: string, right: string) => diffCommand(left, right, io));
  edi
    .command('write <file>')
    .description('write an interchange from JSON (envelope and groups of documents as segments or guides)')
    .option('-o, --output <file>', 'write to a file')
    .action((file: string, options: { output?: string }) => writeCommand(file, options, io));
}
