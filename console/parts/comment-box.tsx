import { Alert, Button, Card, Group, Textarea } from '@mantine/core';
import { IconMessage } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../api.ts';
import { useMay } from '../session.tsx';

const longest = 2000;

/** What somebody wants the others to know about an order; it then stands on the timeline, with who and when. */
export function CommentBox({ orderId }: { orderId: string }) {
  const [text, setText] = useState('');
  const client = useQueryClient();
  const may = useMay('order.comment');
  const write = useMutation({
    mutationFn: () => call('POST /v1/orders/{id}/comments', { params: { id: orderId }, body: { text: text.trim() } }),
    onSuccess: () => {
      setText('');
      void client.invalidateQueries({ queryKey: ['timeline', orderId] });
    },
  });
  if (!may) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    write.mutate();
  };
  return (
    <Card component="form" onSubmit={submit}>
      <Textarea
        label="Comment"
        description="For everybody who opens this order, with your name. It cannot be changed afterwards."
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maxLength={longest}
        autosize
        minRows={1}
        maxRows={8}
      />
      {write.isError && (
        <Alert color="red" role="alert" mt="sm">
          {write.error.message}
        </Alert>
      )}
      <Group justify="flex-end" mt="sm">
        <Button
          type="submit"
          variant="default"
          leftSection={<IconMessage size={16} />}
          loading={write.isPending}
          disabled={text.trim() === ''}
        >
          Add comment
        </Button>
      </Group>
    </Card>
  );
}
