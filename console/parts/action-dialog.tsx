import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ExceptionDetail } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { isStale } from '../http.ts';
import {
  ActionField,
  type ExceptionAction,
  fieldsOf,
  firstInput,
  type InputField,
  typedInput,
} from './action-fields.tsx';
import { isReason, ReasonField } from './reason-field.tsx';
import { Dialog } from './dialog.tsx';
import { EffectsPreview, wordsOfRefusal } from './effects-preview.tsx';

interface ActionDialogProps {
  exception: ExceptionDetail;
  action: ExceptionAction;
  onClose(): void;
}

const stale = ['exceptions', 'orders', 'timeline', 'control-tower', 'messages', 'deliveries', 'destinations'];

/** Asks the hub what would happen as soon as it can be known, takes a reason, and then does it. */
function useAction({ exception, action, onClose }: ActionDialogProps, fields: InputField[]) {
  const client = useQueryClient();
  const [input, setInput] = useState(() => firstInput(fields));
  const [settledInput] = useDebouncedValue(input, 300);
  const complete = fields.every((field) => !field.required || (settledInput[field.name] ?? '').trim() !== '');
  const run = (preview: boolean, reason: string, values: Record<string, string>) =>
    call('POST /v1/exceptions/{id}/actions', {
      params: { id: exception.id },
      version: exception.version,
      body: {
        action: action.action,
        reason,
        preview,
        ...(fields.length > 0 ? { input: typedInput(fields, values) } : {}),
      },
    });
  const preview = useQuery({
    queryKey: ['preview', exception.id, exception.version, action.action, settledInput],
    queryFn: () => run(true, 'preview', settledInput),
    enabled: complete,
    retry: false,
    gcTime: 0,
  });
  const refresh = () => {
    for (const key of stale) void client.invalidateQueries({ queryKey: [key] });
  };
  const act = useMutation({
    mutationFn: (reason: string) => run(false, reason, input),
    onSuccess: () => {
      refresh();
      onClose();
    },
    onError: (error) => {
      // Somebody else, or the hub itself, was faster: show what it is like now.
      if (isStale(error)) refresh();
    },
  });
  return { input, setInput, complete, preview, act };
}

export function ActionDialog(props: ActionDialogProps) {
  const { exception, action, onClose } = props;
  const fields = fieldsOf(action);
  const [reason, setReason] = useState('');
  const { input, setInput, complete, preview, act } = useAction(props, fields);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate(reason.trim());
  };
  return (
    <Dialog onClose={onClose} title={action.label} size="lg">
      <form onSubmit={submit}>
        <Stack>
          {action.description && <Text size="sm">{action.description}</Text>}
          {fields.map((field, index) => (
            <ActionField
              key={field.name}
              field={field}
              exception={exception}
              value={input[field.name] ?? ''}
              onChange={(value) => setInput({ ...input, [field.name]: value })}
              autoFocus={index === 0}
            />
          ))}
          <EffectsPreview effects={preview.data?.effects} error={preview.error} waiting={!complete} />
          <ReasonField
            value={reason}
            onChange={setReason}
            autoFocus={fields.length === 0}
            label={action.action === 'note' ? 'Note' : 'Reason'}
          />
          {act.error && (
            <Alert color="red" role="alert">
              {wordsOfRefusal(act.error)}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Keep as it is
            </Button>
            <Button type="submit" loading={act.isPending} disabled={!isReason(reason) || !complete || preview.isError}>
              {action.label}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
