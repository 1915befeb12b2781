import { Button, Group, NumberInput, Select, Table, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKey, CreatedApiKey } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatDurationMs, formatInstant } from '../format.ts';
import { FormDialog } from './form-dialog.tsx';
import { MoreButton } from './more-button.tsx';
import { isReason, ReasonField } from './reason-field.tsx';
import { RoleBadges, RoleFields } from './role-fields.tsx';
import { Section } from './section.tsx';
import { ShownSecret } from './shown-secret.tsx';
import { Empty, Failed, Loading } from './states.tsx';
import { StateBadge } from './status.tsx';
import { usePages } from './use-pages.ts';
import { WideTable } from './wide-table.tsx';

type Deed = { what: 'create' } | { what: 'rotate' | 'limit' | 'revoke'; key: ApiKey };
const dayMs = 86_400_000;

function stateOf(key: ApiKey, nowMs = Date.now()): { state: string; label: string; works: boolean } {
  if (key.revokedAt) return { state: 'discarded', label: 'Revoked', works: false };
  if (!key.expiresAt) return { state: 'accepted', label: 'Works', works: true };
  const leftMs = Date.parse(key.expiresAt) - nowMs;
  if (leftMs <= 0) return { state: 'discarded', label: 'Expired', works: false };
  if (leftMs > 14 * dayMs) return { state: 'accepted', label: 'Works', works: true };
  return { state: 'waitingPartner', label: `Ends in ${formatDurationMs(leftMs)}`, works: true };
}

/** Keys of programs. One is rotated with a time in which both work, so that nothing stops in between. */
export function ApiKeys() {
  const [deed, setDeed] = useState<Deed>();
  const [made, setMade] = useState<CreatedApiKey>();
  const list = usePages(['api-keys'], (after) =>
    call('GET /v1/api-keys', { query: { limit: 100, ...(after ? { after } : {}) } }),
  );
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Loading rows={4} />;
  const create = (
    <Button size="sm" leftSection={<IconPlus size={16} />} onClick={() => setDeed({ what: 'create' })}>
      Create a key
    </Button>
  );
  // The newest first, those that work above those that do not.
  const rows = list.rows.toReversed().sort((a, b) => Number(stateOf(b).works) - Number(stateOf(a).works));
  return (
    <Section title="API keys" aside={rows.length > 0 ? create : undefined}>
      {rows.length === 0 ? (
        <Empty icon={<IconKey size={36} />} title="No keys yet">
          <Text size="sm" mb="sm">
            A shop, a script or a partner’s gateway calls the API with a key of its own, with the roles it needs and no
            more.
          </Text>
          {create}
        </Empty>
      ) : (
        <WideTable label="API keys" minWidth={820}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>Roles</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Created</Table.Th>
              <Table.Th>Ends</Table.Th>
              <Table.Th ta="right">Per minute</Table.Th>
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((key) => (
              <Line key={key.id} apiKey={key} onDeed={setDeed} />
            ))}
          </Table.Tbody>
        </WideTable>
      )}
      <MoreButton list={list} />
      {deed && <DeedDialog deed={deed} onClose={() => setDeed(undefined)} onMade={setMade} />}
      {made && (
        <ShownSecret
          title={`The key of ${made.name}`}
          label="API key"
          explanation="It is sent as Authorization: Bearer …"
          secret={made.key}
          onClose={() => setMade(undefined)}
        />
      )}
    </Section>
  );
}

function Line({ apiKey, onDeed }: { apiKey: ApiKey; onDeed(deed: Deed): void }) {
  const { state, label, works } = stateOf(apiKey);
  return (
    <Table.Tr>
      <Table.Td fw={600}>{apiKey.name}</Table.Td>
      <Table.Td>
        <RoleBadges roles={apiKey.roles} />
      </Table.Td>
      <Table.Td>
        <StateBadge state={state} label={label} />
      </Table.Td>
      <Table.Td className="nowrap">{formatInstant(apiKey.createdAt)}</Table.Td>
      <Table.Td className="nowrap">
        {apiKey.revokedAt
          ? formatInstant(apiKey.revokedAt)
          : apiKey.expiresAt
            ? formatInstant(apiKey.expiresAt)
            : 'never'}
      </Table.Td>
      <Table.Td ta="right">{apiKey.requestsPerMinute?.toLocaleString('en-US') ?? '–'}</Table.Td>
      <Table.Td>
        {works && (
          <Group gap={6} justify="flex-end" wrap="nowrap">
            <Button
              size="compact-sm"
              variant="default"
              aria-label={`Rotate ${apiKey.name}`}
              onClick={() => onDeed({ what: 'rotate', key: apiKey })}
            >
              Rotate
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              aria-label={`Limit ${apiKey.name}`}
              onClick={() => onDeed({ what: 'limit', key: apiKey })}
            >
              Limit
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              aria-label={`Revoke ${apiKey.name}`}
              onClick={() => onDeed({ what: 'revoke', key: apiKey })}
            >
              Revoke
            </Button>
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

interface DeedProps {
  onClose(): void;
  onMade(key: CreatedApiKey): void;
}

function DeedDialog({ deed, ...rest }: DeedProps & { deed: Deed }) {
  if (deed.what === 'create') return <CreateDialog {...rest} />;
  if (deed.what === 'rotate') return <RotateDialog apiKey={deed.key} {...rest} />;
  if (deed.what === 'limit') return <LimitDialog apiKey={deed.key} onClose={rest.onClose} />;
  return <RevokeDialog apiKey={deed.key} onClose={rest.onClose} />;
}

type Limit = number | string;
/** Nothing typed: the key goes by what the hub is set to. */
const limitOf = (limit: Limit) => (limit === '' ? {} : { requestsPerMinute: Number(limit) });

function LimitInput({ value, onChange }: { value: Limit; onChange(limit: Limit): void }) {
  return (
    <NumberInput
      label="Requests a minute"
      description="Empty: as the hub is set. Each process of the hub counts by itself."
      min={1}
      max={1_000_000}
      allowDecimal={false}
      thousandSeparator=","
      value={value}
      onChange={onChange}
    />
  );
}

function LimitDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose(): void }) {
  const client = useQueryClient();
  const [limit, setLimit] = useState<Limit>(apiKey.requestsPerMinute ?? '');
  const [reason, setReason] = useState('');
  const change = useMutation({
    mutationFn: () =>
      call('POST /v1/api-keys/{id}/limit', {
        params: { id: apiKey.id },
        body: { ...limitOf(limit), reason: reason.trim() },
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['api-keys'] });
      onClose();
    },
  });
  return (
    <FormDialog
      title={`Limit ${apiKey.name}`}
      confirm="Save"
      incomplete={!isReason(reason)}
      working={change.isPending}
      error={change.error?.message}
      onClose={onClose}
      onConfirm={() => change.mutate()}
    >
      <LimitInput value={limit} onChange={setLimit} />
      <ReasonField value={reason} onChange={setReason} />
    </FormDialog>
  );
}

const lifetimes = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: '', label: 'Never ends' },
];

function CreateDialog({ onClose, onMade }: DeedProps) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [roles, setRoles] = useState<ApiKey['roles']>([]);
  const [days, setDays] = useState('90');
  const [limit, setLimit] = useState<Limit>('');
  const create = useMutation({
    mutationFn: () => {
      const expiresAt = days === '' ? {} : { expiresAt: new Date(Date.now() + Number(days) * dayMs).toISOString() };
      return call('POST /v1/api-keys', { body: { name: name.trim(), roles, ...expiresAt, ...limitOf(limit) } });
    },
    onSuccess: (key) => {
      void client.invalidateQueries({ queryKey: ['api-keys'] });
      onMade(key);
      onClose();
    },
  });
  return (
    <FormDialog
      title="Create a key"
      confirm="Create"
      incomplete={name.trim() === '' || roles.length === 0}
      working={create.isPending}
      error={create.error?.message}
      onClose={onClose}
      onConfirm={() => create.mutate()}
    >
      <TextInput
        label="Name"
        description="Which program uses it"
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
        autoComplete="off"
      />
      <RoleFields value={roles} onChange={setRoles} />
      <Select
        label="Ends after"
        allowDeselect={false}
        data={lifetimes}
        value={days}
        onChange={(value) => setDays(value ?? '90')}
      />
      <LimitInput value={limit} onChange={setLimit} />
    </FormDialog>
  );
}

const graces = [
  { value: '0', label: 'Ends at once' },
  { value: '1', label: 'Works for another hour' },
  { value: '24', label: 'Works for another day' },
  { value: '168', label: 'Works for another week' },
];

function RotateDialog({ apiKey, onClose, onMade }: DeedProps & { apiKey: ApiKey }) {
  const client = useQueryClient();
  const [grace, setGrace] = useState('24');
  const rotate = useMutation({
    mutationFn: () =>
      call('POST /v1/api-keys/{id}/rotate', { params: { id: apiKey.id }, body: { graceHours: Number(grace) } }),
    onSuccess: (key) => {
      void client.invalidateQueries({ queryKey: ['api-keys'] });
      onMade(key);
      onClose();
    },
  });
  return (
    <FormDialog
      title={`Rotate ${apiKey.name}`}
      confirm="Make the new key"
      working={rotate.isPending}
      error={rotate.error?.message}
      onClose={onClose}
      onConfirm={() => rotate.mutate()}
    >
      <Text size="sm">A new key of the same name, roles and limit takes over. The former one goes on for a while.</Text>
      <Select
        label="The former key"
        allowDeselect={false}
        data={graces}
        value={grace}
        onChange={(value) => setGrace(value ?? '24')}
        data-autofocus
      />
    </FormDialog>
  );
}

function RevokeDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose(): void }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => call('DELETE /v1/api-keys/{id}', { params: { id: apiKey.id } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['api-keys'] });
      onClose();
    },
  });
  return (
    <FormDialog
      title={`Revoke ${apiKey.name}`}
      confirm="Revoke"
      danger
      working={revoke.isPending}
      error={revoke.error?.message}
      onClose={onClose}
      onConfirm={() => revoke.mutate()}
    >
      <Text size="sm">
        Whoever uses it is refused at once, and within ten seconds by every process of the hub. It cannot be taken back.
      </Text>
    </FormDialog>
  );
}
