import { at, defineFormMaps, each, fixed, one, orElse, record, required, setPath, within, type Draft } from './lens.ts';
import { bgmNumber, dtm, edifactItem, edifactParty, edifactPrice, qty } from './lens-values.ts';
import { all } from './x12-guide.ts';

/** Price and sales catalogue: the one that an 832 with the same content gives. */
export const edifactPricatCatalogue = defineFormMaps({
  standard: 'edifact',
  type: 'PRICAT',
  schema: 'price-catalogue',
  currency: within('currencies', at('CUX.currency.currency')),
  fields: {
    kind: fixed('BGM.document.documentCode', '9'),
    function: fixed('BGM.function', '9'),
    catalogueNo: required(bgmNumber, 'CATALOGUE_NUMBER_MISSING', 'catalogue number (BGM 1004)'),
    date: dtm('137'),
    validFrom: dtm('194'),
    validTo: dtm('206'),
    supplier: edifactParty('SU'),
    buyer: edifactParty('BY'),
    lines: orElse(
      within(
        'productGroups',
        each(
          'lines',
          record({
            item: edifactItem(),
            description: one('IMD', { format: 'F' }, 'description.description'),
            price: edifactPrice('AAA'),
            minimum: qty('53'),
          }),
        ),
      ),
      [],
    ),
  },
  finish(body) {
    const [group] = all(body, 'productGroups') as Draft[];
    const lines = all(group, 'lines') as Draft[];
    // PGI opens the group that LIN stands in; 11: a product group, here one without a name.
    if (group !== undefined) group.PGI = { groupType: '11' };
    for (const [index, line] of lines.entries()) setPath(line, 'LIN.lineNumber', String(index + 1));
    for (const loop of all(body, 'currencies') as Draft[]) setPath(loop, 'CUX.currency.details', '2');
  },
});
