import { CommandFailure, type ExitCode, exitCodes } from './main-exit-codes.ts';
import { connectToHub, type HubClient } from './main-hub-client.ts';
import { createOutput, type Output } from './main-output.ts';
import { isHubError } from './platform/index.ts';

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

function report(error: unknown, output: Output): ExitCode {
  if (error instanceof CommandFailure) {
    if (output.json) output.result(error.result, '');
    else output.say(error.message);
    return error.exitCode;
  }
  const message = (error as Error).message;
  const code = isHubError(error) ? error.code : 'INTERNAL';
  const errors = isHubError(error) ? (error.errors ?? []) : [];
  if (output.json) output.result({ error: message, code, errors }, '');
  else output.say(`${code}: ${message}`);
  // A mistake of ours is easier to mend with its trace; a refusal explains itself.
  if (!isHubError(error) && !output.json) output.say((error as Error).stack ?? '');
  return code === 'CONFIG_INVALID' ? exitCodes.usage : exitCodes.refused;
}
