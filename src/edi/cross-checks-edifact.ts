/** Checks beyond syntax for EDIFACT: control totals, dates by their format, check digits. */
import { isFormatted } from './calendar.ts';
import { checkDigitIsRight, hasCheckDigit } from './check-digit.ts';
import type { CrossCheck } from './cross-checks.ts';
import { DecimalSum } from './decimal-sum.ts';
import { type Issue, issue } from './issue.ts';
import { packKey, type SegmentView } from './segment-view.ts';

const nothing = (): void => {};

function at(view: SegmentView, ordinal: number, elementPosition: number, componentPosition: number): Partial<Issue> {
  return {
    segmentId: view.id,
    segmentOrdinal: ordinal,
    elementPosition,
    componentPosition,
    byteOffset: view.offset,
    value: view.element(elementPosition, componentPosition),
  };
}

/** CNT: 2 is the number of LIN, 1 the sum of the lines' quantities. */
export function controlTotals(): CrossCheck {
  const [lin, qty, cnt] = ['LIN', 'QTY', 'CNT'].map(packKey) as [number, number, number];
  let lines = 0;
  const sum = new DecimalSum();
  return {
    keys: [lin, qty, cnt],
    begin() {
      lines = 0;
      sum.clear();
    },
    segment(view, ordinal, place, matcher, issues) {
      if (view.key === lin) lines++;
      else if (view.key === qty) {
        if (lines > 0 && matcher.definition.places[place.parent]?.id === 'LIN')
          sum.addToken(view, view.componentToken(1, 2));
      } else {
        const declared = view.element(1, 2).replace(',', '.');
        const kind = view.element(1);
        if (kind === '2' && /^\d+$/.test(declared) && Number(declared) !== lines) {
          const message = `CNT 2 says ${declared} lines, there are ${lines}`;
          issues.push(issue('LINE_COUNT_MISMATCH', message, at(view, ordinal, 1, 2)));
        } else if (kind === '1' && declared !== '' && !sum.equals(declared)) {
          const message = `CNT 1 says ${declared}, the quantities of the lines add up to ${sum}`;
          issues.push(issue('HASH_TOTAL_MISMATCH', message, at(view, ordinal, 1, 2)));
        }
      }
    },
    end: nothing,
  };
}

/** DTM: the value has the form that 2379 says. */
export function datesByFormat(): CrossCheck {
  return {
    keys: [packKey('DTM')],
    begin: nothing,
    segment(view, ordinal, _place, _matcher, issues) {
      const format = view.element(1, 3);
      if (format === '') return;
      const value = view.element(1, 2);
      if (value === '' || isFormatted(value, format) !== false) return;
      const where = { ...at(view, ordinal, 1, 2), elementRef: '2380' };
      issues.push(issue('ELEMENT_BAD_DATE', `DTM01-2 does not have the form ${format}`, where));
    },
    end: nothing,
  };
}

const GS1 = packKey('9');
const GTIN_KINDS: ReadonlySet<number> = new Set(['EN', 'SRV', 'UP'].map(packKey));

/** Whether a token is as long as said and ends with its check digit. */
function isRight(view: SegmentView, token: number, length: number): boolean {
  const from = view.start + view.tokenStart(token);
  return view.tokenLength(token) === length && checkDigitIsRight(view.buf, from, from + length);
}

/** NAD under agency 9 (GS1): a GLN. */
export function partyGlns(): CrossCheck {
  return {
    keys: [packKey('NAD')],
    begin: nothing,
    segment(view, ordinal, _place, _matcher, issues) {
      if (view.elementKey(2, 3) !== GS1 || isRight(view, view.elementToken(2), 13)) return;
      const value = view.element(2);
      const message = value.length === 13 ? `The check digit of GLN ${value} is wrong` : `${value} is no GLN`;
      issues.push(issue('CHECK_DIGIT', message, at(view, ordinal, 2, 1)));
    },
    end: nothing,
  };
}

/** LIN under EN, SRV or UP: a GTIN. */
export function lineGtins(): CrossCheck {
  return {
    keys: [packKey('LIN')],
    begin: nothing,
    segment(view, ordinal, _place, _matcher, issues) {
      if (!GTIN_KINDS.has(view.elementKey(3, 2))) return;
      const token = view.elementToken(3);
      const length = view.tokenLength(token);
      if (length === 0 || ((length === 8 || (length >= 12 && length <= 14)) && isRight(view, token, length))) return;
      const value = view.element(3);
      issues.push(issue('CHECK_DIGIT', `${value} is no GTIN with a right check digit`, at(view, ordinal, 3, 1)));
    },
    end: nothing,
  };
}

/** GIN under BJ: an SSCC. */
export function packageSsccs(): CrossCheck {
  return {
    keys: [packKey('GIN')],
    begin: nothing,
    segment(view, ordinal, _place, _matcher, issues) {
      if (view.element(1) !== 'BJ') return;
      for (let position = 2; position <= 6; position++) {
        const value = view.element(position);
        if (value === '') continue;
        const sscc = value.length === 20 && value.startsWith('00') ? value.slice(2) : value;
        if (sscc.length === 18 && hasCheckDigit(sscc)) continue;
        issues.push(
          issue('CHECK_DIGIT', `${value} is no SSCC with a right check digit`, at(view, ordinal, position, 1)),
        );
      }
    },
    end: nothing,
  };
}
