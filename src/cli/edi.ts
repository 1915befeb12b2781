/**
 * The `crossdock edi …` verbs. Standard output carries results only.
 * Exit codes: 0 all accepted or unchecked, 1 with issues, 2 unreadable.
 */
import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import {
  collect,
  DefinitionError,
  describeCheck,
  describeDocument,
  type EdiDocument,
  type Interchange,
  read,
  toCheckResult,
  toGuide,
} from '../edi/index.ts';
import { ackCommand, type AckCommandOptions } from './edi-ack.ts';
import { diffCommand } from './edi-diff.ts';
import {
  EXIT_ACCEPTED,
  EXIT_ISSUES,
  EXIT_UNREADABLE,
  exitCodeOf,
  type FileResult,
  open,
  reason,
  unreadable,
} from './edi-files.ts';
import { type EdiCommandContext, type Io, ioOf } from './edi-output.ts';
import { aboutOf, type ImportCommandOptions, openDefinition, readOptionsOf } from './edi-definitions.ts';
import { writeCommand } from './edi-write.ts';

export type { EdiCommandContext } from './edi-output.ts';
export { runEdiAck } from './edi-ack.ts';

/** Check files; returns a result per file, in order. A file that cannot be opened is unreadable. */
async function runEdiCheck(
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

export type Layer = 'lossless' | 'guide' | 'canonical';

async function layerOf(document: EdiDocument, layer: Layer, interchange: Interchange): Promise<unknown> {
  if (layer === 'lossless') return document.toJSON();
  const guide = toGuide(document);
  const about = { type: document.type, control: document.control, verdict: document.verdict, issues: document.issues };
  if (guide === undefined) return { ...about, unchecked: true, segments: [...document.segments()] };
  if (layer === 'guide') return { ...guide, verdict: document.verdict, issues: document.issues };
  // The maps stand on most of the hub; the other layers start without it.
  const { canonicalOf } = await import('./edi-canonical.ts');
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
    if (options.json === true) await io.out(JSON.stringify({ error: reason(cause) }));
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
    if (interchanges === 0 && options.json === true)
      await io.out(JSON.stringify({ file, error: 'no interchange was found' }));
    // An interchange may hold nothing but TA1: it is read all the same.
    io.exit(interchanges === 0 ? EXIT_UNREADABLE : EXIT_ACCEPTED);
  } catch (cause) {
    if (options.json === true) await io.out(JSON.stringify({ file, error: reason(cause) }));
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

/** One file each time, so that it never takes the operands after it for more of its own. */
const DEFINITIONS = [
  '--definitions <file>',
  'a definition of your own (see `edi import`), before the built-in ones; may be given several times',
  (file: string, earlier: string[] | undefined): string[] => [...(earlier ?? []), file],
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
    .description('segments that differ, envelopes included; exit 1 when any does')
    .action((left: string, right: string) => diffCommand(left, right, io));
  edi
    .command('write <file>')
    .description(
      'write an interchange from JSON (envelope and groups of documents as segments or guides), once it has been checked',
    )
    .option('-o, --output <file>', 'write to a file')
    .action((file: string, options: { output?: string }) => writeCommand(file, options, io));
}
