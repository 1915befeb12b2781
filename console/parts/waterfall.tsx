import { Text } from '@mantine/core';
import type { Availability } from '../../src/api/contract.ts';
import { formatDecimal, words } from '../format.ts';

type Term = NonNullable<Availability['waterfall']>[number];

interface Step extends Term {
  from: number;
  to: number;
  total: boolean;
}

/** Running sums of the terms; the total starts from zero again. Display only, so numbers suffice. */
function stepsOf(terms: readonly Term[]): Step[] {
  let level = 0;
  return terms.map((term) => {
    const value = Number(term.quantity);
    const total = term.term === 'ats';
    const from = total ? 0 : level;
    const to = total ? value : level + value;
    level = to;
    return { ...term, from, to, total };
  });
}

function nameOf(step: Step): string {
  const label = step.label || words(step.term);
  return step.location && !label.includes(step.location) ? `${label} · ${step.location}` : label;
}

function signOf(step: Step): string {
  if (step.total) return '= ';
  return Number(step.quantity) > 0 ? '+' : '';
}

/** On hand to available-to-sell, one bar per term of the formula. Each bar says its sign and figure in words. */
export function Waterfall({ terms, uom }: { terms: readonly Term[]; uom: string }) {
  const steps = stepsOf(terms.filter((term) => Number(term.quantity) !== 0 || term.term === 'ats'));
  const low = Math.min(0, ...steps.map((step) => Math.min(step.from, step.to)));
  const span = Math.max(1, ...steps.map((step) => Math.max(step.from, step.to))) - low;
  const percent = (value: number) => ((value - low) / span) * 100;
  return (
    <ol className="waterfall" aria-label="From on hand to available to sell">
      {steps.map((step, index) => (
        <li key={`${step.term}-${step.location ?? ''}-${index}`} className={step.total ? 'waterfall-total' : undefined}>
          <Text size="sm" fw={step.total ? 700 : 400} title={step.detail}>
            {nameOf(step)}
          </Text>
          <svg width="100%" height="26" aria-hidden style={{ display: 'block' }}>
            <rect
              x={`${Math.min(percent(step.from), percent(step.to))}%`}
              width={`${Math.max(0.3, Math.abs(percent(step.to) - percent(step.from)))}%`}
              y="5"
              height="16"
              rx="2"
              fill={colorOf(step)}
            />
            {index < steps.length - 1 && (
              // The level that the next term starts from.
              <line
                x1={`${percent(step.to)}%`}
                x2={`${percent(step.to)}%`}
                y1="21"
                y2="26"
                stroke="var(--mantine-color-dimmed)"
              />
            )}
            {index > 0 && !step.total && (
              <line
                x1={`${percent(step.from)}%`}
                x2={`${percent(step.from)}%`}
                y1="0"
                y2="5"
                stroke="var(--mantine-color-dimmed)"
              />
            )}
          </svg>
          <Text size="sm" ta="right" fw={step.total ? 700 : 500} className="nowrap">
            {signOf(step)}
            {formatDecimal(step.quantity)} {uom}
          </Text>
        </li>
      ))}
    </ol>
  );
}

function colorOf(step: Step): string {
  if (step.total) return 'var(--mantine-primary-color-filled)';
  return step.to >= step.from ? 'light-dark(#5fbfa9, #2a8a78)' : 'light-dark(#dd9a48, #b7791f)';
}
