import { Anchor, Badge, Button, Group, SegmentedControl, Select, Text } from '@mantine/core';
import { IconMailbox, IconX } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ListMessagesQuery, MessageSummary } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatBytes, formatInstant, words } from '../format.ts';
import { ListCard } from '../parts/list-card.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import type { Column } from '../parts/row-list.tsx';
import { Empty } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';
import { TextFilter } from '../parts/text-filter.tsx';
import { usePages } from '../parts/use-pages.ts';

const messagesRoute = getRouteApi('/messages');

const columns: Column<MessageSummary>[] = [
  {
    title: 'Way',
    width: 70,
    cell: (row) => <span className="nowrap">{row.direction === 'in' ? '← in' : '→ out'}</span>,
  },
  {
    title: 'What',
    cell: (row) => (
      <>
        <Anchor component={Link} to={`/messages/${row.id}`} size="sm" fw={600}>
          {row.title}
        </Anchor>{' '}
        <Text span size="xs" c="dimmed" className="mono">
          {row.topic ?? row.fileName}
        </Text>
      </>
    ),
  },
  { title: 'With', cell: (row) => <Text size="sm">{row.partner ?? row.connection ?? '–'}</Text> },
  {
    title: 'Door',
    cell: (row) => (
      <Badge variant="default" tt="none">
        {row.channel}
      </Badge>
    ),
  },
  {
    title: 'State',
    cell: (row) => (
      <Group gap={6}>
        <StateBadge state={row.state} />
        {row.reason && (
          <Text size="xs" c="dimmed" lineClamp={1} maw={320} title={row.reason}>
            {row.reason}
          </Text>
        )}
      </Group>
    ),
  },
  { title: 'Size', numeric: true, cell: (row) => <span className="nowrap">{formatBytes(row.byteLength)}</span> },
  {
    title: 'At',
    cell: (row) => (
      <time dateTime={row.at} className="nowrap">
        {formatInstant(row.at)}
      </time>
    ),
  },
];

export function MessagesPage() {
  const search = messagesRoute.useSearch();
  const navigate = useNavigate({ from: '/messages' });
  const query: ListMessagesQuery = {
    ...(search.direction ? { direction: search.direction as 'in' | 'out' } : {}),
    ...(search.channel ? { channel: search.channel } : {}),
    ...(search.partner ? { partner: search.partner } : {}),
    ...(search.state ? { state: search.state } : {}),
    ...(search.correlationId ? { correlationId: search.correlationId } : {}),
  };
  const list = usePages(
    ['messages', query],
    (after) => call('GET /v1/messages', { query: { ...query, limit: 50, ...(after ? { after } : {}) } }),
    { refetchInterval: 10_000 },
  );
  return (
    <>
      <PageHeader
        title="Messages"
        subtitle="Every payload that crossed the boundary, byte for byte, also what was refused."
      />
      <Filters />
      <ListCard
        list={list}
        label="Messages"
        columns={columns}
        keyOf={(row) => row.id}
        onOpen={(row) => void navigate({ to: '/messages/$id', params: { id: row.id } })}
        empty={
          <Empty icon={<IconMailbox size={40} />} title="No messages here">
            Clear the filters, send an order by API, drop an 850 into a partner's folder, or connect a system in the{' '}
            <Anchor component={Link} to="/setup">
              first steps
            </Anchor>
            .
          </Empty>
        }
      />
    </>
  );
}

const doors = ['api', 'csv', 'webhook', 'edi-folder', 'edi-http'];
const states = [
  'received',
  'processed',
  'held',
  'rejected',
  'refused',
  'duplicate',
  'ignored',
  'ready',
  'sent',
  'failed',
];

function Filters() {
  const search = messagesRoute.useSearch();
  const navigate = useNavigate({ from: '/messages' });
  const setFilter = (change: Partial<typeof search>) =>
    void navigate({ to: '/messages', search: { ...search, ...change }, replace: true });
  return (
    <Group mb="md" gap="sm" role="search" aria-label="Filter messages">
      <SegmentedControl
        aria-label="Direction"
        value={search.direction ?? ''}
        onChange={(value) => setFilter({ direction: value })}
        data={[
          { value: '', label: 'Both ways' },
          { value: 'in', label: 'In' },
          { value: 'out', label: 'Out' },
        ]}
      />
      <Select
        aria-label="State"
        placeholder="Any state"
        clearable
        w={150}
        value={search.state ?? null}
        onChange={(value) => setFilter({ state: value ?? '' })}
        data={states.map((value) => ({ value, label: words(value) }))}
      />
      <Select
        aria-label="Door"
        placeholder="Any door"
        clearable
        w={150}
        value={search.channel ?? null}
        onChange={(value) => setFilter({ channel: value ?? '' })}
        data={[...new Set([...doors, ...(search.channel ? [search.channel] : [])])]}
      />
      <TextFilter
        aria-label="Partner"
        placeholder="Partner"
        w={140}
        value={search.partner ?? ''}
        onChange={(partner) => setFilter({ partner })}
      />
      {search.correlationId && (
        <Button variant="default" rightSection={<IconX size={14} />} onClick={() => setFilter({ correlationId: '' })}>
          One correlation only
        </Button>
      )}
    </Group>
  );
}
