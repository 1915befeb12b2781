import type { Command } from 'commander';
import type { SearchResult, VoidResult } from '../api/index.ts';
import { runCommand } from './command.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { reasonOption } from './options.ts';

interface VoidOptions {
  reason: string;
  dryRun?: boolean;
  json?: boolean;
}

export function registerShipment(program: Command): void {
  program
    .command('shipment')
    .description('one shipment, by its number, an SSCC or a tracking number')
    .command('void <id>')
    .description('undo a shipment that never left, for a warehouse or carrier that cannot say so itself')
    .requiredOption(...reasonOption)
    .option('--dry-run', 'preview only')
    .option('--json', 'machine-readable')
    .action((id: string, options: VoidOptions) =>
      runCommand(options, async ({ hub, output }) => {
        const client = await hub();
        const { body: found } = await client.request<SearchResult>(`/v1/search?q=${encodeURIComponent(id)}`);
        const shipment = found.hits.find(({ kind }) => kind === 'shipment');
        if (shipment === undefined)
          throw new CommandFailure(exitCodes.notFound, `No shipment has to do with ${id}`, found);
        const path = `/v1/shipments/${shipment.id}`;
        const { etag } = await client.request(path);
        const { body } = await client.request<VoidResult>(`${path}/void`, {
          method: 'POST',
          headers: { 'if-match': etag ?? '*' },
          json: { reason: options.reason, ...(options.dryRun === true ? { preview: true } : {}) },
        });
        output.result(body, () => body.effects.join('\n'));
        if (options.dryRun === true) output.say('Preview only: nothing was changed');
        return exitCodes.ok;
      }),
    );
}
