import { at, coded, defineFormMaps, each, fixed, orElse, record, required, setPath, type Draft } from './lens.ts';
import { bgmNumber, dtm, edifactItem, edifactParty, quantity } from './lens-values.ts';
import { all, type GuideLoop } from './x12-guide.ts';

/** 6063. */
const KINDS = {
  '145': 'onHand',
  '17': 'onHand',
  '198': 'available',
  '33': 'available',
  '156': 'committed',
  '21': 'onOrder',
  '95': 'inTransit',
  '124': 'damaged',
  '83': 'backordered',
} as const;

/** Quantities may stand under INV, and in D.01B stand nowhere else: told as the line's own. */
function withMovements(line: GuideLoop): GuideLoop {
  const moved = all(line, 'movements').filter((movement) => movement['QTY'] !== undefined);
  return moved.length === 0 ? line : { ...line, quantities: [...all(line, 'quantities'), ...moved] };
}

/** Inventory report: the one that an 846 with the same content gives. */
export const edifactInvrptInventory = defineFormMaps({
  standard: 'edifact',
  type: 'INVRPT',
  schema: 'inventory-report',
  fields: {
    kind: fixed('BGM.document.documentCode', '35'),
    function: fixed('BGM.function', '9'),
    reportNo: required(bgmNumber, 'REPORT_NUMBER_MISSING', 'report number (BGM 1004)'),
    date: required(dtm('137'), 'DATE_MISSING', 'date (DTM 137)'),
    warehouse: edifactParty('WH'),
    lines: orElse(
      each(
        'lines',
        record({
          item: edifactItem(),
          quantities: each(
            'quantities',
            record({
              kind: coded(at('QTY.quantity.qualifier'), KINDS, 'QTY 6063'),
              quantity: quantity(at('QTY.quantity.quantity'), at('QTY.quantity.unit')),
            }),
          ),
        }),
      ),
      [],
    ),
  },
  settle: (body) => ({ ...body, lines: all(body, 'lines').map(withMovements) }),
  finish(body) {
    for (const [index, line] of (all(body, 'lines') as Draft[]).entries())
      setPath(line, 'LIN.lineNumber', String(index + 1));
  },
});
