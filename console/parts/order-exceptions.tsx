import { Anchor, Button, Card, Group, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ExceptionView } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount, words } from '../format.ts';
import { DueBadge } from './due-badge.tsx';

const firstShown = 3;

/** The order's open exceptions, each with its way out; nothing when there are none. */
export function OrderExceptions({ orderId }: { orderId: string }) {
  const [all, setAll] = useState(false);
  const list = useQuery({
    queryKey: ['exceptions', 'order', orderId],
    queryFn: () => call('GET /v1/exceptions', { query: { orderId } }),
  });
  const rows = list.data?.data ?? [];
  if (rows.length === 0) return null;
  return (
    <Stack gap={6} role="region" aria-label="Open exceptions of this order">
      {rows.slice(0, all ? undefined : firstShown).map((exception) => (
        <Line key={exception.id} exception={exception} />
      ))}
      {!all && rows.length > firstShown && (
        <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)} style={{ alignSelf: 'start' }}>
          {formatCount(rows.length - firstShown)} more open exceptions
        </Button>
      )}
    </Stack>
  );
}

function Line({ exception }: { exception: ExceptionView }) {
  const color = exception.severity === 'low' ? 'yellow' : 'red';
  return (
    <Card padding="xs" style={{ borderLeft: `4px solid var(--mantine-color-${color}-filled)` }}>
      <Group gap="sm">
        <ThemeIcon variant="light" color={color} aria-hidden>
          <IconAlertTriangle size={17} />
        </ThemeIcon>
        <Text size="sm" style={{ flex: '1 1 300px', minWidth: 0 }}>
          <b>{exception.title}.</b> {exception.cause}
        </Text>
        <Text size="xs" c="dimmed" visibleFrom="md">
          {words(exception.ownerRole)}
        </Text>
        <DueBadge dueAt={exception.dueAt} />
        <Anchor
          component={Link}
          to={`/exceptions/${exception.id}`}
          size="sm"
          fw={600}
          className="nowrap"
          aria-label={`What to do about: ${exception.title}`}
        >
          What to do
        </Anchor>
      </Group>
    </Card>
  );
}
