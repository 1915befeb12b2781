/** Definitions of the user's own for the `crossdock edi …` verbs: reading them, and what the options about them mean. */
import { readFile, stat } from 'node:fs/promises';
import { type Definition, importDefinition, lookupWith, type ReadOptions, type StaediOptions } from '../edi/index.ts';

const DEFINITION_BYTES_MAX = 32 << 20;

/** Read and compile a definition of the user's own. Throws `DefinitionError` with every problem. */
export async function openDefinition(
  file: string,
  about?: StaediOptions,
): Promise<ReturnType<typeof importDefinition>> {
  const { size } = await stat(file);
  if (size > DEFINITION_BYTES_MAX) throw new Error(`${file} is too large for a definition`);
  return importDefinition(await readFile(file, 'utf8'), about);
}

/** What `--strict` and `--definitions` mean for reading. */
export async function readOptionsOf(options: { strict?: boolean; definitions?: string[] }): Promise<ReadOptions> {
  const strict = options.strict ?? false;
  if (options.definitions === undefined || options.definitions.length === 0) return { strict };
  const definitions: Definition[] = [];
  for (const file of options.definitions) {
    try {
      definitions.push((await openDefinition(file)).definition);
    } catch (cause) {
      throw new Error(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }
  return { strict, lookup: lookupWith(definitions) };
}

export interface ImportCommandOptions {
  as?: string;
  standard?: string;
  definitionVersion?: string;
  type?: string;
  functionalId?: string;
  label?: string;
  output?: string;
}

/** What XML does not say of itself; undefined when nothing of it was said. */
export function aboutOf(options: ImportCommandOptions): StaediOptions | undefined {
  const { definitionVersion, functionalId, label, standard, type } = options;
  if (type === undefined && definitionVersion === undefined) return undefined;
  return {
    standard: standard === 'edifact' ? 'edifact' : 'x12',
    version: definitionVersion ?? '',
    type: type ?? '',
    ...(functionalId === undefined ? {} : { functionalId }),
    ...(label === undefined ? {} : { label }),
  };
}
