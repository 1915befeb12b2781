import {
  Alert,
  Button,
  Group,
  Modal,
  NumberInput,
  Select,
  Stack,
  Table,
  Text,
  TextInput,
  Textarea,
  VisuallyHidden,
} from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Budget, Destination, PutBudgetBody } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount } from '../format.ts';
import { useMay } from '../session.tsx';
import { WideTable } from './wide-table.tsx';

/** What each outside system may be asked in a while, by all workers together, and how long it will last. */
export function DestinationBudgets({ rows: destinations }: { rows: readonly Destination[] }) {
  const [edited, setEdited] = useState<Budget>();
  const may = useMay('destination.configure');
  const list = useQuery({ queryKey: ['budgets'], queryFn: () => call('GET /v1/budgets'), refetchInterval: 10_000 });
  const set = new Map(list.data?.data.map((budget) => [budget.destination, budget]));
  const rows = destinations.map((row) => ({
    budget: set.get(row.name) ?? { destination: row.name, settings: {}, version: 0 },
    superseded: row.supersededToday ?? 0,
  }));
  return (
    <>
      <WideTable label="Budgets" minWidth={680}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>System</Table.Th>
            <Table.Th>Rate</Table.Th>
            <Table.Th>Quota</Table.Th>
            <Table.Th>Forecast</Table.Th>
            <Table.Th ta="right">Superseded today</Table.Th>
            {may && (
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ budget, superseded }) => (
            <Line
              key={budget.destination}
              row={budget}
              superseded={superseded}
              onEdit={may ? () => setEdited(budget) : undefined}
            />
          ))}
        </Table.Tbody>
      </WideTable>
      {edited && <BudgetDialog row={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}

interface LineProps {
  row: Budget;
  /** Publications that gave way to newer ones before they were sent. */
  superseded: number;
  onEdit: (() => void) | undefined;
}

function Line({ row, superseded, onEdit }: LineProps) {
  const { settings, quota } = row;
  return (
    <Table.Tr>
      <Table.Td fw={600}>{row.destination}</Table.Td>
      <Table.Td>{rateWords(settings)}</Table.Td>
      <Table.Td>
        {settings.quota === undefined
          ? 'no quota'
          : `${formatCount(settings.quota.calls)} calls each ${settings.quota.per} (${settings.quota.zone})`}
        {settings.reserves?.map((reserve) => (
          <Text key={reserve.minPriority} size="xs" c="dimmed">
            last {Math.round(reserve.share * 100)}% for priority {reserve.minPriority} and above
          </Text>
        ))}
      </Table.Td>
      <Table.Td>
        {quota === undefined ? (
          <Text size="sm" c="dimmed">
            –
          </Text>
        ) : (
          <Group gap={6} wrap="nowrap" align="flex-start">
            {quota.exhaustedAt !== undefined && <IconAlertTriangle size={16} aria-label="Will not last" />}
            <Text size="sm">{quota.words}</Text>
          </Group>
        )}
      </Table.Td>
      <Table.Td ta="right" c={superseded === 0 ? 'dimmed' : undefined}>
        {formatCount(superseded)}
      </Table.Td>
      {onEdit && (
        <Table.Td ta="right">
          <Button
            size="compact-sm"
            variant="default"
            onClick={onEdit}
            aria-label={`Edit the budget of ${row.destination}`}
          >
            Edit
          </Button>
        </Table.Td>
      )}
    </Table.Tr>
  );
}

function rateWords({ rate, concurrency }: Budget['settings']): string {
  const parts = [
    rate && `${formatCount(rate.calls)} calls per ${perWords(rate.perSeconds)}`,
    concurrency && `${formatCount(concurrency)} at once`,
  ].filter(Boolean);
  return parts.length === 0 ? 'not bounded' : parts.join(', ');
}

function perWords(seconds: number): string {
  return seconds === 1 ? 'second' : seconds === 60 ? 'minute' : `${seconds} s`;
}

interface Draft {
  rate: number | string;
  per: string;
  quota: number | string;
  quotaPer: string;
  zone: string;
  reserve: number | string;
  concurrency: number | string;
  reason: string;
}

/** Orders and releases: what the reserve of this form is for. */
const urgent = 60;

function draftOf({ settings }: Budget): Draft {
  const { rate, quota, reserves, concurrency } = settings;
  return {
    rate: rate?.calls ?? '',
    per: String(rate?.perSeconds ?? 1),
    quota: quota?.calls ?? '',
    quotaPer: quota?.per ?? 'day',
    zone: quota?.zone ?? 'America/New_York',
    reserve: Math.round((reserves?.find((reserve) => reserve.minPriority === urgent)?.share ?? 0) * 100),
    concurrency: concurrency ?? '',
    reason: '',
  };
}

function bodyOf(draft: Draft, { settings }: Budget): PutBudgetBody {
  const number = (value: number | string): number | undefined => (value === '' ? undefined : Number(value));
  const [calls, quotaCalls, concurrency] = [number(draft.rate), number(draft.quota), number(draft.concurrency)];
  const share = Number(draft.reserve) / 100;
  const others = settings.reserves?.filter((reserve) => reserve.minPriority !== urgent) ?? [];
  const reserves = share > 0 ? [...others, { share, minPriority: urgent }] : others;
  const body: PutBudgetBody = { reason: draft.reason.trim() };
  if (calls !== undefined) {
    const sameAsBefore = settings.rate?.calls === calls && settings.rate.perSeconds === Number(draft.per);
    body.rate = sameAsBefore && settings.rate ? settings.rate : { calls, perSeconds: Number(draft.per) };
  }
  if (quotaCalls !== undefined) {
    body.quota = { calls: quotaCalls, per: draft.quotaPer === 'hour' ? 'hour' : 'day', zone: draft.zone.trim() };
    if (reserves.length > 0) body.reserves = reserves;
  }
  if (concurrency !== undefined) body.concurrency = concurrency;
  return body;
}

function BudgetDialog({ row, onClose }: { row: Budget; onClose(): void }) {
  const [draft, setDraft] = useState(() => draftOf(row));
  const set = (change: Partial<Draft>): void => setDraft({ ...draft, ...change });
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      call('PUT /v1/destinations/{name}/budget', {
        params: { name: row.destination },
        version: row.version,
        body: bodyOf(draft, row),
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['budgets'] });
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={`Budget of ${row.destination}`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">All workers share it. An empty field is not bounded; what waits keeps its order.</Text>
          <BudgetFields draft={draft} set={set} />
          <Textarea
            label="Reason"
            description="Kept in the audit with your name."
            required
            value={draft.reason}
            onChange={(event) => set({ reason: event.currentTarget.value })}
          />
          {save.error && (
            <Alert color="red" role="alert">
              {save.error.message}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Keep as it is
            </Button>
            <Button type="submit" loading={save.isPending} disabled={draft.reason.trim().length < 3}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function BudgetFields({ draft, set }: { draft: Draft; set(change: Partial<Draft>): void }) {
  return (
    <>
      <Group grow>
        <NumberInput label="Calls" min={1} value={draft.rate} onChange={(rate) => set({ rate })} data-autofocus />
        <Select
          label="in each"
          data={[
            { value: '1', label: 'second' },
            { value: '60', label: 'minute' },
          ]}
          value={draft.per}
          onChange={(per) => set({ per: per ?? '1' })}
        />
        <NumberInput
          label="At once"
          min={1}
          max={1000}
          value={draft.concurrency}
          onChange={(concurrency) => set({ concurrency })}
        />
      </Group>
      <Group grow>
        <NumberInput label="Quota" min={1} value={draft.quota} onChange={(quota) => set({ quota })} />
        <Select
          label="each"
          data={['day', 'hour']}
          value={draft.quotaPer}
          onChange={(quotaPer) => set({ quotaPer: quotaPer ?? 'day' })}
        />
        <TextInput
          label="Time zone"
          value={draft.zone}
          onChange={(event) => set({ zone: event.currentTarget.value })}
        />
      </Group>
      <NumberInput
        label="Kept for orders and releases (%)"
        description="The last part of the quota; nothing else may use it."
        min={0}
        max={90}
        value={draft.reserve}
        onChange={(reserve) => set({ reserve })}
      />
    </>
  );
}
