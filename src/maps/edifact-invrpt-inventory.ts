import { at, coded, defineFormMaps, each, fixed, orElse, record, required, setPath, type Draft } from './lens.ts';
import { bgmNumber, dtm, edifactItem, edifactParty, quantity } from './lens-values.ts';
import { all, type GuideLoop, text } from './x12-guide.ts';

/** 6063. 17 is all that is there, 145 what of it is undamaged and may be sold. Movements (156) are no stock. */
const KINDS = {
  '17': 'onHand',
  '145': 'available',
  '66': 'committed',
  '21': 'onOrder',
  '198': 'inTransit',
  '124': 'damaged',
  '83': 'backordered',
} as const;

/** 7491: the stock that is damaged, that is reserved, and every other. */
const STOCKS: Readonly<Record<string, string>> = { '124': '2', '66': '4' };
const ACCEPTED_STOCK = '1';

/** Quantities may stand under INV, and in D.01B stand nowhere else: told as the line's own. */
function withMovements(line: GuideLoop): GuideLoop {
  const moved = all(line, 'movements').filter((movement) => movement['QTY'] !== undefined);
  return moved.length === 0 ? line : { ...line, quantities: [...all(line, 'quantities'), ...moved] };
}

function moveUnderInv(line: Draft): void {
  const quantities = all(line, 'quantities') as Draft[];
  delete line.quantities;
  line.movements = quantities.map((pass) => {
    const kind = text(all(all(pass, 'QTY')[0], 'quantity')[0], 'qualifier') ?? '';
    return { ...pass, INV: { inventoryType: STOCKS[kind] ?? ACCEPTED_STOCK } };
  });
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
  finish(body, version) {
    for (const [index, line] of (all(body, 'lines') as Draft[]).entries()) {
      setPath(line, 'LIN.lineNumber', String(index + 1));
      if (version === 'D.01B') moveUnderInv(line);
    }
  },
});
