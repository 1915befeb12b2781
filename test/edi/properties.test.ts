/** Generated documents of every type, and inputs broken at random: a short form of the long fuzzing runs. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  acknowledge,
  type Definition,
  definedTypes,
  describeDocument,
  exampleOf,
  fromGuide,
  lookup,
  readSync,
  ResultCollector,
  type Segment,
  toGuide,
  write,
} from '../../src/edi/index.ts';
import { documents, sample, samplePaths } from './samples.ts';

const RUNS = Number(process.env.CROSSDOCK_FUZZ_RUNS ?? '60');

const everyType = definedTypes().flatMap(({ standard, types, versions }) =>
  versions
    .filter((version) => ['004010', '005010', 'D.96A', 'D.01B'].includes(version))
    .flatMap((version) =>
      types.map((type) => [`${standard} ${version} ${type}`, lookup(standard, version, type)] as const),
    ),
) as readonly (readonly [string, Definition])[];

/** Generated values satisfy syntax, not arithmetic: totals and check digits are left out of this property. */
function syntaxOnly(definition: Definition): Definition {
  return { ...definition, checks: [] };
}

function interchangeOf(definition: Definition, segments: readonly Segment[]): Uint8Array {
  const edifact = definition.standard === 'edifact';
  return write({
    envelope: {
      standard: definition.standard,
      sender: { qualifier: edifact ? '14' : 'ZZ', id: 'SENDER' },
      receiver: { qualifier: edifact ? '14' : 'ZZ', id: 'RECEIVER' },
      usage: 'T',
      version: edifact
        ? definition.version === 'D.01B'
          ? 'UNOC:4'
          : 'UNOC:3'
        : `0${definition.version.slice(1, 3)}01`,
      control: '1',
      date: '2026-06-01',
      time: '09:00',
      ...(edifact ? {} : { delimiters: { component: '>' } }),
    },
    groups: [
      {
        functionalId: definition.functionalId,
        control: edifact ? '' : '1',
        version: definition.version,
        documents: [{ type: definition.type, control: '0001', segments }],
      },
    ],
  });
}

describe('generated documents', () => {
  test.each(everyType)('%s: what is written is read again, accepted and the same', (_name, definition) => {
    const options = { lookup: () => syntaxOnly(definition), strict: true };
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat({ max: 1_000_000 })), (stream) => {
        const random = (below: number) => (below <= 1 ? 0 : (stream.next().value as number) % below);
        const segments = exampleOf(definition, random);
        const bytes = interchangeOf(definition, segments);
        const [document] = documents(bytes, options);
        if (document === undefined) throw new Error('nothing was read');
        const errors = document.issues.filter(({ severity }) => severity === 'error');
        expect(errors, new TextDecoder().decode(bytes)).toEqual([]);
        const read = [...document.segments()].slice(1, -1).map(({ elements, id }) => ({ id, elements }));
        expect(interchangeOf(definition, read)).toEqual(bytes);
        const guide = toGuide(document, definition);
        expect(guide?.unplaced).toBeUndefined();
        expect(JSON.parse(JSON.stringify(guide)).body).toBeDefined();
      }),
      { numRuns: Math.max(5, Math.floor(RUNS / 6)), seed: 42 },
    );
  });

  test.each(everyType)('%s: the smallest document survives its guide', (_name, definition) => {
    const segments = exampleOf(definition);
    const bytes = interchangeOf(definition, segments);
    const [document] = documents(bytes, { lookup: () => syntaxOnly(definition) });
    const guide = document === undefined ? undefined : toGuide(document, definition);
    if (guide === undefined) throw new Error('no guide');
    expect(interchangeOf(definition, fromGuide(guide, definition))).toEqual(bytes);
  });
});

/** Everything the engine does with an input, under a clock. */
function survive(bytes: Uint8Array): void {
  const started = performance.now();
  const collector = new ResultCollector();
  for (const event of readSync(bytes)) {
    if (event.kind === 'document') {
      JSON.stringify(event.document);
      toGuide(event.document);
      describeDocument(event.document);
    }
    const ended = collector.take(event);
    if (ended === undefined) continue;
    const controls = { interchange: '1', group: '1' };
    acknowledge(ended, { controls, date: '2026-06-02', time: '10:00', ta1: 'always' });
  }
  expect(performance.now() - started).toBeLessThan(1000);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
}

const SPICE = [
  '~',
  '*',
  '>',
  "'",
  '+',
  ':',
  '?',
  '\n',
  '\r',
  '\u0000',
  'ISA*',
  'UNB+',
  'UNA',
  'SE*',
  'BIN*99999999*',
  '__proto__',
  '^',
  '\u00ff',
];

type Edit = { kind: 'flip' | 'cut' | 'copy' | 'spice' | 'end'; at: number; length: number; value: number };

const edits = fc.array(
  fc.record({
    kind: fc.constantFrom('flip' as const, 'cut' as const, 'copy' as const, 'spice' as const, 'end' as const),
    at: fc.nat({ max: 4000 }),
    length: fc.nat({ max: 200 }),
    value: fc.nat({ max: 255 }),
  }),
  { minLength: 1, maxLength: 8 },
);

function mutate(source: Uint8Array, list: readonly Edit[]): Uint8Array {
  let bytes = Buffer.from(source);
  for (const { at, kind, length, value } of list) {
    const from = bytes.length === 0 ? 0 : at % bytes.length;
    const to = Math.min(bytes.length, from + length);
    if (kind === 'flip') bytes[from] = value;
    else if (kind === 'cut') bytes = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
    else if (kind === 'copy') bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
    else if (kind === 'end') bytes = bytes.subarray(0, from);
    else {
      const spice = Buffer.from(SPICE[value % SPICE.length] as string, 'latin1');
      bytes = Buffer.concat([bytes.subarray(0, from), spice, bytes.subarray(from)]);
    }
  }
  return bytes;
}

describe('broken inputs', () => {
  test.each(samplePaths())('%s, mutated', (path) => {
    const source = sample(path);
    fc.assert(
      fc.property(edits, (list) => survive(mutate(source, list))),
      { numRuns: RUNS },
    );
  });

  test('bytes of no meaning, alone and after a header', () => {
    const header = Buffer.from(sample('x12/850-two-lines.edi')).subarray(0, 170);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        survive(bytes);
        survive(Buffer.concat([header, bytes]));
      }),
      { numRuns: RUNS * 3 },
    );
  });
});
