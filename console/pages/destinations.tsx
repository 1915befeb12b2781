import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Destination } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { DestinationBudgets } from '../parts/destination-budgets.tsx';
import { DestinationSettings } from '../parts/destination-settings.tsx';
import { DestinationTable } from '../parts/destination-table.tsx';
import { IntakeDoors } from '../parts/intake-doors.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { Section } from '../parts/section.tsx';
import { Failed, Loading } from '../parts/states.tsx';

function toRow(row: Destination) {
  const { name, role, paused, pausedReason, inWindow, oldestOpenAt, version, backlog, perMinute } = row;
  return {
    name,
    role,
    paused,
    pausedReason,
    inWindow,
    oldestOpenAt,
    version,
    breaker: row.breakerNow?.state === 'closed' ? undefined : row.breakerNow,
    health: row.healthNow,
    perMinute,
    waiting: (backlog.queued ?? 0) + (backlog.in_flight ?? 0) + (backlog.held ?? 0),
    retrying: backlog.retry_wait ?? 0,
    unknown: backlog.outcome_unknown ?? 0,
    dead: backlog.dead ?? 0,
  };
}

const isDown = ({ breakerNow }: Destination): boolean => breakerNow !== undefined && breakerNow.state !== 'closed';

export function DestinationsPage() {
  const list = useQuery({
    queryKey: ['destinations'],
    queryFn: () => call('GET /v1/destinations'),
    // A system that is down is what people look at: its probes and its backlog should be fresh.
    refetchInterval: (query) => (query.state.data?.data.some(isDown) ? 2_000 : 10_000),
  });
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  const outside = list.data.data.filter((row) => row.kind === 'connection');
  const flows = list.data.data.filter((row) => row.kind === 'flow');
  return (
    <>
      <PageHeader
        title="Destinations"
        subtitle="Where the hub delivers. A maintenance window, an open breaker or a pause queues deliveries in order and spends no attempts."
      />
      <Stack gap="md">
        <Section title="Outside systems">
          <DestinationTable rows={outside.map(toRow)} />
        </Section>
        <Section title="Doors">
          <IntakeDoors />
        </Section>
        {outside.length > 0 && (
          <Section title="Windows, retries and breakers">
            <DestinationSettings rows={outside} />
          </Section>
        )}
        {outside.length > 0 && (
          <Section title="Budgets">
            <DestinationBudgets rows={outside} />
          </Section>
        )}
        {flows.length > 0 && (
          <Section title="Inside the hub">
            <DestinationTable rows={flows.map(toRow)} inner />
          </Section>
        )}
      </Stack>
    </>
  );
}
