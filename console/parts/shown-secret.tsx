import { Alert, Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy, IconEye } from '@tabler/icons-react';
import { Dialog } from './dialog.tsx';

interface ShownSecretProps {
  title: string;
  /** What it is for, and what happens to the former one. */
  explanation: string;
  /** What a screen reader calls the text. */
  label: string;
  secret: string;
  onClose(): void;
}

/** A secret that the hub tells this once. Closing by a click outside would lose it, so only the button closes. */
export function ShownSecret({ title, explanation, label, secret, onClose }: ShownSecretProps) {
  return (
    <Dialog onClose={onClose} title={title} closeOnClickOutside={false} closeOnEscape={false} withCloseButton={false}>
      <Stack>
        <Alert icon={<IconEye size={18} />} color="yellow" title="Shown this once">
          Copy it now. The hub keeps no readable copy.
        </Alert>
        <Text size="sm">{explanation}</Text>
        <Code block aria-label={label} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {secret}
        </Code>
        <Group justify="flex-end">
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button
                variant="default"
                onClick={copy}
                leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
              >
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
          <Button onClick={onClose} data-autofocus>
            I have it
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
