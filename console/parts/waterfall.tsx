import { Text } from '@mantine/core';
import type { Availability } from '../../src/api/contract.ts';
import { formatDecimal, words } from '../format.ts';

type Term = NonNullable<Availability['waterfall']>[number];

interface Step extends Term {
  from: number;
  to: number;
  total: boolean;
}

/** Running sums of the terms; a term called `ats` or `net` is a total and starts from zero. Display only, so numbers suffice. */
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

/** On hand to available-to-sell, one bar per term of the formula. Each bar says its sign and figure in words. */
export function Waterfall({ terms, uom }: { terms: readonly Term[]; uom: string }) {
  const steps = stepsOf(terms);
  const low = Math.min(0, ...steps.map((step) => Math.min(step.from, step.to)));
  const span = Math.max(1, ...steps.map((step) => Math.max(step.from, step.to))) - low;
  return (
    <ol style={{ listStyle: 'none', margin: 0, padding: 0, display: 'grid', gap: 4 }}>
      {steps.map((step, index) => (
        <li
          key={`${step.term}-${step.location ?? ''}-${index}`}
          style={{
            display: 'grid',
            gridTemplateColumns: 'minmax(150px, 210px) 1fr 96px',
            gap: 10,
            alignItems: 'center',
          }}
        >
          <Text size="sm" fw={step.total ? 700 : 400} title={step.detail}>
            {step.label || words(step.term)}
            {step.location ? ` · ${step.location}` : ''}
          </Text>
          <svg width="100%" height="18" aria-hidden role="presentation">
            <rect
              x={`${((Math.min(step.from, step.to) - low) / span) * 100}%`}
              width={`${Math.max(0.4, (Math.abs(step.to - step.from) / span) * 100)}%`}
              y="2"
              height="14"
              rx="3"
              fill={colorOf(step)}
            />
          </svg>
          <Text size="sm" ta="right" fw={step.total ? 700 : 400}>
            {step.total ? '= ' : Number(step.quantity) > 0 ? '+ ' : ''}
            {formatDecimal(step.quantity)} {uom}
          </Text>
        </li>
      ))}
    </ol>
  );
}

function colorOf(step: Step): string {
  if (step.total) return 'var(--mantine-primary-color-filled)';
  return step.to >= step.from ? 'light-dark(#5fbfa9, #2a8a78)' : 'light-dark(#e0a458, #b7791f)';
}
