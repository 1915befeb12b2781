import { Group, SegmentedControl, Select, Stack, Switch } from '@mantine/core';
import { IconArrowsSort, IconSearch } from '@tabler/icons-react';
import type { ExceptionView, ListExceptionsQuery, Me } from '../../src/api/contract.ts';
import { words } from '../format.ts';
import { useMe } from '../session.tsx';
import { useAssignees } from './assignees.tsx';
import { TextFilter } from './text-filter.tsx';

export interface ExceptionSearch {
  class?: string;
  ownerRole?: string;
  state?: string;
  code?: string;
  assignee?: string;
  q?: string;
  overdue?: string;
  sort?: string;
}

/** The desk of whoever has one and no other. */
export function deskOf(me: Me): string | undefined {
  const desks = me.roles.filter((role) => role !== 'admin');
  return me.roles.length === 1 ? desks[0] : undefined;
}

/** What is resolved has no due time any more. */
const isPast = ({ state }: ExceptionSearch): boolean => state === 'resolved' || state === 'all';

export function queryOf(search: ExceptionSearch): ListExceptionsQuery {
  const { class: kind, ownerRole, state, code, assignee, q, overdue, sort } = search;
  const query = {
    ...(kind ? { class: kind } : {}),
    ...(ownerRole && ownerRole !== 'all' ? { ownerRole } : {}),
    ...(code ? { code } : {}),
    ...(assignee ? { assignee } : {}),
    ...(q ? { q } : {}),
    ...(overdue ? { overdue: true } : {}),
    ...(state === 'snoozed' ? { snoozed: true } : state ? { state } : { snoozed: false }),
    ...(isPast(search) ? {} : { sort: sort || 'due' }),
  };
  return query as ListExceptionsQuery;
}

const ownerRoles = ['customer_service', 'operations', 'edi', 'integration', 'finance', 'admin'];

interface FiltersProps {
  search: ExceptionSearch;
  /** What kinds there are to choose from. */
  rows: readonly ExceptionView[];
  /** `typing`: the address takes its place in the history instead of another one. */
  change(change: ExceptionSearch, typing?: boolean): void;
}

export function ExceptionFilters(props: FiltersProps) {
  return (
    <Stack gap="sm" mb="md" role="search" aria-label="Filter exceptions">
      <Group gap="sm">
        <Whose {...props} />
        <SegmentedControl
          aria-label="Kind of exception"
          value={props.search.class ?? ''}
          onChange={(value) => props.change({ class: value })}
          data={[
            { value: '', label: 'All kinds' },
            { value: 'business', label: 'Business' },
            { value: 'data', label: 'Data' },
            { value: 'technical', label: 'Technical' },
          ]}
        />
        <Switch
          label="Overdue"
          checked={props.search.overdue !== undefined}
          disabled={props.search.state === 'resolved'}
          onChange={(event) => props.change({ overdue: event.currentTarget.checked ? 'yes' : '' })}
        />
      </Group>
      <Group gap="sm">
        <TextFilter
          aria-label="Words, order or PO"
          placeholder="Words, order or PO"
          leftSection={<IconSearch size={16} />}
          style={{ flex: '2 1 220px', maxWidth: 420 }}
          maxLength={120}
          value={props.search.q ?? ''}
          onChange={(q) => props.change({ q }, true)}
        />
        <Narrow {...props} />
        <Sort {...props} />
      </Group>
    </Stack>
  );
}

/** The own desk, what is one's own, or everything: one click each. */
function Whose({ search, change }: FiltersProps) {
  const me = useMe();
  const desk = deskOf(me);
  const views = [
    ...(desk === undefined ? [] : [{ value: 'desk', label: words(desk) }]),
    { value: 'mine', label: 'Mine' },
    { value: 'all', label: 'All desks' },
  ];
  const { ownerRole = 'all', assignee } = search;
  const whole = assignee === undefined ? (ownerRole === 'all' ? 'all' : ownerRole === desk ? 'desk' : '') : '';
  return (
    <SegmentedControl
      aria-label="Whose"
      data={views}
      style={{ overflowX: 'auto', maxWidth: '100%' }}
      value={assignee === 'me' && ownerRole === 'all' ? 'mine' : whole}
      onChange={(value) =>
        change({
          ownerRole: value === 'desk' ? (desk ?? 'all') : 'all',
          assignee: value === 'mine' ? 'me' : '',
        })
      }
    />
  );
}

/** Side by side where there is room, two a row on a phone. */
const narrow = { flex: '1 1 130px', maxWidth: 220 };

function Narrow({ search, rows, change }: FiltersProps) {
  const me = useMe();
  const people = useAssignees().filter(({ actor, active }) => active && actor !== me.actor);
  const kinds = new Map(rows.map((row) => [row.code, row.title]));
  if (search.code) kinds.set(search.code, kinds.get(search.code) ?? words(search.code));
  return (
    <>
      <Select
        aria-label="Desk"
        placeholder="Any desk"
        clearable
        style={narrow}
        value={search.ownerRole && search.ownerRole !== 'all' ? search.ownerRole : null}
        onChange={(value) => change({ ownerRole: value ?? 'all' })}
        data={ownerRoles.map((value) => ({ value, label: words(value) }))}
      />
      <Select
        aria-label="Assigned to"
        placeholder="Anyone"
        clearable
        searchable={people.length > 8}
        style={narrow}
        value={search.assignee ?? null}
        onChange={(value) => change({ assignee: value ?? '' })}
        data={[
          { value: 'me', label: 'Me' },
          { value: 'none', label: 'Nobody' },
          ...people.map(({ actor, name }) => ({ value: actor, label: name })),
        ]}
      />
      <Select
        aria-label="What is wrong"
        placeholder="Anything wrong"
        clearable
        searchable
        style={narrow}
        value={search.code ?? null}
        onChange={(value) => change({ code: value ?? '' })}
        data={[...kinds].map(([value, label]) => ({ value, label }))}
      />
      <Select
        aria-label="State"
        style={narrow}
        value={search.state ?? ''}
        onChange={(value) => change({ state: value ?? '', ...(value === 'resolved' ? { overdue: '' } : {}) })}
        data={[
          { value: '', label: 'Not resolved' },
          { value: 'assigned', label: 'Assigned' },
          { value: 'snoozed', label: 'Snoozed' },
          { value: 'resolved', label: 'Resolved' },
          { value: 'all', label: 'All states' },
        ]}
        allowDeselect={false}
      />
    </>
  );
}

function Sort({ search, change }: FiltersProps) {
  const past = isPast(search);
  return (
    <Select
      aria-label="Sort"
      style={narrow}
      leftSection={<IconArrowsSort size={16} />}
      disabled={past}
      value={past ? 'newest' : search.sort || 'due'}
      onChange={(value) => change({ sort: value === 'due' || value === null ? '' : value })}
      data={[
        { value: 'due', label: 'Due first' },
        { value: 'severity', label: 'Worst first' },
        { value: 'newest', label: 'Newest first' },
      ]}
      allowDeselect={false}
    />
  );
}
