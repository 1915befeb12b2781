import { ActionIcon, Alert, Button, Divider, Group, NumberInput, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Budget, PutBudgetBody } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { isStale, ProblemError } from '../http.ts';
import type { Amount } from './destination-draft.ts';
import { FormDialog } from './form-dialog.tsx';
import { timeZones } from './window-fields.tsx';
import { isReason, ReasonField } from './reason-field.tsx';

interface ReserveDraft {
  percent: Amount;
  minPriority: number;
}

interface Draft {
  rate: Amount;
  perSeconds: number;
  burst: Amount;
  quota: Amount;
  per: 'hour' | 'day';
  zone: string;
  reserves: ReserveDraft[];
  concurrency: Amount;
}

/** Operations by how long they can wait; the hub's own order of them. */
const priorities = [
  { value: 60, label: 'Orders and releases' },
  { value: 50, label: 'Orders, releases, shipments, labels' },
  { value: 40, label: 'Those, stock and documents' },
  { value: 30, label: 'All but the catalogue' },
];
const periods = [
  { value: 1, label: 'second' },
  { value: 60, label: 'minute' },
  { value: 3_600, label: 'hour' },
];
const mostReserves = 5;
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The choices of a list, with the present value among them whatever it is. */
function choices(
  known: readonly { value: number; label: string }[],
  present: number,
  words: (value: number) => string,
) {
  const list = known.some(({ value }) => value === present)
    ? known
    : [{ value: present, label: words(present) }, ...known];
  return list.map(({ value, label }) => ({ value: String(value), label }));
}

function draftOf({ settings }: Budget): Draft {
  const { rate, quota, reserves = [], concurrency } = settings;
  return {
    rate: rate?.calls ?? '',
    perSeconds: rate?.perSeconds ?? 1,
    burst: rate?.burst ?? '',
    quota: quota?.calls ?? '',
    per: quota?.per ?? 'day',
    zone: quota?.zone ?? ownZone,
    reserves: reserves.map(({ share, minPriority }) => ({ percent: Math.round(share * 1_000) / 10, minPriority })),
    concurrency: concurrency ?? '',
  };
}

function bodyOf(draft: Draft): Omit<PutBudgetBody, 'reason'> {
  const { rate, burst, quota, concurrency } = draft;
  return {
    ...(rate === '' ? {} : { rate: { calls: rate, perSeconds: draft.perSeconds, ...(burst === '' ? {} : { burst }) } }),
    ...(quota === '' ? {} : { quota: { calls: quota, per: draft.per, zone: draft.zone } }),
    ...(quota === '' || draft.reserves.length === 0
      ? {}
      : {
          reserves: draft.reserves.map(({ percent, minPriority }) => ({ share: Number(percent) / 100, minPriority })),
        }),
    ...(concurrency === '' ? {} : { concurrency }),
  };
}

const amount = (value: number | string): Amount => (value === '' ? '' : Number(value));

function useBudget(opened: Budget, onClose: () => void) {
  const [base, setBase] = useState(opened);
  const [draft, setDraft] = useState<Draft>(() => draftOf(opened));
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  const params = { name: opened.destination };
  const save = useMutation({
    mutationFn: () =>
      call('PUT /v1/destinations/{name}/budget', {
        params,
        version: base.version,
        body: { ...bodyOf(draft), reason: reason.trim() },
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['budgets'] });
      onClose();
    },
  });
  const load = useMutation({
    mutationFn: () => call('GET /v1/destinations/{name}/budget', { params }),
    onSuccess: (stored) => {
      setBase(stored);
      setDraft(draftOf(stored));
      save.reset();
    },
  });
  const errors = save.error instanceof ProblemError ? (save.error.problem.errors ?? []) : [];
  return {
    draft,
    set: (change: Partial<Draft>) => setDraft({ ...draft, ...change }),
    reason,
    setReason,
    save,
    load,
    isConflict: isStale(save.error),
    problemAt: (at: string) => errors.find(({ pointer }) => pointer === at || pointer.startsWith(`${at}/`))?.message,
  };
}

type Form = ReturnType<typeof useBudget>;

/** What a system may be asked in a while, by all workers together. */
export function EditBudget({ row, onClose }: { row: Budget; onClose(): void }) {
  const form = useBudget(row, onClose);
  const { save, load, reason } = form;
  return (
    <FormDialog
      title={`Budget of ${row.destination}`}
      size="lg"
      confirm="Save"
      incomplete={!isReason(reason) || form.isConflict}
      working={save.isPending}
      error={form.isConflict ? undefined : save.error?.message}
      onClose={onClose}
      onConfirm={() => save.mutate()}
    >
      <Text size="sm" c="dimmed">
        All workers share it. An empty field is not bounded; what waits keeps its order.
      </Text>
      <RateFields form={form} />
      <QuotaFields form={form} />
      <ReasonField value={reason} onChange={form.setReason} along="and with what you set" />
      {form.isConflict && (
        <Alert color="orange" title="Somebody has set another budget meanwhile" role="alert">
          <Text size="sm" mb="sm">
            Nothing was overwritten. Load what is set now, and change that.
          </Text>
          <Button size="compact-sm" loading={load.isPending} onClick={() => load.mutate()}>
            Load it
          </Button>
        </Alert>
      )}
    </FormDialog>
  );
}

function RateFields({ form: { draft, set, problemAt } }: { form: Form }) {
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
      <NumberInput
        label="Calls"
        min={1}
        allowDecimal={false}
        placeholder="not bounded"
        value={draft.rate}
        onChange={(value) => set({ rate: amount(value) })}
        error={problemAt('/rate')}
        data-autofocus
      />
      <Select
        label="in each"
        allowDeselect={false}
        data={choices(periods, draft.perSeconds, (value) => `${value} s`)}
        value={String(draft.perSeconds)}
        onChange={(value) => set({ perSeconds: Number(value) })}
      />
      <NumberInput
        label="In one go"
        min={1}
        allowDecimal={false}
        placeholder="a second’s"
        disabled={draft.rate === ''}
        value={draft.burst}
        onChange={(value) => set({ burst: amount(value) })}
      />
      <NumberInput
        label="Calls at once"
        min={1}
        max={1000}
        allowDecimal={false}
        placeholder="not bounded"
        value={draft.concurrency}
        onChange={(value) => set({ concurrency: amount(value) })}
        error={problemAt('/concurrency')}
      />
    </SimpleGrid>
  );
}

function QuotaFields({ form: { draft, set, problemAt } }: { form: Form }) {
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
        <NumberInput
          label="Quota"
          min={1}
          allowDecimal={false}
          thousandSeparator=","
          placeholder="none"
          value={draft.quota}
          onChange={(value) => set({ quota: amount(value) })}
          error={problemAt('/quota')}
        />
        <Select
          label="each"
          allowDeselect={false}
          data={['day', 'hour']}
          value={draft.per}
          onChange={(per) => set({ per: per === 'hour' ? 'hour' : 'day' })}
        />
        <Select
          label="Time zone"
          allowDeselect={false}
          searchable
          limit={60}
          data={timeZones.includes(draft.zone) ? timeZones : [draft.zone, ...timeZones]}
          value={draft.zone}
          onChange={(zone) => set({ zone: zone ?? draft.zone })}
        />
      </SimpleGrid>
      {draft.quota !== '' && <Reserves reserves={draft.reserves} set={set} problem={problemAt('/reserves')} />}
    </>
  );
}

interface ReservesProps {
  reserves: readonly ReserveDraft[];
  set(change: Partial<Draft>): void;
  problem: string | undefined;
}

/** The last parts of the quota, kept for what cannot wait. */
function Reserves({ reserves, set, problem }: ReservesProps) {
  const change = (index: number, part: Partial<ReserveDraft>): void =>
    set({ reserves: reserves.map((each, n) => (n === index ? { ...each, ...part } : each)) });
  return (
    <Stack gap="xs">
      <Divider label="Reserves: the last part of the quota" labelPosition="left" />
      {reserves.map((reserve, index) => (
        // A reserve has no name of its own, and none is moved.
        <Group key={index} gap="sm" align="flex-end" wrap="nowrap" role="group" aria-label={`Reserve ${index + 1}`}>
          <NumberInput
            label="Last"
            suffix=" %"
            min={0.1}
            max={99}
            w={100}
            value={reserve.percent}
            onChange={(value) => change(index, { percent: amount(value) })}
          />
          <Select
            label="only for"
            allowDeselect={false}
            data={choices(priorities, reserve.minPriority, (value) => `priority ${value} and above`)}
            value={String(reserve.minPriority)}
            onChange={(value) => change(index, { minPriority: Number(value) })}
            style={{ flex: 1 }}
          />
          <ActionIcon
            variant="default"
            size="lg"
            aria-label={`Remove reserve ${index + 1}`}
            onClick={() => set({ reserves: reserves.filter((_, n) => n !== index) })}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      {problem && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {problem}
        </Text>
      )}
      <Group>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPlus size={15} />}
          disabled={reserves.length >= mostReserves}
          onClick={() => set({ reserves: [...reserves, { percent: 20, minPriority: 60 }] })}
        >
          Add a reserve
        </Button>
      </Group>
    </Stack>
  );
}
