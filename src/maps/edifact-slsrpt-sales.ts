import { at, coded, defineFormMaps, each, fixed, orElse, record, setPath, type Draft } from './lens.ts';
import { bgmNumber, dtm, edifactItem, quantity } from './lens-values.ts';
import { all } from './x12-guide.ts';

/** 6063. */
const KINDS = { '153': 'sold', '61': 'returned', '145': 'onHand', '21': 'onOrder', '48': 'received' } as const;

/** Sales data: the report that an 852 with the same content gives, for as many places as there are. */
export const edifactSlsrptSales = defineFormMaps({
  standard: 'edifact',
  type: 'SLSRPT',
  schema: 'sales-report',
  fields: {
    kind: fixed('BGM.document.documentCode', '73E'),
    function: fixed('BGM.function', '9'),
    reportNo: bgmNumber,
    from: dtm('90'),
    to: dtm('91'),
    places: orElse(
      each(
        'places',
        record({
          kind: fixed('LOC.qualifier', '162'),
          place: at('LOC.location.placeCode'),
          lines: each(
            'lines',
            record({
              item: edifactItem(),
              activities: each(
                'quantities',
                record({
                  kind: coded(at('QTY.quantity.qualifier'), KINDS, 'QTY 6063'),
                  quantity: quantity(at('QTY.quantity.quantity'), at('QTY.quantity.unit')),
                }),
              ),
            }),
          ),
        }),
      ),
      [],
    ),
  },
  finish(body) {
    for (const place of all(body, 'places')) {
      for (const [index, line] of (all(place, 'lines') as Draft[]).entries())
        setPath(line, 'LIN.lineNumber', String(index + 1));
    }
  },
});
