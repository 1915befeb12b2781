import { Anchor, Badge, Card, Group, SegmentedControl, Text, TextInput } from '@mantine/core';
import { IconMailbox } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ListMessagesQuery, MessageSummary } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount, formatInstant } from '../format.ts';
import { MoreButton } from '../parts/more-button.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { type Column, RowList } from '../parts/row-list.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';
import { usePages } from '../parts/use-pages.ts';
import { messagesRoute } from '../router.tsx';

const columns: Column<MessageSummary>[] = [
  { title: 'Way', width: 70, cell: (row) => (row.direction === 'in' ? '← in' : '→ out') },
  {
    title: 'What',
    cell: (row) => (
      <Anchor component={Link} to={`/messages/${row.id}`} size="sm" fw={600}>
        {row.topic ?? row.contentType}
      </Anchor>
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
          <Text size="xs" c="dimmed" lineClamp={1} maw={260}>
            {row.reason}
          </Text>
        )}
      </Group>
    ),
  },
  { title: 'Bytes', numeric: true, cell: (row) => formatCount(row.byteLength) },
  { title: 'At', cell: (row) => formatInstant(row.at) },
];

export function MessagesPage() {
  const search = messagesRoute.useSearch();
  const navigate = useNavigate({ from: '/messages' });
  const setFilter = (change: Partial<typeof search>) =>
    void navigate({ to: '/messages', search: { ...search, ...change }, replace: true });
  const query: ListMessagesQuery = {
    ...(search.direction ? { direction: search.direction as 'in' | 'out' } : {}),
    ...(search.channel ? { channel: search.channel } : {}),
    ...(search.partner ? { partner: search.partner } : {}),
    ...(search.state ? { state: search.state } : {}),
    ...(search.correlationId ? { correlationId: search.correlationId } : {}),
  };
  const list = usePages(['messages', query], (after) =>
    call('GET /v1/messages', { query: { ...query, limit: 50, ...(after ? { after } : {}) } }),
  );
  return (
    <>
      <PageHeader title="Messages" subtitle="Every payload that crossed the boundary, byte for byte." />
      <Group mb="md" align="end">
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
        <TextInput
          label="Partner"
          w={140}
          value={search.partner ?? ''}
          onChange={(event) => setFilter({ partner: event.currentTarget.value })}
        />
        <TextInput
          label="Door"
          placeholder="api, webhook, edi-folder…"
          w={190}
          value={search.channel ?? ''}
          onChange={(event) => setFilter({ channel: event.currentTarget.value })}
        />
      </Group>
      {list.isError ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading />
      ) : list.rows.length === 0 ? (
        <Empty icon={<IconMailbox size={40} />} title="No messages">
          Send an order by API, drop an 850 into a partner's folder, or connect a system in the{' '}
          <Link to="/setup">first steps</Link>.
        </Empty>
      ) : (
        <Card p={0}>
          <RowList
            label="Messages"
            rows={list.rows}
            columns={columns}
            keyOf={(row) => row.id}
            onOpen={(row) => void navigate({ to: '/messages/$id', params: { id: row.id } })}
          />
        </Card>
      )}
      <MoreButton list={list} />
    </>
  );
}
