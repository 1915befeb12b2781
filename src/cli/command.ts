import { CommandFailure, type ExitCode, exitCodes, failureCodes } from './exit-codes.ts';
import { connectToHub, type HubClient } from './hub-client.ts';
import { createOutput, type Output } from './output.ts';
import { isHubError } from '../platform/index.ts';

export interface CommandContext {
  readonly output: Output;
  /** The running hub; not asked for by commands that do without one. */
  hub(): Promise<HubClient>;
}

/** Runs a command and turns what came of it into an exit code, and a failure into words, or JSON with `--json`. */
export async function runCommand(
  options: { readonly json?: boolean | undefined },
  run: (context: CommandContext) => Promise<ExitCode>,
): Promise<void> {
  const output = createOutput(options.json === true);
  try {
    process.exitCode = await run({ output, hub: () => connectToHub(process.env) });
  } catch (error) {
    process.exitCode = report(error, output);
  }
}

/** The one shape of a failure: words and an exit code, or with `--json` `{error, code, …}` on standard output. */
export function report(error: unknown, output: Output): ExitCode {
  const failure = describeFailure(error);
  if (output.json) output.result(failure.result, '');
  else output.say(failure.text);
  return failure.exitCode;
}

interface Failure {
  readonly exitCode: ExitCode;
  readonly text: string;
  readonly result: Readonly<Record<string, unknown>>;
}

function describeFailure(error: unknown): Failure {
  const { message, stack } = error as Error;
  if (error instanceof CommandFailure) {
    const { exitCode, result } = error;
    const told = typeof result === 'object' && result !== null && !Array.isArray(result) ? result : { result };
    return { exitCode, text: message, result: { error: message, code: failureCodes[exitCode], ...told } };
  }
  if (isHubError(error)) {
    const { code, errors = [] } = error;
    const exitCode = code === 'CONFIG_INVALID' ? exitCodes.usage : exitCodes.refused;
    return { exitCode, text: `${code}: ${message}`, result: { error: message, code, errors } };
  }
  // A mistake of ours is easier to mend with its trace; what the system refuses explains itself.
  const isOfSystem = typeof (error as NodeJS.ErrnoException).syscall === 'string';
  const text = isOfSystem ? message : `INTERNAL: ${message}\n${stack ?? ''}`;
  return { exitCode: exitCodes.refused, text, result: { error: message, code: 'INTERNAL', errors: [] } };
}
