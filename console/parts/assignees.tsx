import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Assignee } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { useMe } from '../session.tsx';

export function useAssignees(): readonly Assignee[] {
  const query = useQuery({ queryKey: ['assignees'], queryFn: () => call('GET /v1/assignees'), staleTime: 300_000 });
  return query.data?.data ?? [];
}

/** People by their names; whoever is not one of them by what the hub calls them. */
export function useNameOf(): (actor: string) => string {
  const me = useMe();
  const names = new Map(useAssignees().map(({ actor, name }) => [actor, name]));
  names.set('admin-key', 'Administrator’s key');
  return (actor) => names.get(actor) ?? (actor === me.actor ? me.displayName : actor);
}

interface AssigneeSelectProps {
  value: string;
  onChange(value: string): void;
  label: string;
  description?: string | undefined;
  autoFocus?: boolean | undefined;
}

/** Who is to look after it: oneself first, then colleagues, then nobody. */
export function AssigneeSelect({ value, onChange, label, description, autoFocus }: AssigneeSelectProps) {
  const me = useMe();
  const people = useAssignees().filter(({ actor, active }) => active && actor !== me.actor);
  return (
    <Select
      label={label}
      description={description}
      searchable
      nothingFoundMessage="Nobody by that name"
      allowDeselect={false}
      data-autofocus={autoFocus}
      value={value === '' ? 'me' : value}
      onChange={(chosen) => onChange(chosen ?? 'me')}
      data={[
        { value: 'me', label: 'Me' },
        ...people.map(({ actor, name }) => ({ value: actor, label: name })),
        { value: 'none', label: 'Nobody any more' },
      ]}
    />
  );
}
