import { Anchor, Badge, Button, Stack, Text } from '@mantine/core';
import { IconMoodHappy, IconSearch } from '@tabler/icons-react';
import { getRouteApi, Link, Navigate, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ExceptionView } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatAge, formatInstant, formatMoney, words } from '../format.ts';
import { useNameOf } from '../parts/assignees.tsx';
import { BulkExceptions } from '../parts/bulk-exceptions.tsx';
import { DueBadge } from '../parts/due-badge.tsx';
import { deskOf, ExceptionFilters, type ExceptionSearch, queryOf } from '../parts/exception-filters.tsx';
import { ListCard } from '../parts/list-card.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import type { Column } from '../parts/row-list.tsx';
import { SavedViews } from '../parts/saved-views.tsx';
import { Empty } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';
import { usePages } from '../parts/use-pages.ts';
import { useMay, useMe } from '../session.tsx';

const exceptionsRoute = getRouteApi('/exceptions');

const columns: Column<ExceptionView>[] = [
  {
    title: 'Severity',
    width: 110,
    cell: (row) => (
      <Stack gap={4} align="flex-start">
        <StateBadge state={row.severity} />
        {row.state !== 'open' && <StateBadge state={row.state} />}
      </Stack>
    ),
  },
  {
    title: 'What is wrong',
    width: 320,
    cell: (row) => (
      <>
        <Anchor component={Link} to={`/exceptions/${row.id}`} fw={600} size="sm">
          {row.title}
        </Anchor>
        <Text size="xs" c="dimmed" lineClamp={2} maw={520}>
          {row.cause}
        </Text>
      </>
    ),
  },
  { title: 'About', cell: (row) => <About row={row} /> },
  { title: 'Owner', cell: (row) => <Owner row={row} /> },
  { title: 'At risk', numeric: true, cell: (row) => formatMoney(row.moneyAtRiskMinor, row.currency) },
  { title: 'Due', cell: (row) => <Due row={row} /> },
  {
    title: 'Open',
    cell: (row) => (
      <time dateTime={row.openedAt} title={formatInstant(row.openedAt)} className="nowrap">
        {formatAge(row.openedAt)}
      </time>
    ),
  },
];

function About({ row }: { row: ExceptionView }) {
  const first = row.entityRefs[0];
  const text = first?.label ?? (first?.kind === 'order' ? 'the order' : (first?.id ?? '–'));
  return row.orderId && first?.kind === 'order' ? (
    <Anchor component={Link} to={`/orders/${row.orderId}`} size="sm" className="nowrap">
      {text}
    </Anchor>
  ) : (
    <Text size="sm" truncate maw={160} title={text}>
      {text}
    </Text>
  );
}

/** The desk, and who of it. */
function Owner({ row }: { row: ExceptionView }) {
  const nameOf = useNameOf();
  return (
    <Stack gap={2} align="flex-start">
      <Badge variant="default" tt="none" miw="max-content">
        {words(row.ownerRole)}
      </Badge>
      {row.assignee && (
        <Text size="xs" truncate maw={140} title={nameOf(row.assignee)}>
          {nameOf(row.assignee)}
        </Text>
      )}
    </Stack>
  );
}

function Due({ row }: { row: ExceptionView }) {
  const snoozed = row.snoozedUntil !== undefined && Date.parse(row.snoozedUntil) > Date.now();
  return (
    <Stack gap={2} align="flex-start">
      <DueBadge dueAt={row.dueAt} resolved={row.state === 'resolved'} />
      {snoozed && (
        <Text size="xs" c="dimmed" className="nowrap">
          snoozed until {formatInstant(row.snoozedUntil)}
        </Text>
      )}
    </Stack>
  );
}

const nothing: ReadonlySet<string> = new Set();

export function ExceptionsPage() {
  const search = exceptionsRoute.useSearch();
  const desk = deskOf(useMe());
  // The queue of one's own desk comes first; it stands in the address, so that a colleague who is sent it sees the same.
  if (desk !== undefined && Object.keys(search).length === 0)
    return <Navigate to="/exceptions" search={{ ownerRole: desk }} replace />;
  return <Queue search={search} />;
}

function Queue({ search }: { search: ExceptionSearch }) {
  const navigate = useNavigate({ from: '/exceptions' });
  const may = useMay('exception.act');
  const [chosen, setChosen] = useState(nothing);
  const query = queryOf(search);
  const list = usePages(['exceptions', query], (after) =>
    call('GET /v1/exceptions', { query: { ...query, limit: 50, ...(after ? { after } : {}) } }),
  );
  const change = (changed: ExceptionSearch, typing = false) => {
    setChosen(nothing);
    const next = { ...search, ...changed };
    // Empty ones are left out of the address; the choice of all desks is not, or the own one would come back.
    const kept = Object.fromEntries(
      Object.entries({ ...next, ownerRole: next.ownerRole || 'all' }).filter(([, v]) => v),
    );
    void navigate({ to: '/exceptions', search: kept, replace: typing });
  };
  return (
    <>
      <PageHeader
        title="Exceptions"
        subtitle="Everything that wants a person, in front of the one who owns it. They close by themselves when the cause is gone."
      >
        <SavedViews search={search} />
      </PageHeader>
      <ExceptionFilters search={search} rows={list.rows} change={change} />
      <ListCard
        list={list}
        label="Exceptions"
        columns={columns}
        keyOf={(row) => row.id}
        nameOf={(row) => `${row.title}, ${row.entityRefs[0]?.label ?? row.cause}`}
        onOpen={(row) => void navigate({ to: '/exceptions/$id', params: { id: row.id } })}
        selection={may ? { keys: chosen, change: setChosen } : undefined}
        empty={<NothingHere search={search} change={change} more={list.hasNextPage} />}
      />
      <BulkExceptions
        rows={list.rows.filter((row) => chosen.has(row.id))}
        onClear={() => setChosen(nothing)}
        onDone={(ids) => setChosen(new Set([...chosen].filter((id) => !ids.includes(id))))}
      />
    </>
  );
}

interface NothingHereProps {
  search: ExceptionSearch;
  change(change: ExceptionSearch): void;
  /** The search has passed a part only. */
  more: boolean;
}

/** An empty queue says what to do next. */
function NothingHere({ search, change, more }: NothingHereProps) {
  const desk = deskOf(useMe());
  const { ownerRole = 'all', assignee, state, q, class: kind, code, overdue } = search;
  const widen = (label: string, changed: ExceptionSearch) => (
    <Button variant="default" mt="sm" onClick={() => change(changed)}>
      {label}
    </Button>
  );
  const clear = widen('Clear the filters', { q: '', class: '', code: '', overdue: '', state: '', assignee: '' });
  if (more)
    return (
      <Empty icon={<IconSearch size={40} />} title="Not among the first ones">
        Much has been resolved. Show more looks further back.
      </Empty>
    );
  if (q || kind || code || overdue)
    return (
      <Empty icon={<IconSearch size={40} />} title={overdue && !q ? 'Nothing is overdue here' : 'Nothing matches'}>
        {q ? `No exception says “${q}” in its title or cause, or is about such an order. ` : ''}
        {clear}
      </Empty>
    );
  if (assignee === 'me' && !state)
    return (
      <Empty icon={<IconMoodHappy size={40} />} title="Nothing is assigned to you">
        Take something on: look at what nobody has, select rows and assign them to yourself.
        <br />
        {widen('Show what nobody has', { assignee: 'none', ownerRole: desk ?? 'all' })}
      </Empty>
    );
  if (state || assignee)
    return (
      <Empty icon={<IconSearch size={40} />} title="None like this">
        {state === 'snoozed' ? 'Nothing hides at the moment. ' : ''}
        {clear}
      </Empty>
    );
  if (ownerRole !== 'all')
    return (
      <Empty icon={<IconMoodHappy size={40} />} title={`Nothing waits for the ${words(ownerRole)} desk`}>
        Other desks may need a hand.
        <br />
        {widen('Show all desks', { ownerRole: 'all' })}
      </Empty>
    );
  return (
    <Empty icon={<IconMoodHappy size={40} />} title="Nothing needs you">
      Holds, refusals and failures will appear here with their cause, their cost and what to do.
    </Empty>
  );
}
