import { Alert, Button, Checkbox, Group, Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { PlanReplayBody, Replay } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { isReason, ReasonField } from './reason-field.tsx';

interface Fields {
  states: string[];
  destination: string;
  operation: string;
  partner: string;
  errorCode: string;
  exceptionCode: string;
  since: string;
  until: string;
  mode: PlanReplayBody['mode'];
  controlNumbers: 'keep' | 'new';
  dedupe: 'keep' | 'new';
  reason: string;
}

const blank: Fields = {
  states: ['dead'],
  destination: '',
  operation: '',
  partner: '',
  errorCode: '',
  exceptionCode: '',
  since: '',
  until: '',
  mode: 'original',
  controlNumbers: 'keep',
  dedupe: 'keep',
  reason: '',
};

export const replayModes = [
  { value: 'original', label: 'Original: the bytes that were stored' },
  { value: 'current', label: 'Current: made anew by today’s maps' },
  { value: 'diff', label: 'Compare only: nothing is sent' },
];
const policies = [
  { value: 'keep', label: 'Keep: the other side recognises a repetition' },
  { value: 'new', label: 'New: the other side takes it for something new' },
];

function bodyOf(fields: Fields): PlanReplayBody {
  const { states, since, until, mode, controlNumbers, dedupe, reason, ...texts } = fields;
  const selection: PlanReplayBody['selection'] = {};
  if (states.length > 0) selection.states = states as NonNullable<typeof selection.states>;
  for (const [name, value] of Object.entries(texts) as [keyof typeof texts, string][])
    if (value.trim() !== '') selection[name] = value.trim();
  if (since !== '') selection.since = new Date(since).toISOString();
  if (until !== '') selection.until = new Date(until).toISOString();
  return { selection, mode, controlNumbers, dedupe, reason: reason.trim() };
}

/** Finds what to send again. What comes of it is a preview; nothing is sent from here. */
export function ReplayPlanForm({ onPlanned }: { onPlanned(plan: Replay): void }) {
  const [fields, setFields] = useState(blank);
  const client = useQueryClient();
  const plan = useMutation({
    mutationFn: () => call('POST /v1/replays', { body: bodyOf(fields) }),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ['replays'] });
      onPlanned(made);
    },
  });
  const set: SetField = (name, value) => setFields((now) => ({ ...now, [name]: value }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    plan.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }}>
          <SelectionFields fields={fields} set={set} />
          <PolicyFields fields={fields} set={set} />
        </SimpleGrid>
        <ReasonField value={fields.reason} onChange={(reason) => set('reason', reason)} />
        {plan.isError && (
          <Alert color="red" role="alert">
            {plan.error.message}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={plan.isPending} disabled={!isReason(fields.reason)}>
            Find and preview
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type SetField = <K extends keyof Fields>(name: K, value: Fields[K]) => void;
interface FieldsProps {
  fields: Fields;
  set: SetField;
}

function SelectionFields({ fields, set }: FieldsProps) {
  const destinations = useQuery({ queryKey: ['destinations'], queryFn: () => call('GET /v1/destinations') });
  const text = (name: 'operation' | 'partner' | 'errorCode' | 'exceptionCode', label: string, placeholder: string) => (
    <TextInput
      label={label}
      placeholder={placeholder}
      value={fields[name]}
      onChange={(event) => set(name, event.currentTarget.value)}
    />
  );
  return (
    <>
      <Checkbox.Group label="State" value={fields.states} onChange={(value) => set('states', value)}>
        <Group gap="sm" mt={8}>
          <Checkbox value="dead" label="Dead" />
          <Checkbox value="held" label="Held" />
          <Checkbox value="delivered" label="Delivered" />
        </Group>
      </Checkbox.Group>
      <Select
        label="Destination"
        placeholder="all"
        clearable
        searchable
        data={(destinations.data?.data ?? []).map(({ name }) => name)}
        value={fields.destination || null}
        onChange={(value) => set('destination', value ?? '')}
      />
      {text('operation', 'Operation', 'e.g. order.create')}
      {text('partner', 'Partner', 'account number')}
      {text('errorCode', 'Error code', 'of the last attempt')}
      {text('exceptionCode', 'Exception', 'e.g. DELIVERY_REJECTED')}
      <TextInput
        type="datetime-local"
        label="Enqueued from"
        value={fields.since}
        onChange={(event) => set('since', event.currentTarget.value)}
      />
      <TextInput
        type="datetime-local"
        label="Enqueued before"
        value={fields.until}
        onChange={(event) => set('until', event.currentTarget.value)}
      />
    </>
  );
}

function PolicyFields({ fields, set }: FieldsProps) {
  return (
    <>
      <Select
        label="What is sent"
        allowDeselect={false}
        data={replayModes}
        value={fields.mode}
        onChange={(value) => set('mode', (value ?? 'original') as Fields['mode'])}
      />
      <Select
        label="Control numbers of EDI"
        allowDeselect={false}
        data={policies}
        value={fields.controlNumbers}
        onChange={(value) => set('controlNumbers', value === 'new' ? 'new' : 'keep')}
      />
      <Select
        label="Key of the request"
        allowDeselect={false}
        data={policies}
        value={fields.dedupe}
        onChange={(value) => set('dedupe', value === 'new' ? 'new' : 'keep')}
      />
    </>
  );
}
