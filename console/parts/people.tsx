import { Button, PasswordInput, Switch, Table, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { IconPlus, IconUsers } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { User } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatInstant } from '../format.ts';
import { FormDialog } from './form-dialog.tsx';
import { MoreButton } from './more-button.tsx';
import { RoleBadges, RoleFields } from './role-fields.tsx';
import { Section } from './section.tsx';
import { Empty, Failed, Loading } from './states.tsx';
import { StateBadge } from './status.tsx';
import { usePages } from './use-pages.ts';
import { WideTable } from './wide-table.tsx';

const shortestPassword = 12;

/** Who may sign in with e-mail and password. Nobody is deleted: what somebody did stays theirs. */
export function People() {
  const [edited, setEdited] = useState<User | 'new'>();
  const list = usePages(['users'], (after) =>
    call('GET /v1/users', { query: { limit: 100, ...(after ? { after } : {}) } }),
  );
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Loading rows={4} />;
  const add = (
    <Button size="sm" leftSection={<IconPlus size={16} />} onClick={() => setEdited('new')}>
      Add a person
    </Button>
  );
  return (
    <Section title="People" aside={list.rows.length > 0 ? add : undefined}>
      {list.rows.length === 0 ? (
        <Empty icon={<IconUsers size={36} />} title="Nobody but the administrator’s key yet">
          <Text size="sm" mb="sm">
            Give everybody an account of their own, so that the audit names people.
          </Text>
          {add}
        </Empty>
      ) : (
        <WideTable label="People" minWidth={720}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>E-mail</Table.Th>
              <Table.Th>Roles</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Since</Table.Th>
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {list.rows.map(({ value }) => (
              <Line key={value.id} user={value} onEdit={() => setEdited(value)} />
            ))}
          </Table.Tbody>
        </WideTable>
      )}
      <MoreButton list={list} />
      {edited && <PersonDialog user={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />}
    </Section>
  );
}

function Line({ user, onEdit }: { user: User; onEdit(): void }) {
  return (
    <Table.Tr>
      <Table.Td fw={600}>{user.displayName}</Table.Td>
      <Table.Td>{user.email}</Table.Td>
      <Table.Td>
        <RoleBadges roles={user.roles} />
      </Table.Td>
      <Table.Td>
        <StateBadge
          state={user.active ? 'accepted' : 'discarded'}
          label={user.active ? 'May sign in' : 'Switched off'}
        />
      </Table.Td>
      <Table.Td className="nowrap">{formatInstant(user.createdAt)}</Table.Td>
      <Table.Td ta="right">
        <Button size="compact-sm" variant="default" onClick={onEdit} aria-label={`Edit ${user.displayName}`}>
          Edit
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}

/** A change ends the person's sessions: new roles hold at once. */
function PersonDialog({ user, onClose }: { user: User | undefined; onClose(): void }) {
  const client = useQueryClient();
  const [email, setEmail] = useState(user?.email ?? '');
  const [displayName, setDisplayName] = useState(user?.displayName ?? '');
  const [password, setPassword] = useState('');
  const [roles, setRoles] = useState(user?.roles ?? []);
  const [active, setActive] = useState(user?.active ?? true);
  const save = useMutation({
    mutationFn: () =>
      user === undefined
        ? call('POST /v1/users', { body: { email, displayName, password, roles } })
        : call('PUT /v1/users/{id}', {
            params: { id: user.id },
            version: user.version,
            body: { displayName, roles, active, ...(password === '' ? {} : { password }) },
          }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['users'] });
      onClose();
    },
  });
  const passwordFits = user !== undefined && password === '' ? true : password.length >= shortestPassword;
  return (
    <FormDialog
      title={user === undefined ? 'Add a person' : `Edit ${user.displayName}`}
      confirm={user === undefined ? 'Add' : 'Save and end their sessions'}
      incomplete={roles.length === 0 || displayName.trim() === '' || email.trim() === '' || !passwordFits}
      working={save.isPending}
      error={save.error?.message}
      onClose={onClose}
      onConfirm={() => save.mutate()}
    >
      <TextInput
        label="Name"
        required
        value={displayName}
        onChange={(event) => setDisplayName(event.currentTarget.value)}
        data-autofocus
        autoComplete="off"
      />
      <TextInput
        label="E-mail"
        type="email"
        required
        disabled={user !== undefined}
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        autoComplete="off"
      />
      <PasswordInput
        label={user === undefined ? 'First password' : 'New password'}
        description={
          user === undefined
            ? `At least ${shortestPassword} characters. They cannot change it themselves yet.`
            : 'Left empty it stays as it is.'
        }
        required={user === undefined}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="new-password"
      />
      <RoleFields value={roles} onChange={setRoles} />
      {user !== undefined && (
        <Switch label="May sign in" checked={active} onChange={(event) => setActive(event.currentTarget.checked)} />
      )}
    </FormDialog>
  );
}
