import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { MessageDetail } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { useMay } from '../session.tsx';
import { isReason, ReasonField } from './reason-field.tsx';
import { Dialog } from './dialog.tsx';

const editable = new Set(['held', 'rejected', 'ignored', 'processed']);

/** What came in and did not go through can be edited and sent in again; what arrived stays as it arrived. */
export function ResubmitMessage({ message }: { message: MessageDetail }) {
  const [opened, setOpened] = useState(false);
  const may = useMay('message.resubmit');
  const kind = message.channel === 'webhook' || message.channel.startsWith('edi');
  const waits = message.state !== 'processed' || message.exceptions.some(({ state }) => state !== 'resolved');
  const whole = message.raw.encoding === 'utf8' && !message.raw.truncated;
  const fits = message.direction === 'in' && kind && editable.has(message.state) && waits && whole;
  if (!may || !fits || message.children.length > 0) return null;
  return (
    <>
      <Button variant="default" leftSection={<IconPencil size={16} />} onClick={() => setOpened(true)}>
        Edit and send in again
      </Button>
      {opened && <ResubmitDialog message={message} onClose={() => setOpened(false)} />}
    </>
  );
}

function ResubmitDialog({ message, onClose }: { message: MessageDetail; onClose(): void }) {
  const [text, setText] = useState(message.raw.text);
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  const navigate = useNavigate();
  const send = useMutation({
    mutationFn: () =>
      call('POST /v1/messages/{id}/resubmit', { params: { id: message.id }, body: { text, reason: reason.trim() } }),
    onSuccess: ({ messageId }) => {
      for (const key of ['messages', 'exceptions']) void client.invalidateQueries({ queryKey: [key] });
      void navigate({ to: '/messages/$id', params: { id: messageId } });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <Dialog onClose={onClose} size="xl" title="Edit and send in again">
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">
            The edited copy is a message of its own and is translated in place of this one. What came in stays as it
            came in. This one’s exceptions close when the copy has gone through. A copy that is about stock waits for a
            second person first.
          </Text>
          <Textarea
            label="Payload"
            required
            autosize
            minRows={8}
            maxRows={24}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <ReasonField value={reason} onChange={setReason} />
          {send.isError && (
            <Alert color="red" role="alert">
              {send.error.message}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Keep as it is
            </Button>
            <Button
              type="submit"
              loading={send.isPending}
              disabled={!isReason(reason) || text === message.raw.text || text === ''}
            >
              Send in again
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
