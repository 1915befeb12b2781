/**
 * Checks of one segment's elements against its schema: presence, type, length, codes, dates, repeats, conditions.
 * The scanner has already or-ed the character classes of every token, so most checks are a comparison of integers.
 */
import { isDate, isTime } from './calendar.ts';
import { elementName, elementPlace } from './element-place.ts';
import { type Issue, type IssueCode, issue } from './issue.ts';
import { USUAL_CONTEXT } from './check-context.ts';
import { ruleText, triggerOf, violation } from './conditions.ts';
import { characters, edifactNumberFault, plainNumberDigits, trailingSpaces, x12NumberDigits } from './number-form.ts';
import {
  type Condition,
  type ElementSchema,
  type ElementUse,
  LIMITS_EACH,
  type SegmentSchema,
  TYPE_A,
  TYPE_B,
  TYPE_DT,
  TYPE_ID,
  TYPE_N,
  TYPE_NUM,
  TYPE_R,
  TYPE_TM,
} from './schema.ts';
import {
  CLASSES,
  DIGIT,
  DOT,
  END_ELEMENT,
  END_REPETITION,
  ESCAPED,
  HIGH,
  packBytes,
  type SegmentView,
  SPACE,
} from './segment-view.ts';

export class ElementChecker {
  issues: Issue[] = [];
  context = USUAL_CONTEXT;
  private view!: SegmentView;
  private schema!: SegmentSchema;
  private ordinal = 0;
  private position = 0;
  private component = 0;
  private repetition = 0;
  /** Character classes that need a closer look. */
  private unusual = 0;

  /** Check one segment; issues are appended to `issues`. */
  check(view: SegmentView, schema: SegmentSchema, ordinal: number, loop: () => string): void {
    this.view = view;
    this.schema = schema;
    this.ordinal = ordinal;
    this.unusual = this.context.forbidden | HIGH | ESCAPED;
    const before = this.issues.length;
    const present = this.walk();
    const missing = schema.requiredMask & ~present;
    if (missing !== 0) this.reportMissing(missing);
    const { conditions } = schema;
    for (let i = 0; i < conditions.length; i++) {
      const rule = conditions[i] as Condition;
      const held = present & rule.all;
      // Most rules are about elements that are all absent or all present.
      if (held === 0 ? rule.freeOfNone : held === rule.all && rule.freeOfAll) continue;
      this.condition(rule, present);
    }
    if (this.issues.length > before) {
      const path = loop();
      for (let i = before; i < this.issues.length; i++) (this.issues[i] as Issue).loop = path;
    }
  }

  /** Walk over the elements; returns which are present, as bits. */
  private walk(): number {
    const { view } = this;
    const { ends, marks } = view;
    const { limits, uses } = this.schema;
    const { unusual } = this;
    const count = view.count;
    let token = 1;
    if ((marks[0] as number) < END_ELEMENT) while (token < count && (marks[token - 1] as number) < END_ELEMENT) token++;
    let present = 0;
    let index = 0;
    let bit = 1; // Shifted out after the 32nd element: none beyond it is mandatory or part of a condition.
    this.component = 0;
    this.repetition = 0;
    for (; token < count; index++, bit <<= 1) {
      if (index >= uses.length) {
        this.surplus(token, index);
        return present;
      }
      const mark = marks[token] as number;
      const at = index * LIMITS_EACH;
      if (mark >= END_ELEMENT) {
        const length = (ends[token] as number) - (ends[token - 1] as number) - 1;
        if (length === 0) {
          token++;
          continue;
        }
        // Most values are plain text of the right length: that is all there is to check.
        if (
          (mark & ((limits[at] as number) | unusual)) === 0 &&
          length >= (limits[at + 1] as number) &&
          length <= (limits[at + 2] as number) &&
          (mark & CLASSES) !== SPACE
        ) {
          present |= bit;
          token++;
          continue;
        }
      }
      this.position = index + 1;
      token = this.unusualElement(token, uses[index] as ElementUse);
      if (token < 0) token = -token;
      else present |= bit;
    }
    if (count > 1 && (ends[count - 1] as number) === (ends[count - 2] as number) + 1) this.trailing(count);
    return present;
  }

  /** An element that is not plain. Returns the token after it, negative when the element is empty. */
  private unusualElement(token: number, use: ElementUse): number {
    const { element } = use;
    const mark = this.view.marks[token] as number;
    if (element === undefined || mark < END_ELEMENT) return this.complex(token, use);
    if (!this.value(token, this.view.tokenLength(token), mark & CLASSES, element)) return -token - 1;
    if (use.unused) this.report('ELEMENT_NOT_USED', 'is not used by this partner', element, token);
    return token + 1;
  }

  private trailing(count: number): void {
    if ((this.view.marks[count - 2] as number) < END_REPETITION && this.context.ignoreTrailingComponents) return;
    this.issues.push(
      issue('TRAILING_SEPARATOR', `${this.schema.id} ends with a separator and nothing after it`, {
        segmentId: this.schema.id,
        segmentOrdinal: this.ordinal,
        byteOffset: this.view.offset,
        severity: this.context.trailingSeverity,
      }),
    );
  }

  private surplus(token: number, index: number): void {
    const { view } = this;
    for (let at = token; at < view.count; at++) {
      if (view.tokenLength(at) === 0) continue;
      this.position = index + 1;
      for (let before = token; before < at; before++)
        if ((view.marks[before] as number) >= END_ELEMENT) this.position++;
      this.report('ELEMENT_TOO_MANY', `is beyond the ${index} elements of ${this.schema.id}`, undefined, at);
      return;
    }
    this.trailing(view.count);
  }

  /** One element with components or repetitions. Returns the token after it, negative when the element is empty. */
  private complex(first: number, use: ElementUse): number {
    const { view } = this;
    const { marks } = view;
    let token = first;
    let repetition = 1;
    let any = false;
    for (;;) {
      let last = token;
      while ((marks[last] as number) < END_REPETITION) last++;
      if (repetition > 1 || (marks[last] as number) < END_ELEMENT) this.repetition = repetition;
      if (this.components(token, last, use)) any = true;
      token = last + 1;
      if ((marks[last] as number) >= END_ELEMENT) break;
      repetition++;
    }
    this.component = 0;
    this.repetition = 0;
    if (repetition > use.repeat && any) {
      const text = `repeats ${repetition} times, at most ${use.repeat} allowed`;
      this.report('ELEMENT_TOO_MANY_REPEATS', text, use.element, first);
    }
    if (any && use.unused) this.report('ELEMENT_NOT_USED', 'is not used by this partner', use.element, first);
    return any ? token : -token;
  }

  /** The components first … last of one repetition. True when anything is present. */
  private components(first: number, last: number, use: ElementUse): boolean {
    const { view } = this;
    const { composite } = use;
    let present = 0;
    let any = false;
    const listed = composite === undefined ? 1 : composite.components.length;
    for (let token = first; token <= last; token++) {
      const at = token - first;
      const length = view.tokenLength(token);
      if (length === 0) continue;
      const element = composite === undefined ? use.element : composite.components[at]?.element;
      const mask = (view.marks[token] as number) & CLASSES;
      if (
        element !== undefined &&
        at < listed &&
        (mask & (element.look | this.unusual)) === 0 &&
        mask !== SPACE &&
        length <= element.max &&
        length >= element.min
      ) {
        present |= 1 << at;
        continue;
      }
      this.component = composite === undefined ? 0 : at + 1;
      if (at >= listed || element === undefined) {
        this.component = at + 1;
        this.report('ELEMENT_TOO_MANY_COMPONENTS', `has more than ${listed} components`, undefined, token);
        any = true;
        break;
      }
      if (this.value(token, length, mask, element)) present |= 1 << at;
    }
    if (present !== 0) any = true;
    if (any && composite !== undefined) this.requiredComponents(first, present, use);
    this.trailingComponents(first, last);
    this.component = 0;
    return any;
  }

  private trailingComponents(first: number, last: number): void {
    const { count } = this.view;
    if (last === first || last === count - 1 || this.context.ignoreTrailingComponents) return;
    if (this.view.tokenLength(last) > 0) return;
    this.report('TRAILING_SEPARATOR', 'ends with a component separator and nothing after it', undefined, first);
  }

  private requiredComponents(first: number, present: number, use: ElementUse): void {
    const composite = use.composite;
    if (composite === undefined) return;
    const missing = composite.requiredMask & ~present;
    if (missing === 0 && composite.conditions.length === 0) return;
    for (let at = 0; missing !== 0 && at < composite.components.length; at++) {
      const component = composite.components[at];
      if (component?.required !== true || (present & (1 << at)) !== 0) continue;
      this.component = at + 1;
      this.report('ELEMENT_MISSING', `(${component.element.label}) is mandatory`, component.element, -1, first);
    }
    this.component = 0;
    for (const rule of composite.conditions) this.condition(rule, present, true);
  }

  /** Check one value. False when it counts as absent (only spaces). */
  private value(token: number, length: number, mask: number, element: ElementSchema): boolean {
    if (mask === SPACE && element.type !== TYPE_B) {
      this.report('ELEMENT_BLANK', 'holds only spaces and is read as empty', element, token);
      return false;
    }
    let size = length;
    if ((mask & (HIGH | ESCAPED)) !== 0) size = characters(this.view.text(token));
    const { type } = element;
    if ((mask & SPACE) !== 0 && (size > element.max || type >= TYPE_ID)) size = this.trimmed(token, size, element);
    if ((mask & this.context.forbidden) !== 0 && type !== TYPE_B)
      this.report('ELEMENT_BAD_CHARACTER', 'holds a character that its character set excludes', element, token);
    const before = this.issues.length;
    if (type <= TYPE_ID) this.length(token, size, element);
    else this.typed(token, size, mask, element);
    if (element.codes?.closed === true && this.issues.length === before) this.code(token, size, element);
    return true;
  }

  /** Length without trailing spaces, which fixed-width senders leave behind. */
  private trimmed(token: number, size: number, element: ElementSchema): number {
    const cut = trailingSpaces(this.view, token);
    if (cut > 0) this.report('ELEMENT_TRAILING_SPACE', 'has trailing spaces', element, token);
    return size - cut;
  }

  private length(token: number, size: number, element: ElementSchema): void {
    if (size > element.max) {
      this.report('ELEMENT_TOO_LONG', `is ${size} characters long, at most ${element.max} allowed`, element, token);
    } else if (size < element.min) {
      this.report('ELEMENT_TOO_SHORT', `is ${size} characters long, at least ${element.min} required`, element, token);
    }
  }

  private typed(token: number, size: number, mask: number, element: ElementSchema): void {
    switch (element.type) {
      case TYPE_N:
      case TYPE_R:
        if (mask === DIGIT) this.length(token, size, element);
        else this.number(token, element);
        return;
      case TYPE_NUM:
        if (mask === DIGIT) this.length(token, size, element);
        else this.edifactNumber(token, element);
        return;
      case TYPE_DT:
      case TYPE_TM:
        this.moment(token, size, element);
        return;
      case TYPE_A:
        if ((mask & (DIGIT | HIGH)) === DIGIT)
          this.report('ELEMENT_NOT_NUMERIC', 'may hold letters only', element, token);
        this.length(token, size, element);
        return;
      default:
        this.length(token, size, element);
    }
  }

  private number(token: number, element: ElementSchema): void {
    const digits = x12NumberDigits(this.view, token, element.type === TYPE_R);
    if (digits > 0) this.length(token, digits, element);
    else if (element.type === TYPE_N) this.report('ELEMENT_BAD_CHARACTER', 'is not a whole number', element, token);
    else this.report('ELEMENT_BAD_CHARACTER', 'is not a decimal number', element, token);
  }

  private edifactNumber(token: number, element: ElementSchema): void {
    const digits = (this.context.decimalMarks & DOT) === 0 ? 0 : plainNumberDigits(this.view, token);
    if (digits > 0) {
      this.length(token, digits, element);
      return;
    }
    const text = this.view.text(token).trimEnd();
    const fault = edifactNumberFault(text, (this.view.marks[token] as number) & CLASSES, this.context.decimalMarks);
    if (fault !== undefined) {
      const [code, what, syntax] = fault;
      this.report(code, what, element, token, -1, syntax === undefined ? undefined : { syntax });
      if (code === 'ELEMENT_NOT_NUMERIC') return;
    }
    this.length(token, text.replace(/[-.,]/g, '').length, element);
  }

  /** A date or a time: first its length, then whether there is such a day or time of day. */
  private moment(token: number, size: number, element: ElementSchema): void {
    const before = this.issues.length;
    this.length(token, size, element);
    if (this.issues.length > before) return;
    const from = this.view.start + this.view.tokenStart(token);
    if (element.type === TYPE_DT) {
      if (!isDate(this.view.buf, from, size)) this.report('ELEMENT_BAD_DATE', 'is no date', element, token);
    } else if (!isTime(this.view.buf, from, size)) {
      this.report('ELEMENT_BAD_TIME', 'is no time of day', element, token);
    }
  }

  private code(token: number, size: number, element: ElementSchema): void {
    const codes = element.codes;
    if (codes === undefined) return;
    const { view } = this;
    const from = view.start + view.tokenStart(token);
    const key = packBytes(view.buf, from, from + size);
    if (key >= 0 ? codes.packed.has(key) : codes.labels.has(view.text(token).trimEnd())) return;
    this.report('ELEMENT_BAD_CODE', 'is not a code of this element', element, token);
  }

  private reportMissing(missing: number): void {
    for (let index = 0; index < Math.min(this.schema.uses.length, 32); index++) {
      if ((missing & (1 << index)) === 0) continue;
      const use = this.schema.uses[index] as ElementUse;
      this.position = index + 1;
      const element = use.element ?? use.composite?.components[0]?.element;
      const label = use.element?.label ?? use.composite?.label ?? '';
      this.report('ELEMENT_MISSING', `(${label}) is mandatory`, element, -1);
    }
  }

  private condition(rule: Condition, present: number, component = false): void {
    const held = present & rule.all;
    if (held === 0 && rule.kind !== 'R' && rule.kind !== 'ONE') return;
    const faulty = violation(rule, held);
    if (faulty === undefined) return;
    const at = faulty.position;
    if (component) this.component = at;
    else this.position = at;
    const use = this.schema.uses[at - 1];
    const element = component ? undefined : (use?.element ?? use?.composite?.components[0]?.element);
    // What should not be there has a value to show; what is missing has none.
    const token = faulty.code === 'ELEMENT_EXCLUDED' && !component ? this.view.elementToken(at) : -1;
    this.report(faulty.code, ruleText(rule, faulty), element, token);
    const trigger = triggerOf(rule, held);
    if (trigger !== undefined && !component) (this.issues.at(-1) as Issue).triggerPosition = trigger;
    if (component) this.component = 0;
  }

  private report(
    code: IssueCode,
    what: string,
    element: ElementSchema | undefined,
    token: number,
    placeToken = -1,
    ack?: Issue['ack'],
  ): void {
    const { component, ordinal, position, repetition, view } = this;
    const place = { segmentId: this.schema.id, ordinal, position, component, repetition };
    const at = elementPlace(view, place, token, placeToken);
    if (element !== undefined) at.elementRef = element.ref;
    if (ack !== undefined) at.ack = ack;
    if (code === 'TRAILING_SEPARATOR') at.severity = this.context.trailingSeverity;
    this.issues.push(issue(code, `${elementName(place)} ${what}`, at));
  }
}
