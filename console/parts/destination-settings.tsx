import {
  Badge,
  Button,
  Group,
  Modal,
  NumberInput,
  Stack,
  Table,
  Text,
  Textarea,
  TextInput,
  VisuallyHidden,
} from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Destination } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount, formatDurationMs } from '../format.ts';
import { useMay } from '../session.tsx';
import { WideTable } from './wide-table.tsx';

/** Maintenance windows, retries and concurrency of the outside systems. */
export function DestinationSettings({ rows }: { rows: readonly Destination[] }) {
  const [edited, setEdited] = useState<Destination>();
  const may = useMay('destination.configure');
  return (
    <>
      <WideTable label="Windows and retries" minWidth={680}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>System</Table.Th>
            <Table.Th>Maintenance windows</Table.Th>
            <Table.Th>Retries</Table.Th>
            <Table.Th ta="right">Calls at once</Table.Th>
            {may && (
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Line key={row.name} row={row} onEdit={may ? () => setEdited(row) : undefined} />
          ))}
        </Table.Tbody>
      </WideTable>
      {edited && <EditDialog row={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}

function Line({ row, onEdit }: { row: Destination; onEdit: (() => void) | undefined }) {
  return (
    <Table.Tr>
      <Table.Td fw={600}>{row.name}</Table.Td>
      <Table.Td>
        {row.windows.length === 0 ? (
          <Text size="sm" c="dimmed">
            none
          </Text>
        ) : (
          row.windows.map((window) => (
            <Badge key={window.cron} variant="default" tt="none">
              {window.cron} · {window.durationMinutes} min · {window.zone}
            </Badge>
          ))
        )}
      </Table.Td>
      <Table.Td>
        <Text size="sm">
          up to {formatCount(row.retry.maxAttempts)} attempts, first after {formatDurationMs(row.retry.baseMs)}, then ×
          {row.retry.factor} up to {formatDurationMs(row.retry.maxMs)}
        </Text>
      </Table.Td>
      <Table.Td ta="right">{row.concurrency}</Table.Td>
      {onEdit && (
        <Table.Td ta="right">
          <Button size="compact-sm" variant="default" onClick={onEdit} aria-label={`Edit ${row.name}`}>
            Edit
          </Button>
        </Table.Td>
      )}
    </Table.Tr>
  );
}

interface Draft {
  cron: string;
  zone: string;
  minutes: number | string;
  attempts: number | string;
  concurrency: number | string;
  reason: string;
}

function useSettings(row: Destination, onClose: () => void) {
  const first = row.windows[0];
  const [draft, setDraft] = useState<Draft>({
    cron: first?.cron ?? '',
    zone: first?.zone ?? 'America/New_York',
    minutes: first?.durationMinutes ?? 60,
    attempts: row.retry.maxAttempts,
    concurrency: row.concurrency,
    reason: '',
  });
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => {
      const { cron, zone, minutes, attempts, concurrency, reason } = draft;
      const window = cron.trim() ? [{ cron: cron.trim(), zone: zone.trim(), durationMinutes: Number(minutes) }] : [];
      return call('PATCH /v1/destinations/{name}', {
        params: { name: row.name },
        version: row.version,
        body: {
          windows: [...window, ...row.windows.slice(1)],
          concurrency: Number(concurrency),
          retry: { ...row.retry, maxAttempts: Number(attempts) },
          reason: reason.trim(),
        },
      });
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['destinations'] });
      onClose();
    },
  });
  return { draft, set: (change: Partial<Draft>) => setDraft({ ...draft, ...change }), save };
}

function EditDialog({ row, onClose }: { row: Destination; onClose(): void }) {
  const { draft, set, save } = useSettings(row, onClose);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={`Settings of ${row.name}`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Maintenance window begins"
            description="Five cron fields, e.g. “0 2 * * 0” for Sundays at 02:00. Empty for none."
            value={draft.cron}
            onChange={(event) => set({ cron: event.currentTarget.value })}
            data-autofocus
          />
          <Group grow>
            <TextInput
              label="Time zone"
              value={draft.zone}
              onChange={(event) => set({ zone: event.currentTarget.value })}
            />
            <NumberInput
              label="Minutes"
              min={1}
              max={10_080}
              value={draft.minutes}
              onChange={(minutes) => set({ minutes })}
            />
          </Group>
          <Group grow>
            <NumberInput
              label="Attempts before dead letter"
              min={1}
              value={draft.attempts}
              onChange={(attempts) => set({ attempts })}
            />
            <NumberInput
              label="Calls at once"
              min={1}
              max={1000}
              value={draft.concurrency}
              onChange={(concurrency) => set({ concurrency })}
            />
          </Group>
          <Textarea
            label="Reason"
            description="Kept in the audit with your name."
            required
            value={draft.reason}
            onChange={(event) => set({ reason: event.currentTarget.value })}
          />
          {save.error && (
            <Text c="red" size="sm" role="alert">
              {save.error.message}
            </Text>
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
