import { Anchor, Group, SegmentedControl, Switch, Text } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { DeliverySummary, ListDeliveriesQuery } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatAge, formatInstant } from '../format.ts';
import { BulkReplay } from '../parts/bulk-replay.tsx';
import { DeliveryAbout } from '../parts/delivery-about.tsx';
import { ListCard } from '../parts/list-card.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import type { Column } from '../parts/row-list.tsx';
import { Empty } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';
import { TextFilter } from '../parts/text-filter.tsx';
import { usePages } from '../parts/use-pages.ts';
import { useMay } from '../session.tsx';

const deliveriesRoute = getRouteApi('/deliveries');

const columns: Column<DeliverySummary>[] = [
  {
    title: 'What',
    cell: (row) => (
      <>
        <Anchor component={Link} to={`/deliveries/${row.id}`} size="sm" fw={600}>
          {row.title}
        </Anchor>
        {row.title !== row.operation && (
          <Text size="xs" c="dimmed" className="mono">
            {row.operation}
          </Text>
        )}
      </>
    ),
  },
  { title: 'About', cell: (row) => <DeliveryAbout delivery={row} /> },
  { title: 'To', cell: (row) => row.destination },
  { title: 'State', cell: (row) => <StateBadge state={row.state} label={stateLabels[row.state]} /> },
  { title: 'Attempts', numeric: true, cell: (row) => row.attempts },
  {
    title: 'What came back',
    cell: (row) => (
      <Text size="xs" c="dimmed" lineClamp={2} maw={360} title={row.lastError}>
        {row.state === 'delivered' ? (row.outsideId ?? '–') : (row.lastError ?? row.outsideId ?? '–')}
      </Text>
    ),
  },
  {
    title: 'Next try',
    cell: (row) => <span className="nowrap">{row.nextAttemptAt ? formatInstant(row.nextAttemptAt) : '–'}</span>,
  },
  { title: 'Age', cell: (row) => <span className="nowrap">{formatAge(row.createdAt)}</span> },
];

const stateLabels: Partial<Record<DeliverySummary['state'], string>> = {
  dead: 'Dead letter',
  outcome_unknown: 'Unknown outcome',
  retry_wait: 'Retrying',
  in_flight: 'Under way',
};
const shownStates = ['', 'dead', 'outcome_unknown', 'retry_wait', 'held', 'queued', 'delivered'];
const shownLabels = ['All', 'Dead letters', 'Unknown', 'Retrying', 'Held', 'Queued', 'Delivered'];

function isInner(row: DeliverySummary): boolean {
  return row.destination.startsWith('flow.') && ['queued', 'in_flight', 'delivered'].includes(row.state);
}

const nothing: ReadonlySet<string> = new Set();

export function DeliveriesPage() {
  const search = deliveriesRoute.useSearch();
  const navigate = useNavigate({ from: '/deliveries' });
  const [chosen, setChosen] = useState(nothing);
  const may = useMay('delivery.replay');
  const query: ListDeliveriesQuery = {
    ...(search.state ? { state: search.state as DeliverySummary['state'] } : {}),
    ...(search.destination ? { destination: search.destination } : {}),
    ...(search.correlationId ? { correlationId: search.correlationId } : {}),
  };
  const list = usePages(
    ['deliveries', query],
    (after) => call('GET /v1/deliveries', { query: { ...query, limit: 200, ...(after ? { after } : {}) } }),
    { refetchInterval: 10_000 },
  );
  // What the hub hands to itself is of interest only when it fails.
  const rows = search.inner || search.destination ? list.rows : list.rows.filter((row) => !isInner(row));
  return (
    <>
      <PageHeader
        title="Deliveries and dead letters"
        subtitle="Everything still to do for another system, and what became of it. A dead letter can be replayed: it keeps its event, its key and its place."
      />
      <Filters onChange={() => setChosen(nothing)} />
      <ListCard
        list={{ ...list, rows }}
        label="Deliveries"
        columns={columns}
        keyOf={(row) => row.id}
        nameOf={(row) => `${row.operation} to ${row.destination}`}
        onOpen={(row) => void navigate({ to: '/deliveries/$id', params: { id: row.id } })}
        selection={may ? { keys: chosen, change: setChosen } : undefined}
        empty={
          <Empty
            icon={<IconSend size={40} />}
            title={search.state === 'dead' ? 'No dead letters' : 'No deliveries here'}
          >
            {search.state === 'dead'
              ? 'A delivery that fails for good is kept here until somebody replays or discards it.'
              : 'Deliveries appear as soon as an order wants something from another system.'}
          </Empty>
        }
      />
      <BulkReplay rows={rows.filter((row) => chosen.has(row.id))} onClear={() => setChosen(nothing)} />
    </>
  );
}

function Filters({ onChange }: { onChange(): void }) {
  const search = deliveriesRoute.useSearch();
  const navigate = useNavigate({ from: '/deliveries' });
  const setFilter = (change: Partial<typeof search>) => {
    onChange();
    void navigate({ to: '/deliveries', search: { ...search, ...change }, replace: true });
  };
  return (
    <Group mb="md" gap="sm" role="search" aria-label="Filter deliveries">
      <SegmentedControl
        aria-label="State"
        value={search.state ?? ''}
        onChange={(value) => setFilter({ state: value })}
        data={shownStates.map((value, index) => ({ value, label: shownLabels[index] ?? value }))}
        style={{ overflowX: 'auto', maxWidth: '100%' }}
      />
      <TextFilter
        aria-label="Destination"
        placeholder="Destination"
        w={170}
        value={search.destination ?? ''}
        onChange={(destination) => setFilter({ destination })}
      />
      <Switch
        label="Steps inside the hub too"
        checked={search.inner !== undefined}
        onChange={(event) => setFilter({ inner: event.currentTarget.checked ? 'yes' : '' })}
      />
    </Group>
  );
}
