import { Text, VisuallyHidden } from '@mantine/core';
import type { DifferenceLines } from '../../src/api/contract.ts';

const words = { '-': 'was sent', '+': 'would be sent now', ' ': 'in both' } as const;

/** A comparison line by line. The sign tells it apart, and a word for who does not see it; colour only helps. */
export function Difference({ label, difference }: { label: string; difference: DifferenceLines }) {
  if (difference.same)
    return (
      <Text size="sm" c="dimmed">
        It would be sent as it was.
      </Text>
    );
  return (
    <>
      <pre className="payload" tabIndex={0} role="region" aria-label={label}>
        {difference.lines.map((line, index) => (
          <div key={index} data-sign={line.sign} style={lineStyle[line.sign]}>
            <span aria-hidden>{line.sign} </span>
            {line.sign !== ' ' && <VisuallyHidden>{words[line.sign]}: </VisuallyHidden>}
            {line.text}
          </div>
        ))}
      </pre>
      {difference.truncated && (
        <Text size="xs" c="dimmed">
          More differs than is shown.
        </Text>
      )}
    </>
  );
}

const lineStyle = {
  '-': { background: 'light-dark(var(--mantine-color-red-0), rgba(224, 49, 49, 0.18))' },
  '+': { background: 'light-dark(var(--mantine-color-green-0), rgba(47, 158, 68, 0.18))' },
  ' ': {},
} as const;
