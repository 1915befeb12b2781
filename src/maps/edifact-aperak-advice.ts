import { at, coded, defineFormMaps, each, fixed, record, required, type Lens } from './lens.ts';
import { bgmNumber, dtm, rff } from './lens-values.ts';

/** BGM 1225. */
const VERDICTS = { '44': 'accepted', '29': 'accepted', '45': 'accepted_with_errors', '27': 'rejected' } as const;

const errorText: Lens<string> = {
  read: (node, context) => at('FTX.text.text').read(node, context),
  write(value, node) {
    node.FTX = { subject: 'AAO', text: { text: value.slice(0, 70) } };
  },
};

/** Application error and acknowledgment: the advice that an 824 with the same content gives. */
export const edifactAperakAdvice = defineFormMaps({
  standard: 'edifact',
  type: 'APERAK',
  schema: 'application-advice',
  fields: {
    kind: fixed('BGM.document.documentCode', '313'),
    adviceNo: required(bgmNumber, 'ADVICE_NUMBER_MISSING', 'number (BGM 1004)'),
    verdict: required(coded(at('BGM.function'), VERDICTS, 'BGM 1225'), 'CODE_UNKNOWN', 'verdict (BGM 1225)'),
    date: dtm('137'),
    reference: rff('ACW'),
    errors: each('errors', record({ code: at('ERC.error.code'), text: errorText })),
  },
});
