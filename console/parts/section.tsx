import { Card, type CardProps, Group, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface SectionProps extends CardProps {
  title: string;
  /** Beside the title: a link, a switch, a figure. */
  aside?: ReactNode;
  children: ReactNode;
}

/** A card with its heading. */
export function Section({ title, aside, children, ...card }: SectionProps) {
  return (
    <Card {...card}>
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2}>{title}</Title>
        {aside}
      </Group>
      {children}
    </Card>
  );
}
