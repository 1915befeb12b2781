import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collect, toCheckResult } from '../../src/edi/index.ts';

/** Leaves a file for who reads the folder: it counts once renamed. */
export function leaveFile(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, `.${name}.tmp`), text);
  renameSync(join(folder, `.${name}.tmp`), join(folder, name));
}

/** What the engine says of a file: `850 accepted` for each document, and the faults of the envelope. */
export async function verdictsOf(path: string): Promise<unknown[]> {
  const { interchanges, issues } = await collect([readFileSync(path)]);
  return toCheckResult(interchanges, issues).interchanges.flatMap(({ groups, ...interchange }) => [
    ...interchange.issues,
    ...groups.flatMap((group) =>
      group.documents.flatMap(({ type, verdict, issues: faults }) => [`${type} ${verdict}`, ...faults]),
    ),
  ]);
}
