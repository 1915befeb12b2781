import { describe, expect, it } from 'vitest';
import { edifactTerms } from '../../test/harness/edifact-cases.ts';
import { documentOf } from '../../test/harness/edi-cases.ts';
import { type Definition, definedTypes, exampleOf, lookup, toGuide, write } from '../edi/index.ts';
import { MapError, maps, indexMaps } from './index.ts';

const index = indexMaps();
const all = definedTypes().flatMap(({ standard, versions, types }) =>
  types.map((type) => ({ standard, type, version: versions[0] as string })),
);
/** Acknowledgments are matched, not mapped. */
const ACKNOWLEDGMENTS = new Set(['997', '999', 'CONTRL']);
/** Read, checked and answered; planning, rebates and inquiries have no canonical form yet (issue #3). */
const UNMAPPED = new Set(['830', '862', '844', '845', '849', '869']);
/** We send it to warehouses and receive none. */
const OUTBOUND_ONLY = new Set(['940']);

describe('every set', () => {
  it.each(all.filter(({ type }) => !ACKNOWLEDGMENTS.has(type) && !UNMAPPED.has(type) && !OUTBOUND_ONLY.has(type)))(
    '$standard $type has a map to its canonical form',
    ({ standard, type }) => {
      expect(index.inbound(standard, type)).toBeDefined();
    },
  );

  it('is known: no map answers to a type that is not defined', () => {
    const defined = new Set(all.map(({ standard, type }) => `${standard} ${type}`));
    const unknown = maps.filter(
      (map) =>
        map.direction === 'inbound' &&
        ['x12', 'edifact'].includes(map.connector) &&
        !defined.has(`${map.connector} ${map.topic}`),
    );
    expect(unknown).toEqual([]);
  });
});

/** Reproducible numbers in [0, 1). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Guide JSON of a document made from its definition. */
function exampleBody(definition: Definition, random: () => number): unknown {
  const { standard, version, type, functionalId } = definition;
  const x12 = standard === 'x12';
  const party = (id: string) => ({ qualifier: x12 ? 'ZZ' : '14', id });
  const bytes = write({
    envelope: {
      standard,
      sender: party('THEM'),
      receiver: party('US'),
      usage: 'P',
      version: x12 ? version.slice(0, 5) : 'UNOC:3',
      control: '1',
      date: '2026-06-01',
      time: '09:00',
    },
    groups: [
      {
        functionalId: x12 ? functionalId : '',
        control: '1',
        version,
        documents: [{ type, control: '0001', segments: exampleOf(definition, (n) => Math.floor(random() * n)) }],
      },
    ],
  });
  return toGuide(documentOf(bytes))!.body;
}

/** Mangles texts of a guide: what partners leave out, misspell and overfill. */
function mangled(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.filter(() => random() > 0.1).map((each) => mangled(each, random));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .filter(() => random() > 0.05)
        .map(([key, each]) => [key, mangled(each, random)]),
    );
  const choices = ['', '-1', '0', 'ABC', '99999999999999999999', '1e5', '2026-13-45', '\u0000', 'x'.repeat(300)];
  return random() < 0.15 ? choices[Math.floor(random() * choices.length)] : value;
}

describe('an inbound map', () => {
  it.each(all.filter(({ standard, type }) => index.inbound(standard, type) !== undefined))(
    'of $standard $type says why it cannot, whatever it is given',
    ({ standard, type, version }) => {
      const map = index.inbound(standard, type)!;
      const definition = lookup(standard, version, type) as Definition;
      for (let seed = 1; seed <= 150; seed++) {
        const random = randomFrom(seed);
        const body = mangled(JSON.parse(JSON.stringify(exampleBody(definition, random))), random);
        try {
          map.map(body, {
            source: 's',
            settings: { ...edifactTerms },
            receivedAt: '2026-06-01T13:00:00Z',
            lookup: () => undefined,
          });
        } catch (error) {
          if (!(error instanceof MapError) && !(error instanceof RangeError)) throw error;
        }
      }
    },
  );
});
