import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { AcceptedMessage, ImportReport, MessageDetail, OrderView } from '../api/index.ts';
import { type CommandContext, runCommand } from './command.ts';
import { CommandFailure, type ExitCode, exitCodes } from './exit-codes.ts';
import type { HubClient } from './hub-client.ts';
import { kindOfFile } from './kind-of-file.ts';
import { readInput } from './read-input.ts';
import type { Output } from './output.ts';

interface SendOptions {
  readonly partner?: string;
  readonly wait: string;
  readonly json?: boolean;
}

export function registerSend(program: Command): void {
  program
    .command('send <file>')
    .description(
      'hand a file to the hub: EDI, a CSV of orders, or an order as JSON; - reads standard input; tells what came of it',
    )
    .option('--partner <account>', 'account number of the partner that an EDI file is from')
    .option('--wait <seconds>', 'how long to wait for an EDI file to be translated', '10')
    .option('--json', 'machine-readable')
    .action((file: string, options: SendOptions) => runCommand(options, (context) => send(file, options, context)));
}

async function send(file: string, options: SendOptions, { hub, output }: CommandContext): Promise<ExitCode> {
  const waitSeconds = Number(options.wait);
  if (!(waitSeconds >= 0 && waitSeconds <= 600))
    throw new CommandFailure(exitCodes.usage, '--wait is 0 to 600 seconds');
  const found = await readInput(file).catch((error: Error) => {
    throw new CommandFailure(exitCodes.usage, `${file} cannot be read: ${error.message}`);
  });
  const { kind, content } = kindOfFile(file, found);
  const client = await hub();
  switch (kind) {
    case 'csv':
      return sendCsv(client, content, output);
    case 'json':
      return sendOrder(client, content, output);
    case 'edi':
      return sendEdi(client, content, { ...options, file: basename(file), waitMs: waitSeconds * 1000 }, output);
  }
}

async function sendCsv(client: HubClient, content: Uint8Array, output: Output): Promise<ExitCode> {
  const { body } = await client.request<ImportReport>('/v1/orders/import', {
    method: 'POST',
    bytes: { content, type: 'text/csv' },
  });
  output.result(body, () =>
    [
      `${body.created} created, ${body.duplicates} duplicate, ${body.refused} refused`,
      ...body.rows
        .filter((row) => row.outcome === 'refused')
        .flatMap((row) => row.errors.map((error) => `row ${row.row} ${error.column}: ${error.message}`)),
    ].join('\n'),
  );
  return body.refused === 0 ? exitCodes.ok : exitCodes.refused;
}

async function sendOrder(client: HubClient, content: Uint8Array, output: Output): Promise<ExitCode> {
  const { body } = await client.request<OrderView>('/v1/orders', {
    method: 'POST',
    bytes: { content, type: 'application/json' },
  });
  output.result(body, `order ${body.orderNo}: ${body.status.milestone}${body.status.onHold ? ', on hold' : ''}`);
  return exitCodes.ok;
}

async function sendEdi(
  client: HubClient,
  content: Uint8Array,
  options: { partner?: string; file: string; waitMs: number },
  output: Output,
): Promise<ExitCode> {
  const query = options.partner === undefined ? '' : `?partner=${encodeURIComponent(options.partner)}`;
  const { body: accepted } = await client.request<AcceptedMessage>(`/v1/edi/inbound${query}`, {
    method: 'POST',
    bytes: { content, type: 'application/edi-consent' },
  });
  const message = await settledMessage(client, accepted.messageId, options.waitMs);
  output.result(message, () => describeMessage(options.file, message));
  return ['received', 'processed', 'duplicate', 'ignored'].includes(message.state) ? exitCodes.ok : exitCodes.refused;
}

async function settledMessage(client: HubClient, id: string, waitMs: number): Promise<MessageDetail> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const { body } = await client.request<MessageDetail>(`/v1/messages/${id}`);
    if (body.state !== 'received' || Date.now() >= deadline) return body;
    await sleep(200);
  }
}

function describeMessage(file: string, message: MessageDetail): string {
  const documents = message.documents.map((document) => {
    const verdict = document.verdict === undefined ? '' : `, ${document.verdict.replaceAll('_', ' ')}`;
    const order = document.orderId === undefined ? '' : `, order ${document.orderId}`;
    return `  ${document.type} ${document.control ?? ''}: ${document.state}${verdict}${order}`;
  });
  const exceptions = message.exceptions.map((exception) => `  ${exception.code}: ${exception.cause}`);
  const state = message.state === 'received' ? 'stored, not translated yet' : message.state;
  return [
    `${file}: ${state}${message.reason === undefined ? '' : ` (${message.reason})`}, message ${message.id}`,
    ...documents,
    ...exceptions,
  ].join('\n');
}
