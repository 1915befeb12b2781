import { Alert, Button, Group, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { Dialog } from './dialog.tsx';

interface FormDialogProps {
  title: string;
  confirm: string;
  danger?: boolean;
  /** Why it cannot be confirmed yet; the button is then out of reach. */
  incomplete?: boolean;
  working: boolean;
  error?: string | undefined;
  size?: string;
  /** The form checks its fields itself and says what is wrong with them. */
  noValidate?: boolean;
  onClose(): void;
  onConfirm(): void;
  children: ReactNode;
}

/** A dialog with fields: Enter confirms, what went wrong is said in place. */
export function FormDialog(props: FormDialogProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    props.onConfirm();
  };
  return (
    <Dialog onClose={props.onClose} title={props.title} size={props.size ?? 'md'}>
      <form onSubmit={submit} noValidate={props.noValidate === true}>
        <Stack>
          {props.children}
          {props.error && (
            <Alert color="red" role="alert">
              {props.error}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              Keep as it is
            </Button>
            <Button
              type="submit"
              color={props.danger ? 'red' : undefined}
              loading={props.working}
              disabled={props.incomplete === true}
            >
              {props.confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
