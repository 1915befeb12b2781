import { Anchor, Card, Group, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { call } from '../api.ts';
import { words } from '../format.ts';
import { DueBadge } from './due-badge.tsx';

/** The order's open exceptions, each with its way out; nothing when there are none. */
export function OrderExceptions({ orderId }: { orderId: string }) {
  const list = useQuery({
    queryKey: ['exceptions', 'order', orderId],
    queryFn: () => call('GET /v1/exceptions', { query: { orderId } }),
  });
  if (!list.data || list.data.data.length === 0) return null;
  return (
    <Stack gap={6} role="region" aria-label="Open exceptions of this order">
      {list.data.data.map((exception) => (
        <Card
          key={exception.id}
          padding="xs"
          style={{
            borderLeft: `4px solid var(--mantine-color-${exception.severity === 'low' ? 'yellow' : 'red'}-filled)`,
          }}
        >
          <Group gap="sm" wrap="nowrap">
            <ThemeIcon variant="light" color={exception.severity === 'low' ? 'yellow' : 'red'} aria-hidden>
              <IconAlertTriangle size={17} />
            </ThemeIcon>
            <div style={{ flex: 1, minWidth: 0 }}>
              <Text size="sm">
                <b>{exception.title}.</b> {exception.cause}
              </Text>
            </div>
            <Text size="xs" c="dimmed" visibleFrom="md">
              {words(exception.ownerRole)}
            </Text>
            <DueBadge dueAt={exception.dueAt} />
            <Anchor
              component={Link}
              to={`/exceptions/${exception.id}`}
              size="sm"
              fw={600}
              style={{ whiteSpace: 'nowrap' }}
            >
              What to do
            </Anchor>
          </Group>
        </Card>
      ))}
    </Stack>
  );
}
