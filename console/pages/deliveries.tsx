import { Anchor, Card, Group, SegmentedControl, Text, TextInput } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import type { DeliverySummary, ListDeliveriesQuery } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatAge, formatInstant } from '../format.ts';
import { MoreButton } from '../parts/more-button.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { type Column, RowList } from '../parts/row-list.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';
import { usePages } from '../parts/use-pages.ts';
import { deliveriesRoute } from '../router.tsx';

const columns: Column<DeliverySummary>[] = [
  {
    title: 'What',
    cell: (row) => (
      <Anchor component={Link} to={`/deliveries/${row.id}`} size="sm" fw={600}>
        {row.operation}
      </Anchor>
    ),
  },
  { title: 'To', cell: (row) => row.destination },
  {
    title: 'About',
    cell: (row) =>
      row.entity?.kind === 'order' ? (
        <Anchor component={Link} to={`/orders/${row.entity.id}`} size="sm">
          order
        </Anchor>
      ) : (
        <Text size="sm">{row.entity?.kind ?? '–'}</Text>
      ),
  },
  { title: 'State', cell: (row) => <StateBadge state={row.state} /> },
  { title: 'Attempts', numeric: true, cell: (row) => row.attempts },
  {
    title: 'Last word',
    cell: (row) => (
      <Text size="xs" c="dimmed" lineClamp={2} maw={360}>
        {row.lastError ?? row.outsideId ?? '–'}
      </Text>
    ),
  },
  { title: 'Next try', cell: (row) => (row.nextAttemptAt ? formatInstant(row.nextAttemptAt) : '–') },
  { title: 'Age', cell: (row) => formatAge(row.createdAt) },
];

const states = ['', 'dead', 'outcome_unknown', 'retry_wait', 'held', 'queued', 'delivered'];
const labels = ['All', 'Dead letters', 'Unknown outcome', 'Retrying', 'Held', 'Queued', 'Delivered'];

export function DeliveriesPage() {
  const search = deliveriesRoute.useSearch();
  const navigate = useNavigate({ from: '/deliveries' });
  const setFilter = (change: Partial<typeof search>) =>
    void navigate({ to: '/deliveries', search: { ...search, ...change }, replace: true });
  const query: ListDeliveriesQuery = {
    ...(search.state ? { state: search.state as DeliverySummary['state'] } : {}),
    ...(search.destination ? { destination: search.destination } : {}),
    ...(search.correlationId ? { correlationId: search.correlationId } : {}),
  };
  const list = usePages(['deliveries', query], (after) =>
    call('GET /v1/deliveries', { query: { ...query, limit: 50, ...(after ? { after } : {}) } }),
  );
  return (
    <>
      <PageHeader
        title="Deliveries and dead letters"
        subtitle="Everything still to do for another system, and what became of it. A dead letter can be replayed: it keeps its event, its key and its place."
      />
      <Group mb="md" align="end">
        <SegmentedControl
          aria-label="State"
          value={search.state ?? ''}
          onChange={(value) => setFilter({ state: value })}
          data={states.map((value, index) => ({ value, label: labels[index] ?? value }))}
        />
        <TextInput
          label="Destination"
          w={180}
          value={search.destination ?? ''}
          onChange={(event) => setFilter({ destination: event.currentTarget.value })}
        />
      </Group>
      {list.isError ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading />
      ) : list.rows.length === 0 ? (
        <Empty icon={<IconSend size={40} />} title={search.state === 'dead' ? 'No dead letters' : 'No deliveries here'}>
          {search.state === 'dead'
            ? 'A delivery that fails for good is kept here until somebody replays or discards it.'
            : 'Deliveries appear as soon as an order wants something from another system.'}
        </Empty>
      ) : (
        <Card p={0}>
          <RowList
            label="Deliveries"
            rows={list.rows}
            columns={columns}
            keyOf={(row) => row.id}
            onOpen={(row) => void navigate({ to: '/deliveries/$id', params: { id: row.id } })}
          />
        </Card>
      )}
      <MoreButton list={list} />
    </>
  );
}
