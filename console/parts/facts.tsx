import { SimpleGrid, Text } from '@mantine/core';
import type { ReactNode } from 'react';

export type Fact = readonly [label: string, value: ReactNode];

/** Labelled facts, as a definition list. */
export function Facts({ facts, cols = 1 }: { facts: readonly Fact[]; cols?: number }) {
  return (
    <SimpleGrid
      cols={{ base: 1, xs: Math.min(2, cols), lg: cols }}
      spacing="sm"
      verticalSpacing={10}
      component="dl"
      m={0}
    >
      {facts.map(([label, value]) => (
        <div key={label}>
          <Text component="dt" size="xs" c="dimmed" fw={600}>
            {label}
          </Text>
          <Text component="dd" size="sm" m={0} style={{ overflowWrap: 'anywhere' }}>
            {value ?? '–'}
          </Text>
        </div>
      ))}
    </SimpleGrid>
  );
}
