/**
 * Faults that every definition must find, made from the definitions themselves: each mandatory segment taken away, each
 * mandatory element emptied, each element stretched, a segment of no set put in. All types, X12 as 004010, EDIFACT in both
 * directories.
 */
import { describe, expect, test } from 'vitest';
import { type Definition, definedTypes, exampleOf, lookup, type Segment, write } from '../../src/edi/index.ts';
import { documents } from './samples.ts';

const RELEASES = { x12: ['004010'], edifact: ['D.96A', 'D.01B'] };
const everyType: [string, Definition][] = definedTypes().flatMap(({ standard, types }) =>
  types.flatMap((type) =>
    RELEASES[standard].map((version): [string, Definition] => {
      const definition = lookup(standard, version, type) as Definition;
      return [`${standard} ${version} ${type}`, { ...definition, checks: [] }];
    }),
  ),
);

function codesOf(definition: Definition, segments: readonly Segment[]): string[] {
  const edifact = definition.standard === 'edifact';
  const bytes = write({
    envelope: {
      standard: definition.standard,
      sender: { qualifier: edifact ? '14' : 'ZZ', id: 'S' },
      receiver: { qualifier: edifact ? '14' : 'ZZ', id: 'R' },
      usage: 'T',
      version: edifact ? 'UNOC:3' : '00401',
      control: '1',
      date: '2026-06-01',
      time: '09:00',
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
  const [document] = documents(bytes, { lookup: () => definition });
  return (document?.issues ?? [])
    .filter(({ severity }) => severity === 'error')
    .map(({ code, elementPosition, segmentId }) => `${code} ${segmentId}${elementPosition ?? ''}`);
}

/** An example with every loop taken at least once, so that mandatory parts within optional loops are tried too. */
function fullExample(definition: Definition): Segment[] {
  const { places } = definition;
  const wide = {
    ...definition,
    places: places.map((place) => (place.kind === 'loop' && place.max > 0 ? { ...place, min: 1 } : place)),
  };
  return exampleOf(wide);
}

const schemaOf = (definition: Definition, id: string) =>
  definition.places.find((place) => place.segment?.id === id)?.segment;

describe.each(everyType)('%s', (_name, definition) => {
  const good = fullExample(definition);

  test('the example with every loop is right', () => {
    expect(codesOf(definition, good)).toEqual([]);
  });

  test('each mandatory element missing is told at its place', () => {
    good.forEach((segment, at) => {
      const schema = schemaOf(definition, segment.id);
      schema?.uses.forEach((use, index) => {
        if (!use.required || good[at]?.elements[index] === undefined || schema.uses.length === 1) return;
        const elements = [...segment.elements];
        elements[index] = '';
        const changed = good.map((one, place) => (place === at ? { id: one.id, elements } : one));
        if (elements.every((one) => one === '')) return;
        const codes = codesOf(definition, changed);
        expect(codes, `${segment.id}${index + 1}`).toContain(`ELEMENT_MISSING ${segment.id}${index + 1}`);
      });
    });
  });

  test('each plain element that is too long is told at its place', () => {
    good.forEach((segment, at) => {
      schemaOf(definition, segment.id)?.uses.forEach((use, index) => {
        const value = segment.elements[index];
        if (use.element === undefined || typeof value !== 'string' || value === '' || use.element.max > 1000) return;
        const elements = [...segment.elements];
        elements[index] = '1'.repeat(use.element.max + 1);
        const changed = good.map((one, place) => (place === at ? { id: one.id, elements } : one));
        expect(codesOf(definition, changed)).toContain(`ELEMENT_TOO_LONG ${segment.id}${index + 1}`);
      });
    });
  });

  test('each mandatory segment outside of loops missing is told', () => {
    const outer = definition.places.filter((place) => place.parent === 0 && place.kind === 'segment' && place.min > 0);
    for (const place of outer) {
      const at = good.findIndex(({ id }) => id === place.id);
      if (at < 0 || good.filter(({ id }) => id === place.id).length > 1) continue;
      const codes = codesOf(
        definition,
        good.filter((_one, index) => index !== at),
      );
      expect(codes, place.id).toContain(`SEGMENT_MISSING ${place.id}`);
    }
  });

  test('a segment that belongs to no set, one that is lost, and one too many', () => {
    for (let at = 0; at <= good.length; at++) {
      const changed = [...good.slice(0, at), { id: 'QQQ', elements: ['1'] }, ...good.slice(at)];
      expect(codesOf(definition, changed)).toEqual(['SEGMENT_UNKNOWN QQQ']);
    }
    const first = good[0] as Segment;
    const twice = codesOf(definition, [first, ...good]);
    expect(twice.some((code) => /^(SEGMENT_OVER_MAX|LOOP_OVER_MAX|SEGMENT_OUT_OF_ORDER)/.test(code))).toBe(true);
  });
});
