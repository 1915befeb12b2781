import { Alert, Anchor, Group, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { DeliveryDetail } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatDurationMs, formatInstant } from '../format.ts';
import { DeliveryAbout } from '../parts/delivery-about.tsx';
import { DeliveryActions } from '../parts/delivery-actions.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { Payload } from '../parts/payload.tsx';
import { Section } from '../parts/section.tsx';
import { Failed, Loading } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';
import { WideTable } from '../parts/wide-table.tsx';

const deliveryRoute = getRouteApi('/deliveries/$id');

export function DeliveryPage() {
  const { id } = deliveryRoute.useParams();
  const query = useQuery({
    queryKey: ['deliveries', id],
    queryFn: () => call('GET /v1/deliveries/{id}', { params: { id } }),
    refetchInterval: 5_000,
  });
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <Loading rows={8} />;
  return <Detail delivery={query.data} />;
}

function Detail({ delivery }: { delivery: DeliveryDetail }) {
  return (
    <>
      <PageHeader
        title={
          delivery.title === delivery.operation ? `${delivery.operation} to ${delivery.destination}` : delivery.title
        }
        subtitle={
          <Group gap={8}>
            <StateBadge state={delivery.state} />
            <span>
              <span className="mono">{delivery.operation}</span> for {delivery.destination}
            </span>
            <span className="mono">{delivery.id}</span>
          </Group>
        }
      >
        <DeliveryActions delivery={delivery} />
      </PageHeader>
      <Stack gap="md">
        {delivery.lastError && delivery.state !== 'delivered' && (
          <Alert color="red" title="Last word from the other side">
            {delivery.lastError}
          </Alert>
        )}
        {delivery.state === 'outcome_unknown' && (
          <Alert color="orange" title="Nobody knows whether it arrived">
            The request left, and no clear answer came back. Look in {delivery.destination} for{' '}
            {delivery.naturalKey ?? 'it'}, then say what you found.
          </Alert>
        )}
        <Section title="Attempts">
          <Attempts delivery={delivery} />
        </Section>
        <Section title="What it refers to">
          <References delivery={delivery} />
          <Payload label="Reference" value={delivery.payload} />
        </Section>
      </Stack>
    </>
  );
}

function Attempts({ delivery }: { delivery: DeliveryDetail }) {
  const log = delivery.attemptLog;
  if (log.length === 0)
    return (
      <Text c="dimmed" size="sm">
        {delivery.state === 'delivered'
          ? 'A step inside the hub, done at once; nothing was sent for it.'
          : 'Not tried yet.'}
      </Text>
    );
  return (
    <WideTable label="Attempts" minWidth={620}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>No.</Table.Th>
          <Table.Th>Kind</Table.Th>
          <Table.Th>Outcome</Table.Th>
          <Table.Th>Started</Table.Th>
          <Table.Th ta="right">Took</Table.Th>
          <Table.Th>Answer</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {log.map((attempt) => (
          <Table.Tr key={attempt.id}>
            <Table.Td>{attempt.attempt}</Table.Td>
            <Table.Td>{attempt.kind}</Table.Td>
            <Table.Td>
              <StateBadge state={attempt.state} />
            </Table.Td>
            <Table.Td className="nowrap">{formatInstant(attempt.startedAt)}</Table.Td>
            <Table.Td ta="right" className="nowrap">
              {attempt.durationMs === undefined ? '–' : formatDurationMs(attempt.durationMs)}
            </Table.Td>
            <Table.Td>
              <span className="mono">{attempt.outcome ? JSON.stringify(attempt.outcome).slice(0, 400) : ''}</span>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function References({ delivery }: { delivery: DeliveryDetail }) {
  return (
    <Group gap="md" mb="xs">
      <DeliveryAbout delivery={delivery} />
      {delivery.outputMessageId && (
        <Anchor component={Link} to={`/messages/${delivery.outputMessageId}`} size="sm">
          The bytes that were sent
        </Anchor>
      )}
      {delivery.outsideId && (
        <Text size="sm">
          There it is called <span className="mono">{delivery.outsideId}</span>
        </Text>
      )}
      {delivery.naturalKey && (
        <Text size="sm">
          Natural key <span className="mono">{delivery.naturalKey}</span>
        </Text>
      )}
    </Group>
  );
}
