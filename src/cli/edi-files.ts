/** Files of the `crossdock edi …` verbs, and what becomes of them as exit codes. */
import { createReadStream } from 'node:fs';
import type { CheckResult } from '../edi/index.ts';

export const EXIT_ACCEPTED = 0;
export const EXIT_ISSUES = 1;
export const EXIT_UNREADABLE = 2;

export interface FileResult extends CheckResult {
  file: string;
}

export const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** `-` is standard input. */
export function open(file: string): AsyncIterable<Uint8Array> {
  return file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1 << 16 });
}

export async function readWhole(file: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of open(file)) parts.push(chunk);
  return Buffer.concat(parts);
}

export function unreadable(file: string, cause: unknown): FileResult {
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
