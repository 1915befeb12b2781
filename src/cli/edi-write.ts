/** `crossdock edi write`: an interchange from JSON, printed only when the checker takes it. */
import { writeFile } from 'node:fs/promises';
import {
  checkWriteInput,
  collect,
  describeCheck,
  type DocumentResult,
  EdiWriteError,
  toCheckResult,
  write,
  type WriteInput,
} from '../edi/index.ts';
import { EXIT_ACCEPTED, EXIT_ISSUES, EXIT_UNREADABLE, exitCodeOf, readWhole, reason } from './edi-files.ts';
import type { Io } from './edi-output.ts';

/** The parts without which there is nothing to speak of; what is wrong within them is told with its place. */
function writeInputOf(json: unknown): WriteInput {
  const input = json as Partial<WriteInput> | null;
  const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
  if (!isObject(input) || !isObject(input?.envelope))
    throw new Error('the JSON has no "envelope" (see the guide, part 5)');
  if (!isObject(input?.envelope?.sender) || !isObject(input?.envelope?.receiver))
    throw new Error('"envelope" has no "sender" and "receiver" of { qualifier, id }');
  if (!Array.isArray(input?.groups) || !input.groups.every((group) => Array.isArray(group?.documents)))
    throw new Error('the JSON has no "groups", each with "documents"');
  return checkWriteInput(json);
}

export async function writeCommand(file: string, options: { output?: string }, io: Io): Promise<void> {
  try {
    const text = (await readWhole(file)).toString('utf8');
    const bytes = write(writeInputOf(JSON.parse(text.replace(/^\u{feff}/u, ''))));
    const { interchanges, issues } = await collect(bytes);
    const checked = toCheckResult(interchanges, issues);
    const code = exitCodeOf(checked);
    if (code !== EXIT_ACCEPTED) {
      io.err(describeCheck(`${file}: nothing was written, as it would break the standard`, checked));
      io.exit(EXIT_ISSUES);
      return;
    }
    for (const { type, version } of uncheckedOf(interchanges))
      io.err(`${file}: ${type} is written unchecked: there is no definition of it in version ${version}`);
    if (options.output !== undefined) await writeFile(options.output, bytes);
    else await io.bytes(bytes);
  } catch (cause) {
    io.err(reason(cause));
    io.exit(cause instanceof EdiWriteError ? EXIT_ISSUES : EXIT_UNREADABLE);
  }
}

function uncheckedOf(interchanges: Awaited<ReturnType<typeof collect>>['interchanges']): DocumentResult[] {
  const documents = interchanges.flatMap(({ groups }) => groups.flatMap((group) => group.documents));
  return documents.filter(({ verdict }) => verdict === 'unchecked');
}
