import type { Command } from 'commander';
import type { DeliverySummary } from './api/index.ts';
import { runCommand } from './main-command.ts';
import { exitCodes } from './main-exit-codes.ts';

export function registerReplay(program: Command): void {
  program
    .command('replay <delivery>')
    .description('try a delivery again, under its event id, key and place')
    .option('--reason <text>', 'why; kept in the audit chain', 'replayed from the command line')
    .option('--json', 'machine-readable')
    .action((id: string, options: { reason: string; json?: boolean }) =>
      runCommand(options, async ({ hub, output }) => {
        const client = await hub();
        const { body } = await client.request<DeliverySummary>(`/v1/deliveries/${encodeURIComponent(id)}/replay`, {
          method: 'POST',
          json: { reason: options.reason },
        });
        output.result(body, `${body.operation} to ${body.destination}: ${body.state}`);
        return exitCodes.ok;
      }),
    );
}
