import {
  at,
  coded,
  defineFormMaps,
  each,
  fixed,
  record,
  required,
  setPath,
  within,
  type Draft,
  type Lens,
} from './lens.ts';
import { all } from './x12-guide.ts';

/** OTI01: transaction or item accepted, accepted with change, rejected. */
const VERDICTS = {
  TA: 'accepted',
  TE: 'accepted_with_errors',
  TR: 'rejected',
  IA: 'accepted',
  IE: 'accepted_with_errors',
  IR: 'rejected',
} as const;

/** The document is named by the number that it carries itself. */
const fixedOriginal: Lens<never> = {
  read: () => undefined,
  write: () => undefined,
  prepare: (node) => {
    const [original] = all(node, 'originals') as Draft[];
    if (original !== undefined) setPath(original, 'OTI.referenceQualifier', 'TN');
  },
};

/** Application advice: what the receiver's application thinks of a document. */
export const x12_824Advice = defineFormMaps({
  standard: 'x12',
  type: '824',
  schema: 'application-advice',
  fields: {
    purpose: fixed('BGN.purpose', '11'),
    adviceNo: required(at('BGN.reference'), 'ADVICE_NUMBER_MISSING', 'number (BGN02)'),
    date: at('BGN.date'),
    verdict: required(
      within('originals', coded(at('OTI.acknowledgmentCode'), VERDICTS, 'OTI01')),
      'CODE_UNKNOWN',
      'verdict (OTI01)',
    ),
    kind: fixedOriginal,
    reference: within('originals', at('OTI.reference')),
    errors: within('originals', each('errors', record({ code: at('TED.errorCode'), text: at('TED.freeForm') }))),
  },
});
