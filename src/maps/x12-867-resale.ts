import { at, coded, defineFormMaps, each, fixed, orElse, record, required, type Lens } from './lens.ts';
import { dtm12, quantity, x12Item, x12Party } from './lens-values.ts';
import { MapError } from './map.ts';

/** Element 673: what was sold on, came back, or lies with the reseller. */
const KINDS = { '32': 'sold', '76': 'returned', '17': 'onHand', '38': 'sold' } as const;

/** Product transfer and resale: sales by place, as 852 and SLSRPT report them. */
export const x12_867Resale = defineFormMaps({
  standard: 'x12',
  type: '867',
  schema: 'sales-report',
  operation: 'sales-report.resale',
  fields: {
    purpose: fixed('BPT.purpose', '00'),
    reportNo: at('BPT.reference'),
    to: required(at('BPT.date'), 'DATE_MISSING', 'date (BPT03)'),
    from: dtm12('090'),
    // The distributor who reports, and whose goods they were.
    buyer: x12Party('DB', 'BY'),
    supplier: x12Party('SU', 'VN'),
    places: orElse(
      each(
        'transfers',
        record({
          kind: fixed('PTD.transferType', 'SS'),
          place: placeOf('ST'),
          lines: each(
            'lines',
            record({
              item: x12Item('LIN.ids'),
              activities: single(
                record({
                  kind: coded(at('QTY.quantityQualifier'), KINDS, 'QTY01'),
                  quantity: quantity(at('QTY.quantity'), at('QTY.unit.unit')),
                }),
              ),
            }),
          ),
        }),
      ),
      [],
    ),
  },
});

/** The place's code under N1 92. */
function placeOf(role: string): Lens<string> {
  const party = x12Party(role);
  return {
    read: (node, context) => party.read(node, context)?.code,
    write: (code, node, context) => party.write({ code, qualifier: '92' }, node, context),
  };
}

/** QTY opens the loop of the line, so that a line has one activity. */
function single<T>(lens: Lens<T>): Lens<T[]> {
  return {
    read(node, context) {
      const value = lens.read(node, context);
      return value === undefined ? undefined : [value];
    },
    write(values, node, context) {
      if (values.length > 1) throw new MapError('ACTIVITIES_TOO_MANY', 'An 867 has one activity in each line');
      for (const value of values) lens.write(value, node, context);
    },
  };
}
