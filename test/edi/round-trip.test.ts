import { describe, expect, test } from 'vitest';
import { fromGuide, read, type ReadEvent, toGuide, write, type WriteGroup } from '../../src/edi/index.ts';
import { documents, events, sample, samplePaths } from './samples.ts';

function rewrite(input: Uint8Array, guided: boolean): string {
  const list = events(input);
  const start = list.find((event) => event.kind === 'interchange');
  if (start?.kind !== 'interchange') throw new Error('no interchange');
  const { interchange } = start;
  const groups: (WriteGroup & { documents: WriteGroup['documents'][number][] })[] = [];
  const leading: { id: string; elements: string[] }[] = [];
  for (const event of list) {
    if (event.kind === 'acknowledgment') {
      const { control, date, note, status, time } = event.acknowledgment;
      leading.push({ id: 'TA1', elements: [control, date, time, status, note] });
    }
    if (event.kind === 'group' || (event.kind === 'document' && event.group === undefined && groups.length === 0)) {
      const group = event.kind === 'group' ? event.group : undefined;
      groups.push({
        functionalId: group?.type ?? '',
        control: group?.control ?? '',
        version: group?.version ?? (event.kind === 'document' ? event.document.version : ''),
        documents: [],
        ...(group === undefined ? {} : { sender: group.sender, receiver: group.receiver }),
      });
    }
    if (event.kind !== 'document') continue;
    const { document } = event;
    const guide = guided ? toGuide(document) : undefined;
    const segments =
      guide === undefined || document.definition === undefined
        ? [...document.segments()].slice(1, -1)
        : fromGuide(guide, document.definition);
    groups.at(-1)?.documents.push({
      type: document.type,
      control: document.control,
      segments,
      association: document.association,
    });
  }
  const text = (byte: number) => String.fromCharCode(byte);
  const { component, element, release, repetition, segment } = interchange.delimiters;
  const date = interchange.date.length === 6 ? `20${interchange.date}` : interchange.date;
  const bytes = write({
    envelope: {
      standard: interchange.standard,
      sender: interchange.sender,
      receiver: interchange.receiver,
      usage: interchange.usage as 'P',
      version: interchange.version,
      control: interchange.control,
      date: `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`,
      time: `${interchange.time.slice(0, 2)}:${interchange.time.slice(2)}`,
      ackRequested: interchange.ackRequested,
      una: interchange.standard === 'edifact',
      ...(interchange.header[6] && interchange.standard === 'edifact'
        ? { applicationReference: interchange.header[6] }
        : {}),
      delimiters: {
        element: text(element),
        component: text(component),
        segment: text(segment),
        ...(repetition < 0 ? {} : { repetition: text(repetition) }),
        ...(release < 0 ? {} : { release: text(release) }),
      },
      lineEnding: '\n',
    },
    groups,
    leading,
  });
  return Buffer.from(bytes).toString('latin1');
}

describe('every sample document', () => {
  test.each(samplePaths())('%s is accepted without an issue', (path) => {
    for (const document of documents(sample(path))) {
      expect(document.issues).toEqual([]);
      expect(document.verdict).toBe('accepted');
    }
  });

  test.each(samplePaths())('%s comes back byte for byte from its segments', (path) => {
    expect(rewrite(sample(path), false)).toBe(Buffer.from(sample(path)).toString('latin1'));
  });

  test.each(samplePaths())('%s comes back byte for byte from its guide', (path) => {
    expect(rewrite(sample(path), true)).toBe(Buffer.from(sample(path)).toString('latin1'));
  });

  test.each(samplePaths())('%s reads the same in chunks of one byte', async (path) => {
    const bytes = sample(path);
    async function* single() {
      for (const byte of bytes) yield Uint8Array.of(byte);
    }
    const seen: ReadEvent[] = [];
    for await (const event of read(single())) seen.push(event);
    const shape = (list: ReadEvent[]) =>
      list.map((event) => (event.kind === 'document' ? JSON.stringify(event.document) : event));
    expect(shape(seen)).toEqual(shape(events(bytes)));
  });
});
