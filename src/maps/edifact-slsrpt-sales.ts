import { at, coded, defineFormMaps, each, fixed, orElse, record, setPath, usually, type Draft } from './lens.ts';
import { bgmNumber, dtm, edifactItem, edifactParty, quantity } from './lens-values.ts';
import { MapError } from './map.ts';
import { all, type GuideLoop } from './x12-guide.ts';

/** 6063. Of two codes for one kind the smaller is written. */
const KINDS = {
  '153': 'sold',
  '212': 'sold',
  '61': 'returned',
  '210': 'returned',
  '145': 'onHand',
  '21': 'onOrder',
  '48': 'received',
} as const;

/** D.01B may report by item, with the places under each: told as the places that sold it. */
function byPlace(body: GuideLoop): GuideLoop[] {
  const places = new Map<string, { LOC: unknown; lines: GuideLoop[] }>();
  for (const line of all(body, 'byItem').flatMap((group) => all(group, 'lines')))
    for (const { LOC, quantities } of all(line, 'places') as { LOC?: unknown; quantities?: unknown }[]) {
      const name = JSON.stringify(LOC);
      const place = places.get(name) ?? { LOC, lines: [] };
      places.set(name, place);
      place.lines.push({ LIN: line['LIN'], PIA: line['PIA'], quantities });
    }
  return [...all(body, 'places'), ...places.values()];
}

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
    // Who reports has bought and sold on; the message has to name both sides.
    buyer: usually(edifactParty('BY', 'FR'), ({ terms }) => terms.us),
    supplier: usually(edifactParty('SU', 'MR'), ({ terms }) => terms.them),
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
  settle: (body) => ({ ...body, places: byPlace(body) }),
  finish(body, version) {
    if (all(body, 'DTM').length === 0)
      throw new MapError('DATE_MISSING', 'A SLSRPT says of which days it tells: the report has neither from nor to');
    for (const place of all(body, 'places')) {
      for (const [index, line] of (all(place, 'lines') as Draft[]).entries())
        setPath(line, 'LIN.lineNumber', String(index + 1));
    }
    if (version === 'D.01B') body.UNS = { section: 'S' };
  },
});
