import { at, coded, countedLines, defineFormMaps, each, fixed, one, orElse, record, type Lens } from './lens.ts';
import { quantity, x12Item, x12Party } from './lens-values.ts';
import { MapError } from './map.ts';

/** Element 859. */
const KINDS = { QS: 'sold', QU: 'returned', QA: 'onHand', QP: 'onOrder', QR: 'received' } as const;

/** Product activity of one reporting period. */
export const x12_852Sales = defineFormMaps({
  standard: 'x12',
  type: '852',
  schema: 'sales-report',
  fields: {
    handling: fixed('XQ.handling', 'H'),
    from: at('XQ.date'),
    to: at('XQ.date2'),
    reportNo: one('N9', { referenceQualifier: 'IA' }, 'reference'),
    buyer: x12Party('BY'),
    supplier: x12Party('SU', 'VN'),
    places: orElse(
      onePlace(
        'ST',
        each(
          'lines',
          record({
            item: x12Item('LIN.ids'),
            activities: each(
              'activities',
              record({
                kind: coded(at('ZA.activity'), KINDS, 'ZA01'),
                quantity: quantity(at('ZA.quantity'), at('ZA.unit')),
              }),
            ),
          }),
        ),
      ),
      [],
    ),
  },
  finish: countedLines('lines'),
});

/** An 852 speaks of one place, named in its heading. */
function onePlace<T>(role: string, lines: Lens<T[]>): Lens<{ place?: string; lines?: T[] }[]> {
  const party = x12Party(role);
  return {
    read(node, context) {
      const place = party.read(node, context)?.code;
      const found = lines.read(node, context);
      if (found === undefined) return undefined;
      return [place === undefined ? { lines: found } : { place, lines: found }];
    },
    write(places, node, context) {
      const [only, more] = places;
      if (more !== undefined) throw new MapError('PLACES_TOO_MANY', 'An 852 speaks of one place; send one for each');
      if (only?.place !== undefined) party.write({ code: only.place, qualifier: '92' }, node, context);
      if (only?.lines !== undefined) lines.write(only.lines, node, context);
    },
  };
}
