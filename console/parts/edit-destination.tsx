import { Button, Divider, Group, Modal, NumberInput, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Destination, UpdateDestinationBody } from '../../src/api/contract.ts';
import { call } from '../api.ts';

type Amount = number | string;

interface Draft {
  cron: string;
  zone: string;
  minutes: Amount;
  attempts: Amount;
  concurrency: Amount;
  failures: Amount;
  probeSeconds: Amount;
  probeMaxSeconds: Amount;
  alarmMinutes: Amount;
  perSecond: Amount;
  rampSeconds: Amount;
  healthSeconds: Amount;
  reason: string;
}

function draftOf(row: Destination): Draft {
  const first = row.windows[0];
  return {
    cron: first?.cron ?? '',
    zone: first?.zone ?? 'America/New_York',
    minutes: first?.durationMinutes ?? 60,
    attempts: row.retry.maxAttempts,
    concurrency: row.concurrency,
    failures: row.breaker.consecutiveFailures,
    probeSeconds: row.breaker.probeAfterMs / 1_000,
    probeMaxSeconds: row.breaker.probeMaxMs / 1_000,
    alarmMinutes: row.breaker.alarmAfterMs / 60_000,
    perSecond: row.drain.perSecond ?? '',
    rampSeconds: row.drain.rampSeconds,
    healthSeconds: row.health.intervalMs / 1_000,
    reason: '',
  };
}

function changeOf(row: Destination, draft: Draft): UpdateDestinationBody {
  const cron = draft.cron.trim();
  const window = { cron, zone: draft.zone.trim(), durationMinutes: Number(draft.minutes) };
  return {
    windows: [...(cron === '' ? [] : [window]), ...row.windows.slice(1)],
    concurrency: Number(draft.concurrency),
    retry: { ...row.retry, maxAttempts: Number(draft.attempts) },
    breaker: {
      consecutiveFailures: Number(draft.failures),
      probeAfterMs: Math.round(Number(draft.probeSeconds) * 1_000),
      probeMaxMs: Math.round(Number(draft.probeMaxSeconds) * 1_000),
      alarmAfterMs: Math.round(Number(draft.alarmMinutes) * 60_000),
    },
    drain: {
      ...(draft.perSecond === '' ? {} : { perSecond: Number(draft.perSecond) }),
      rampSeconds: Number(draft.rampSeconds),
    },
    health: { ...row.health, intervalMs: Math.round(Number(draft.healthSeconds) * 1_000) },
    reason: draft.reason.trim(),
  };
}

function useSettings(row: Destination, onClose: () => void) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(row));
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      call('PATCH /v1/destinations/{name}', {
        params: { name: row.name },
        version: row.version,
        body: changeOf(row, draft),
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['destinations'] });
      onClose();
    },
  });
  return { draft, set: (change: Partial<Draft>) => setDraft({ ...draft, ...change }), save };
}

interface FieldsProps {
  draft: Draft;
  set(change: Partial<Draft>): void;
}

function WindowFields({ draft, set }: FieldsProps) {
  return (
    <>
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
    </>
  );
}

function BreakerFields({ draft, set }: FieldsProps) {
  return (
    <>
      <Divider label="Circuit breaker and health" labelPosition="left" />
      <Group grow>
        <NumberInput
          label="Opens after failures in a row"
          min={1}
          value={draft.failures}
          onChange={(failures) => set({ failures })}
        />
        <NumberInput
          label="Exception after minutes"
          min={0}
          value={draft.alarmMinutes}
          onChange={(alarmMinutes) => set({ alarmMinutes })}
        />
      </Group>
      <Group grow>
        <NumberInput
          label="First probe after seconds"
          min={0.01}
          value={draft.probeSeconds}
          onChange={(probeSeconds) => set({ probeSeconds })}
        />
        <NumberInput
          label="Longest pause between probes"
          min={0.01}
          value={draft.probeMaxSeconds}
          onChange={(probeMaxSeconds) => set({ probeMaxSeconds })}
        />
      </Group>
      <NumberInput
        label="Health check every so many seconds"
        min={1}
        value={draft.healthSeconds}
        onChange={(healthSeconds) => set({ healthSeconds })}
      />
      <Divider label="After a window or an outage" labelPosition="left" />
      <Group grow>
        <NumberInput
          label="Deliveries a second"
          placeholder="no limit"
          min={0.01}
          value={draft.perSecond}
          onChange={(perSecond) => set({ perSecond })}
        />
        <NumberInput
          label="Full speed after seconds"
          min={0}
          max={3_600}
          value={draft.rampSeconds}
          onChange={(rampSeconds) => set({ rampSeconds })}
        />
      </Group>
    </>
  );
}

interface EditDestinationProps {
  row: Destination;
  onClose(): void;
}

export function EditDestination({ row, onClose }: EditDestinationProps) {
  const { draft, set, save } = useSettings(row, onClose);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={`Settings of ${row.name}`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit}>
        <Stack>
          <WindowFields draft={draft} set={set} />
          <BreakerFields draft={draft} set={set} />
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
