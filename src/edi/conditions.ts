/** Relational conditions between elements: X12's P R E C L, and EDIFACT's D1 to D7. */
import type { IssueCode } from './issue.ts';
import type { Condition } from './schema.ts';

interface Violation {
  code: IssueCode;
  position: number;
  text: string;
}

function firstAbsent(rule: Condition, held: number): number {
  return rule.positions.find((position) => (held & (1 << (position - 1))) === 0) ?? (rule.positions[0] as number);
}

/** How a condition is broken by the elements that are present (as bits), if it is. */
export function violation(rule: Condition, held: number): Violation | undefined {
  const absent = () => firstAbsent(rule, held);
  switch (rule.kind) {
    case 'P':
      if (held === rule.all) return undefined;
      return { code: 'ELEMENT_CONDITION', position: absent(), text: 'all or none must be present' };
    case 'R':
      if (held !== 0) return undefined;
      return { code: 'ELEMENT_CONDITION', position: absent(), text: 'at least one must be present' };
    case 'E':
      if ((held & (held - 1)) === 0) return undefined;
      return { code: 'ELEMENT_EXCLUDED', position: lastPresent(rule, held), text: 'at most one may be present' };
    case 'C':
      if ((held & rule.first) === 0 || held === rule.all) return undefined;
      return { code: 'ELEMENT_CONDITION', position: absent(), text: 'the first requires the others' };
    case 'L':
      if ((held & rule.first) === 0 || (held & rule.rest) !== 0) return undefined;
      return { code: 'ELEMENT_CONDITION', position: absent(), text: 'the first requires one of the others' };
    case 'ONE':
      if (held !== 0 && (held & (held - 1)) === 0) return undefined;
      if (held === 0) return { code: 'ELEMENT_CONDITION', position: absent(), text: 'exactly one must be present' };
      return { code: 'ELEMENT_EXCLUDED', position: lastPresent(rule, held), text: 'exactly one must be present' };
    default:
      if ((held & rule.first) === 0 || (held & rule.rest) === 0) return undefined;
      return { code: 'ELEMENT_EXCLUDED', position: lastPresent(rule, held), text: 'the first excludes the others' };
  }
}

function lastPresent(rule: Condition, held: number): number {
  const present = rule.positions.filter((position) => (held & (1 << (position - 1))) !== 0);
  return Math.max(...present);
}

/** The first element of a rule that is present: the one that makes the rule bite. */
export function triggerOf(rule: Condition, held: number): number | undefined {
  return rule.positions.find((position) => (held & (1 << (position - 1))) !== 0);
}

/** A broken rule in words. */
export function ruleText(rule: Condition, broken: { text: string }): string {
  const list = rule.positions.map((at) => String(at).padStart(2, '0')).join(', ');
  return `breaks the rule for ${list}: ${broken.text}`;
}
