import { Command, CommanderError } from 'commander';
import { hubVersion } from '../platform/index.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { createOutput } from './output.ts';

type Register = (program: Command) => void;

/**
 * The commands by the modules that declare them, in the order of the help. Only the module of the command that was asked for is
 * loaded: a hub that runs for months keeps nothing of the others in memory, and `crossdock status` waits for none of them.
 */
const modules: readonly { readonly commands: readonly string[]; load(): Promise<Register> }[] = [
  { commands: ['start', 'demo'], load: async () => (await import('./start.ts')).registerStart },
  { commands: ['doctor'], load: async () => (await import('./doctor.ts')).registerDoctor },
  { commands: ['status'], load: async () => (await import('./status.ts')).registerStatus },
  { commands: ['apply'], load: async () => (await import('./apply.ts')).registerApply },
  { commands: ['send'], load: async () => (await import('./send.ts')).registerSend },
  { commands: ['trace'], load: async () => (await import('./trace.ts')).registerTrace },
  { commands: ['tail'], load: async () => (await import('./tail.ts')).registerTail },
  { commands: ['exception'], load: async () => (await import('./exception.ts')).registerException },
  { commands: ['order'], load: async () => (await import('./order.ts')).registerOrder },
  { commands: ['shipment'], load: async () => (await import('./shipment.ts')).registerShipment },
  { commands: ['destination'], load: async () => (await import('./destination.ts')).registerDestination },
  { commands: ['replay'], load: async () => (await import('./replay.ts')).registerReplay },
  { commands: ['backup'], load: async () => (await import('./backup.ts')).registerBackup },
  { commands: ['restore'], load: async () => (await import('./restore.ts')).registerRestore },
  { commands: ['reconcile'], load: async () => (await import('./reconcile.ts')).registerReconcile },
  { commands: ['retention'], load: async () => (await import('./retention.ts')).registerRetention },
  { commands: ['edi'], load: async () => (await import('./edi.ts')).registerEdiCommands },
];

const help = `
Exit codes: 0 done · 1 refused, or something is wrong (the output says what) · 2 wrong usage or unreadable input ·
3 no hub answers · 4 not authorised · 5 not found.

Commands that talk to a running hub find it by CROSSDOCK_URL (default http://127.0.0.1:$CROSSDOCK_PORT, 8080) and sign
in with CROSSDOCK_ADMIN_KEY, else with the key kept in $CROSSDOCK_DATA (./data).`;

/** The command line as far as `command` needs it; all of it when there is no such command. Standard output carries results only. */
async function createProgram(command: string | undefined): Promise<Command> {
  const program = new Command('crossdock')
    .description('Integration hub for wholesale distributors')
    .version(hubVersion)
    .addHelpText('after', help)
    .showHelpAfterError('(crossdock --help tells more)')
    .exitOverride();
  if (command === '--version' || command === '-V') return program;
  const wanted = modules.filter(({ commands }) => commands.includes(command ?? ''));
  for (const { load } of wanted.length > 0 ? wanted : modules) (await load())(program);
  return program;
}

/** Runs the command line of this process; how it went is its exit code. */
export async function runCommandLine(): Promise<void> {
  try {
    await (await createProgram(process.argv[2])).parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are no mistakes; what is left is a wrong command line.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    // For people it has been said already, with a hint at the help.
    if (error.exitCode === 0 || !process.argv.includes('--json')) return;
    const { report } = await import('./command.ts');
    report(new CommandFailure(exitCodes.usage, error.message), createOutput(true));
  }
}
