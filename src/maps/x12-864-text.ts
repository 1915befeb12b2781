import { at, defineFormMaps, each, fixed, orElse, record, required } from './lens.ts';
import { dtm12 } from './lens-values.ts';

/** Text for people. */
export const x12_864Text = defineFormMaps({
  standard: 'x12',
  type: '864',
  schema: 'text-message',
  fields: {
    purpose: fixed('BMG.purpose', '00'),
    subject: at('BMG.description'),
    date: dtm12('097'),
    messages: orElse(
      each(
        'messages',
        record({
          reference: required(at('MIT.reference'), 'REFERENCE_MISSING', 'reference (MIT01)'),
          subject: at('MIT.description'),
          lines: each('MSG', at('text')),
        }),
      ),
      [],
    ),
  },
});
