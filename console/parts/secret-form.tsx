import { PasswordInput, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ConnectionView } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { words } from '../format.ts';
import { FormDialog } from './form-dialog.tsx';

interface SecretFormProps {
  connection: ConnectionView;
  version: number;
  onClose(): void;
}

/** Secrets are write-only: what is left empty stays as it is, and nothing stored is ever shown. */
export function SecretForm({ connection, version, onClose }: SecretFormProps) {
  const client = useQueryClient();
  const { id, type, role, title, settings, test, missingSecrets } = connection;
  const names = [...Object.keys(connection.secrets), ...missingSecrets].filter(
    (name) => name !== 'webhookSecretBefore',
  );
  const [values, setValues] = useState<Record<string, string>>({});
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
  const save = useMutation({
    mutationFn: () =>
      call('PUT /v1/connections/{id}', {
        params: { id },
        version,
        body: { id, type, role, settings, test, secrets: given, ...(title === undefined ? {} : { title }) },
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['connections'] });
      onClose();
    },
  });
  return (
    <FormDialog
      title={`Secrets of ${title ?? id}`}
      confirm="Store"
      incomplete={Object.keys(given).length === 0}
      working={save.isPending}
      error={save.error?.message}
      onClose={onClose}
      onConfirm={() => save.mutate()}
    >
      <Text size="sm">They are sealed at once and used from the next call on. What is left empty stays as it is.</Text>
      {names.map((name, index) => (
        <PasswordInput
          key={name}
          label={words(name)}
          description={missingSecrets.includes(name) ? 'missing' : 'set'}
          value={values[name] ?? ''}
          onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
          autoComplete="off"
          data-autofocus={index === 0 || undefined}
        />
      ))}
    </FormDialog>
  );
}
