import { Alert, Anchor, Group, Stack, Text } from '@mantine/core';
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
    <Stack gap="xs">
      {list.data.data.map((exception) => (
        <Alert
          key={exception.id}
          color={exception.severity === 'low' ? 'yellow' : 'red'}
          icon={<IconAlertTriangle size={18} />}
          title={
            <Group gap="sm">
              {exception.title}
              <DueBadge dueAt={exception.dueAt} />
            </Group>
          }
        >
          <Text size="sm">{exception.cause}</Text>
          <Group gap="md" mt={4}>
            <Text size="xs">Owner: {words(exception.ownerRole)}</Text>
            <Anchor component={Link} to={`/exceptions/${exception.id}`} size="sm" fw={600}>
              See what to do
            </Anchor>
          </Group>
        </Alert>
      ))}
    </Stack>
  );
}
