import { Command, CommanderError } from 'commander';
import { registerApply } from './main-apply.ts';
import { registerBackup } from './main-backup.ts';
import { registerDoctor } from './main-doctor.ts';
import { registerEdiCommands } from './main-edi.ts';
import { exitCodes } from './main-exit-codes.ts';
import { registerReconcile } from './main-reconcile.ts';
import { registerReplay } from './main-replay.ts';
import { registerRestore } from './main-restore.ts';
import { registerRetention } from './main-retention.ts';
import { registerSend } from './main-send.ts';
import { registerStart } from './main-start.ts';
import { registerStatus } from './main-status.ts';
import { registerTail } from './main-tail.ts';
import { registerTrace } from './main-trace.ts';

const help = `
Exit codes: 0 done · 1 refused, or something is wrong (the output says what) · 2 wrong usage or unreadable input ·
3 no hub answers · 4 not authorised · 5 not found.

Commands that talk to a running hub find it by CROSSDOCK_URL (default http://127.0.0.1:$CROSSDOCK_PORT, 8080) and sign
in with CROSSDOCK_ADMIN_KEY, else with the key kept in $CROSSDOCK_DATA (./data).`;

/** The whole command line. Standard output carries results only. */
export function createProgram(): Command {
  const program = new Command('crossdock')
    .description('Integration hub for wholesale distributors')
    .version('0.1.0')
    .addHelpText('after', help)
    .showHelpAfterError('(crossdock --help tells more)')
    .exitOverride();
  registerStart(program);
  registerDoctor(program);
  registerStatus(program);
  registerApply(program);
  registerSend(program);
  registerTrace(program);
  registerTail(program);
  registerReplay(program);
  registerBackup(program);
  registerRestore(program);
  registerReconcile(program);
  registerRetention(program);
  registerEdiCommands(program);
  return program;
}

async function main(): Promise<void> {
  try {
    await createProgram().parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are no mistakes; what is left is a wrong command line.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
}

await main();
