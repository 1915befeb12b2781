import {
  Badge,
  Button,
  Card,
  Group,
  Modal,
  NumberInput,
  Stack,
  Table,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Destination } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount } from '../format.ts';
import { DestinationTable } from '../parts/destination-table.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { Failed, Loading } from '../parts/states.tsx';
import { useMay } from '../session.tsx';

export function DestinationsPage() {
  const list = useQuery({
    queryKey: ['destinations'],
    queryFn: () => call('GET /v1/destinations'),
    refetchInterval: 10_000,
  });
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  const outside = list.data.data.filter((row) => row.kind === 'connection');
  const flows = list.data.data.filter((row) => row.kind === 'flow');
  const toRow = (row: Destination) => ({
    name: row.name,
    role: row.role,
    paused: row.paused,
    pausedReason: row.pausedReason,
    inWindow: row.inWindow,
    oldestOpenAt: row.oldestOpenAt,
    version: row.version,
    waiting: (row.backlog.queued ?? 0) + (row.backlog.in_flight ?? 0),
    retrying: row.backlog.retry_wait ?? 0,
    unknown: row.backlog.outcome_unknown ?? 0,
    dead: row.backlog.dead ?? 0,
  });
  return (
    <>
      <PageHeader
        title="Destinations"
        subtitle="Where the hub delivers. A maintenance window or a pause queues deliveries in order and spends no attempts."
      />
      <Stack gap="md">
        <Card>
          <Title order={2} mb="sm">
            Outside systems
          </Title>
          <DestinationTable rows={outside.map(toRow)} />
        </Card>
        <Card>
          <Title order={2} mb="sm">
            Windows and retries
          </Title>
          <Settings rows={outside} />
        </Card>
        <Card>
          <Title order={2} mb="sm">
            Inside the hub
          </Title>
          <DestinationTable rows={flows.map(toRow)} />
        </Card>
      </Stack>
    </>
  );
}

function Settings({ rows }: { rows: Destination[] }) {
  const [edited, setEdited] = useState<Destination>();
  const may = useMay('destination.update');
  return (
    <>
      <Table aria-label="Windows and retries">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>System</Table.Th>
            <Table.Th>Maintenance windows</Table.Th>
            <Table.Th>Retries</Table.Th>
            <Table.Th ta="right">At once</Table.Th>
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.name}>
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
                  up to {formatCount(row.retry.maxAttempts)}, from {row.retry.baseMs} ms ×{row.retry.factor} to{' '}
                  {formatCount(row.retry.maxMs)} ms
                </Text>
              </Table.Td>
              <Table.Td ta="right">{row.concurrency}</Table.Td>
              <Table.Td ta="right">
                {may && (
                  <Button
                    size="compact-sm"
                    variant="default"
                    onClick={() => setEdited(row)}
                    aria-label={`Edit ${row.name}`}
                  >
                    Edit
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {edited && <EditDialog row={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}

function EditDialog({ row, onClose }: { row: Destination; onClose(): void }) {
  const first = row.windows[0];
  const [cron, setCron] = useState(first?.cron ?? '');
  const [zone, setZone] = useState(first?.zone ?? 'America/New_York');
  const [minutes, setMinutes] = useState<number | string>(first?.durationMinutes ?? 60);
  const [attempts, setAttempts] = useState<number | string>(row.retry.maxAttempts);
  const [concurrency, setConcurrency] = useState<number | string>(row.concurrency);
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => {
      const windows = cron.trim()
        ? [{ cron: cron.trim(), zone: zone.trim(), durationMinutes: Number(minutes) }, ...row.windows.slice(1)]
        : row.windows.slice(1);
      return call('PATCH /v1/destinations/{name}', {
        params: { name: row.name },
        version: row.version,
        body: {
          windows,
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
            value={cron}
            onChange={(event) => setCron(event.currentTarget.value)}
            data-autofocus
          />
          <Group grow>
            <TextInput label="Time zone" value={zone} onChange={(event) => setZone(event.currentTarget.value)} />
            <NumberInput label="Minutes" min={1} max={10_080} value={minutes} onChange={setMinutes} />
          </Group>
          <Group grow>
            <NumberInput label="Attempts before dead letter" min={1} value={attempts} onChange={setAttempts} />
            <NumberInput label="Calls at once" min={1} max={1000} value={concurrency} onChange={setConcurrency} />
          </Group>
          <Textarea
            label="Reason"
            description="Kept in the audit with your name."
            required
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {save.error && (
            <Text c="red" size="sm" role="alert">
              {save.error.message}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Back
            </Button>
            <Button type="submit" loading={save.isPending} disabled={reason.trim().length < 3}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
