import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconEye } from '@tabler/icons-react';
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

function wordsOf(error: unknown): string {
  if (isStale(error)) return 'It has changed meanwhile. Look at it again, then decide.';
  return error instanceof Error ? error.message : String(error);
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
          <Preview effects={preview.data?.effects} error={preview.error} waiting={!complete} />
          <ReasonField
            value={reason}
            onChange={setReason}
            autoFocus={fields.length === 0}
            label={action.action === 'note' ? 'Note' : 'Reason'}
          />
          {act.error && (
            <Alert color="red" role="alert">
              {wordsOf(act.error)}
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

interface PreviewProps {
  effects: readonly string[] | undefined;
  error: unknown;
  waiting: boolean;
}

function Preview({ effects, error, waiting }: PreviewProps) {
  if (error)
    return (
      <Alert color="orange" title="It cannot be done like this" role="status">
        {wordsOf(error)}
      </Alert>
    );
  return (
    <Alert color="blue" title="This will happen" icon={<IconEye size={18} />} role="status">
      {effects ? (
        <List size="sm">
          {effects.map((effect) => (
            <List.Item key={effect}>{effect}</List.Item>
          ))}
        </List>
      ) : (
        <Text size="sm">{waiting ? 'Fill in what is missing, then it is shown here.' : 'Asking the hub…'}</Text>
      )}
    </Alert>
  );
}
