import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Effect } from './effect-log.ts';
import { created, type LabReply, ok, type Route, refused } from './lab-server.ts';
import type { Bench, NewEffect } from './lab-system.ts';
import {
  acknowledgmentSegments,
  type ReadDocument,
  type ReadGroup,
  type ReadInterchange,
  readInterchange,
  type Segment,
  writeInterchange,
} from './x12-text.ts';

/** How an interchange is written where not as usual: 004010, production, the next control number. */
export interface Framing {
  version?: string;
  usage?: 'P' | 'T';
  control?: number;
}

export interface MailboxOptions {
  /** ISA06 and GS02 of what is sent; the hub is RIDGELINE. */
  us: string;
  /** Where the number of a document stands that is about something, e.g. `{BAK: 3}`. A 997's is its group. */
  businessNumbers: Readonly<Record<string, number>>;
  /** Default `850-1.edi`. */
  fileName?: (type: string, control: number) => string;
  /** What documents come to, recorded together with their arrival. Not asked for what is refused by a 997. */
  receive?: (document: ReadDocument) => NewEffect[];
  /** All that came has been recorded. */
  received?: () => void;
}

const them = 'RIDGELINE';

/**
 * How those who trade by EDI deal with the hub: files are renamed into its `in` folder; what it leaves in `out` is read
 * once, logged document by document with its business number, and each group answered by a 997 as the dials say.
 */
export class Mailbox {
  readonly #bench: Bench;
  readonly #options: MailboxOptions;
  readonly #inDir: string;
  readonly #outDir: string;
  readonly #read = new Map<string, number>();
  readonly #sentFiles = new Set<string>();
  #control = 0;
  #poll: NodeJS.Timeout | undefined;
  readonly routes: readonly Route[] = [
    { method: 'POST', path: '/_files', handle: ({ body }) => this.#sendText(body) },
    { method: 'POST', path: '/_acknowledge', handle: ({ body }) => this.#acknowledgeByHand(body) },
  ];

  constructor(bench: Bench, options: MailboxOptions) {
    this.#bench = bench;
    this.#options = options;
    const { mailboxDir, dir, system } = bench.config;
    const mailbox = mailboxDir ?? join(dir, system);
    this.#inDir = join(mailbox, 'in');
    this.#outDir = join(mailbox, 'out');
  }

  /** How far its control numbers have come. */
  get sent(): number {
    return this.#control;
  }

  get filesRead(): number {
    return this.#read.size;
  }

  apply(effect: Effect): void {
    if (typeof effect.control === 'number') this.#control = Math.max(this.#control, effect.control);
    if (typeof effect.file === 'string') this.#sentFiles.add(effect.file);
    if (effect.kind === 'file.read') this.#read.set(String(effect.key), Date.parse(effect.at));
  }

  open(): void {
    mkdirSync(this.#inDir, { recursive: true });
    mkdirSync(this.#outDir, { recursive: true });
    this.#finishSending();
    const poll = async (): Promise<void> => {
      // A mailbox that is out of reach for a moment is looked into again.
      await this.#look().catch(() => {});
      this.#poll = setTimeout(() => void poll(), this.#bench.dials.delaysMs.poll ?? 500);
    };
    void poll();
  }

  close(): void {
    clearTimeout(this.#poll);
  }

  /**
   * Sends one document in an interchange of its own: `effects` are recorded with its control number and file first.
   *
   * @param segments from ST on, without SE
   */
  async send(
    functionalId: string,
    segments: readonly Segment[],
    effects: readonly [NewEffect, ...NewEffect[]],
    framing: Framing = {},
  ): Promise<{ control: number; file: string; text: string }> {
    const control = framing.control ?? this.#control + 1;
    const type = segments[0]?.[1] ?? '';
    const file = this.#options.fileName?.(type, control) ?? `${type}-${control}.edi`;
    const { version = '004010', usage = 'P' } = framing;
    const at = this.#bench.clock();
    const frame = { sender: this.#options.us, receiver: them, control, version, usage, functionalId, at };
    const text = writeInterchange(frame, [segments]);
    const [first, ...others] = effects;
    await this.#drop(file, text, [{ ...first, control, file }, ...others]);
    return { control, file, text };
  }

  /** A file counts once it is renamed into place, so that nobody reads half of it, nor what is not on record. */
  async #drop(file: string, text: string, effects: readonly NewEffect[]): Promise<void> {
    const temporary = join(this.#inDir, `.${file}.tmp`);
    writeFileSync(temporary, text);
    await this.#bench.record(...effects);
    renameSync(temporary, join(this.#inDir, file));
  }

  /** What a crash left half done: what is on record is sent, what is not never was. */
  #finishSending(): void {
    for (const name of readdirSync(this.#inDir)) {
      const file = /^\.(.+)\.tmp$/.exec(name)?.[1];
      if (file === undefined) continue;
      if (this.#sentFiles.has(file)) renameSync(join(this.#inDir, name), join(this.#inDir, file));
      else rmSync(join(this.#inDir, name));
    }
  }

  /** `{name, text}`: any bytes, as they are. */
  async #sendText(body: Record<string, unknown>): Promise<LabReply> {
    const file = String(body.name);
    if (!/^[\w.-]+$/.test(file)) return refused(422, 'BAD_NAME', 'a file name without a path');
    await this.#drop(file, String(body.text), [{ kind: 'file.sent', key: file, file }]);
    return created({ file });
  }

  async #look(): Promise<void> {
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
      group.documents.flatMap((document): NewEffect[] => [
        {
          kind: 'document.received',
          key: this.#businessNumber(document.segments),
          type: document.type,
          interchange: interchange.control,
          group: group.control,
          document: document.control,
          segments: document.segments,
        },
        ...(this.#answerTo(group) === 'reject' ? [] : (this.#options.receive?.(document) ?? [])),
      ]),
    );
    const ta1 = interchange.ta1.map((segment) => ({
      kind: 'ta1.received',
      key: segment[1] ?? '',
      segments: [segment],
    }));
    // Last, so that a file whose record breaks off half-way is read again.
    const read = { kind: 'file.read', key: name, sha256, text: bytes.toString('utf8') };
    await this.#bench.record(...documents, ...ta1, read);
    for (const group of interchange.groups) {
      if (group.functionalId !== 'FA') this.#answerLater(group);
    }
    this.#options.received?.();
  }

  #answerTo(group: ReadGroup): 'accept' | 'reject' | 'none' {
    const { acknowledge } = this.#bench.dials;
    return acknowledge[group.documents[0]?.type ?? ''] ?? acknowledge.default ?? 'accept';
  }

  #answerLater(group: ReadGroup): void {
    const { delaysMs } = this.#bench.dials;
    const answer = this.#answerTo(group);
    if (answer === 'none') return;
    const ofType = `acknowledge${group.documents[0]?.type ?? ''}`;
    const delayName = ofType in delaysMs ? ofType : 'acknowledge';
    this.#bench.later(delayName, () => this.#acknowledge(group, answer === 'accept'));
  }

  async #acknowledge(group: ReadGroup, accepted: boolean): Promise<void> {
    const types = group.documents.map(({ type }) => type);
    const sent = { kind: 'acknowledgment.sent', key: group.control, accepted, types };
    await this.send('FA', acknowledgmentSegments(group, accepted, '0001'), [sent], { version: group.version });
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

  #businessNumber(segments: readonly Segment[]): string {
    const positions = { AK1: 2, ...this.#options.businessNumbers };
    for (const segment of segments) {
      const position = (positions as Record<string, number>)[segment[0] ?? ''];
      if (position !== undefined) return segment[position] ?? '';
    }
    return '';
  }
}
