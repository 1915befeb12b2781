import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { isReason, ReasonField } from './reason-field.tsx';

interface ReasonDialogProps {
  opened: boolean;
  title: string;
  /** What will happen, before it happens. */
  preview: string;
  confirm: string;
  danger?: boolean;
  working: boolean;
  error?: string | undefined;
  onClose(): void;
  onConfirm(reason: string): void;
}

/** Every change by hand says what it will do, asks for a reason and is written to the audit. */
export function ReasonDialog({
  opened,
  title,
  preview,
  confirm,
  danger,
  working,
  error,
  onClose,
  onConfirm,
}: ReasonDialogProps) {
  const [reason, setReason] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onConfirm(reason.trim());
  };
  return (
    <Modal opened={opened} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">{preview}</Text>
          <ReasonField value={reason} onChange={setReason} autoFocus />
          {error && (
            <Alert color="red" role="alert">
              {error}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Keep as it is
            </Button>
            <Button type="submit" color={danger ? 'red' : undefined} loading={working} disabled={!isReason(reason)}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
