/** `crossdock edi ack`: the acknowledgments that a file is owed, byte for byte. */
import {
  acknowledge,
  type CheckedInterchange,
  collect,
  interchangeText,
  type Issue,
  toCheckResult,
} from '../edi/index.ts';
import { readOptionsOf } from './edi-definitions.ts';
import { EXIT_UNREADABLE, exitCodeOf, open, reason, unreadable } from './edi-files.ts';
import type { Io } from './edi-output.ts';

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

/** Acknowledgments owed for a file: one interchange per interchange received. */
export async function runEdiAck(
  file: string,
  options: AckCommandOptions & { now: Date },
): Promise<{ bytes: Uint8Array[]; interchanges: CheckedInterchange[]; issues: Issue[] }> {
  const first = firstControl(options.control ?? '1');
  const { interchanges, issues } = await collect(open(file), await readOptionsOf(options));
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

function firstControl(text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new Error(`--control is a number of one to nine digits, not "${text}"`);
}

export async function ackCommand(file: string, options: AckCommandOptions & { json?: boolean }, io: Io): Promise<void> {
  try {
    const { bytes, interchanges, issues } = await runEdiAck(file, { ...options, now: io.now() });
    if (options.json === true)
      await io.out(JSON.stringify({ file, acknowledgments: bytes.map(interchangeText), issues }));
    else for (const one of bytes) await io.bytes(one);
    if (interchanges.length === 0) for (const found of issues) io.err(`${file}: ${found.message}`);
    else if (bytes.length === 0) io.err(`${file}: no acknowledgment is owed`);
    io.exit(exitCodeOf(toCheckResult(interchanges, issues)));
  } catch (cause) {
    if (options.json === true)
      await io.out(
        JSON.stringify({ file, error: reason(cause), acknowledgments: [], issues: unreadable(file, cause).issues }),
      );
    io.err(reason(cause));
    io.exit(EXIT_UNREADABLE);
  }
}
