import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Effect } from '../effect-log.ts';
import { created, type LabReply, ok, type Route, refused } from '../lab-server.ts';
import type { Bench, System } from '../lab-system.ts';
import { acknowledgmentSegments, type PurchaseOrder, purchaseOrderSegments } from './purchase-order.ts';
import { readInterchange, type ReadInterchange, type Segment, writeInterchange } from './x12-text.ts';

const us = 'MERIDIAN';
const them = 'RIDGELINE';

/**
 * The trading partner Meridian: puts its 850s into the hub's `in` folder by renaming them into place, reads what the hub
 * leaves in `out`, and answers each group with a 997. Every document it sees is logged with its business number.
 */
export class Partner implements System {
  readonly #bench: Bench;
  readonly #inDir: string;
  readonly #outDir: string;
  readonly #read = new Map<string, number>();
  #control = 0;
  #orders = 0;
  #poll: NodeJS.Timeout | undefined;
  readonly routes: readonly Route[];

  constructor(bench: Bench) {
    this.#bench = bench;
    const mailbox = bench.config.partnerDir ?? join(bench.config.dir, 'partner');
    this.#inDir = join(mailbox, 'in');
    this.#outDir = join(mailbox, 'out');
    this.routes = [
      { method: 'POST', path: '/_orders', handle: ({ body }) => this.#order(body) },
      { method: 'POST', path: '/_files', handle: ({ body }) => this.#sendText(body) },
      { method: 'POST', path: '/_acknowledge', handle: ({ body }) => this.#acknowledgeByHand(body) },
    ];
  }

  apply(effect: Effect): void {
    if (typeof effect.control === 'number') this.#control = Math.max(this.#control, effect.control);
    if (effect.kind === 'order.sent') this.#orders += 1;
    if (effect.kind === 'file.read') this.#read.set(String(effect.key), Date.parse(effect.at));
  }

  resume(): void {
    mkdirSync(this.#inDir, { recursive: true });
    mkdirSync(this.#outDir, { recursive: true });
    const poll = async (): Promise<void> => {
      // A mailbox that is out of reach for a moment is looked into again.
      await this.#lookIntoMailbox().catch(() => {});
      this.#poll = setTimeout(() => void poll(), this.#bench.dials.delaysMs.poll ?? 500);
    };
    void poll();
  }

  stop(): void {
    clearTimeout(this.#poll);
  }

  describe(): unknown {
    return { sent: this.#control, orders: this.#orders, filesRead: this.#read.size };
  }

  /** `PurchaseOrder` plus `version`, `usage` and `control` for tests that need a certain interchange. */
  async #order(body: Record<string, unknown>): Promise<LabReply> {
    const order = body as unknown as PurchaseOrder & { version?: string; usage?: 'P' | 'T'; control?: number };
    if (!Array.isArray(order.lines) || order.lines.length === 0)
      return refused(422, 'NO_LINES', 'an order needs lines');
    const poNumber = order.poNumber ?? `MR-${String(45_000 + this.#orders + 1)}`;
    const control = order.control ?? this.#control + 1;
    const at = this.#bench.clock();
    const text = this.#frame('PO', control, order, [purchaseOrderSegments(order, poNumber, '0001', at)], at);
    const file = `850-${control}.edi`;
    await this.#bench.record({ kind: 'order.sent', key: poNumber, control, file, lines: order.lines });
    this.#drop(file, text);
    return created({ poNumber, control, file, text });
  }

  /** `{name, text}`: any bytes, as they are. */
  async #sendText(body: Record<string, unknown>): Promise<LabReply> {
    const file = String(body.name);
    if (!/^[\w.-]+$/.test(file)) return refused(422, 'BAD_NAME', 'a file name without a path');
    await this.#bench.record({ kind: 'file.sent', key: file });
    this.#drop(file, String(body.text));
    return created({ file });
  }

  #frame(
    functionalId: string,
    control: number,
    how: { version?: string; usage?: 'P' | 'T' },
    documents: Segment[][],
    at: Date,
  ): string {
    const version = how.version ?? '004010';
    return writeInterchange(
      { sender: us, receiver: them, control, version, usage: how.usage ?? 'P', functionalId, at },
      documents,
    );
  }

  // A file counts once it is renamed into place, so that nobody reads half of it.
  #drop(name: string, text: string): void {
    const temporary = join(this.#inDir, `.${name}.${process.pid}.tmp`);
    writeFileSync(temporary, text);
    renameSync(temporary, join(this.#inDir, name));
  }

  async #lookIntoMailbox(): Promise<void> {
    const { keep } = this.#bench.dials.delaysMs;
    for (const name of readdirSync(this.#outDir).sort()) {
      if (name.startsWith('.') || name.endsWith('.tmp')) continue;
      const readAt = this.#read.get(name);
      if (readAt === undefined) await this.#take(name);
      else if (typeof keep === 'number' && this.#bench.clock().getTime() - readAt > keep)
        rmSync(join(this.#outDir, name), { force: true });
    }
  }

  async #take(name: string): Promise<void> {
    const bytes = readFileSync(join(this.#outDir, name));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    let interchange: ReadInterchange;
    try {
      interchange = readInterchange(bytes.toString('utf8'));
    } catch (error) {
      await this.#bench.record({ kind: 'file.read', key: name, sha256, error: (error as Error).message });
      return;
    }
    const documents = interchange.groups.flatMap((group) =>
      group.documents.map((document) => ({
        kind: 'document.received',
        key: businessNumber(document.segments),
        type: document.type,
        interchange: interchange.control,
        group: group.control,
        document: document.control,
        segments: document.segments,
      })),
    );
    const ta1 = interchange.ta1.map((segment) => ({
      kind: 'ta1.received',
      key: segment[1] ?? '',
      segments: [segment],
    }));
    await this.#bench.record(
      { kind: 'file.read', key: name, sha256, text: bytes.toString('utf8') },
      ...documents,
      ...ta1,
    );
    for (const group of interchange.groups) {
      if (group.functionalId !== 'FA') this.#answerLater(group);
    }
  }

  #answerLater(group: ReadInterchange['groups'][number]): void {
    const type = group.documents[0]?.type ?? '';
    const { acknowledge, delaysMs } = this.#bench.dials;
    const answer = acknowledge[type] ?? acknowledge.default ?? 'accept';
    if (answer === 'none') return;
    const delayName = `acknowledge${type}` in delaysMs ? `acknowledge${type}` : 'acknowledge';
    this.#bench.later(delayName, () => this.#acknowledge(group, answer === 'accept'));
  }

  async #acknowledge(group: ReadInterchange['groups'][number], accepted: boolean): Promise<void> {
    const control = this.#control + 1;
    const at = this.#bench.clock();
    const text = this.#frame(
      'FA',
      control,
      { version: group.version },
      [acknowledgmentSegments(group, accepted, '0001')],
      at,
    );
    const file = `997-${control}.edi`;
    const types = group.documents.map(({ type }) => type);
    await this.#bench.record({ kind: 'acknowledgment.sent', key: group.control, control, accepted, types, file });
    this.#drop(file, text);
  }

  /** `{functionalId, group, type, documents: [control], accepted?}`: a 997 at any time. */
  async #acknowledgeByHand(body: Record<string, unknown>): Promise<LabReply> {
    const { functionalId, group, type, documents, accepted = true } = body;
    const controls = Array.isArray(documents) ? documents.map(String) : [];
    await this.#acknowledge(
      {
        functionalId: String(functionalId),
        control: String(group),
        version: '004010',
        documents: controls.map((control) => ({ type: String(type), control, segments: [] })),
      },
      accepted === true,
    );
    return ok({});
  }
}

/** What a document is about: the PO of an 855, the shipment of an 856, the invoice of an 810, the group of a 997. */
function businessNumber(segments: readonly Segment[]): string {
  const positions: Readonly<Record<string, number>> = { BAK: 3, BSN: 2, BIG: 2, AK1: 2 };
  for (const segment of segments) {
    const position = positions[segment[0] ?? ''];
    if (position !== undefined) return segment[position] ?? '';
  }
  return '';
}
