import { Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { ExceptionDetail } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import {
  ActionField,
  type ExceptionAction,
  fieldsOf,
  firstInput,
  type InputField,
  typedInput,
} from './action-fields.tsx';
import { isReason, ReasonField } from './reason-field.tsx';
import { EffectsPreview, wordsOfRefusal } from './effects-preview.tsx';
import { FormDialog } from './form-dialog.tsx';
import { usePreviewed } from './use-previewed.ts';

interface ActionDialogProps {
  exception: ExceptionDetail;
  action: ExceptionAction;
  onClose(): void;
}

const touches = ['exceptions', 'orders', 'timeline', 'control-tower', 'messages', 'deliveries', 'destinations'];

/** Asks the hub what would happen as soon as it can be known, takes a reason, and then does it. */
function useAction({ exception, action, onClose }: ActionDialogProps, fields: InputField[]) {
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
  const { preview, act } = usePreviewed({
    queryKey: [exception.id, exception.version, action.action, settledInput],
    preview: () => run(true, 'preview', settledInput),
    act: (reason) => run(false, reason, input),
    touches,
    enabled: complete,
    onDone: onClose,
  });
  return { input, setInput, complete, preview, act };
}

export function ActionDialog(props: ActionDialogProps) {
  const { exception, action, onClose } = props;
  const fields = fieldsOf(action);
  const [reason, setReason] = useState('');
  const { input, setInput, complete, preview, act } = useAction(props, fields);
  return (
    <FormDialog
      title={action.label}
      confirm={action.label}
      size="lg"
      incomplete={!isReason(reason) || !complete || preview.isError}
      working={act.isPending}
      error={act.error ? wordsOfRefusal(act.error) : undefined}
      onClose={onClose}
      onConfirm={() => act.mutate(reason.trim())}
    >
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
    </FormDialog>
  );
}
