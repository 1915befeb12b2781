import { Group, Kbd, Stack, Text } from '@mantine/core';
import { Dialog } from './dialog.tsx';

interface KeyboardHelpProps {
  onClose(): void;
  pages: readonly { label: string; keys: string }[];
}

export default function KeyboardHelp({ onClose, pages }: KeyboardHelpProps) {
  const rows = [
    { label: 'Search any identifier', keys: '⌘/Ctrl K' },
    { label: 'Search', keys: '/' },
    ...pages,
    { label: 'Next and previous row of a list', keys: 'j k' },
    { label: 'Open the row', keys: 'Enter' },
    { label: 'Select the row, where rows can be selected', keys: 'x' },
    { label: 'This list', keys: '?' },
  ];
  return (
    <Dialog onClose={onClose} title="Keyboard">
      <Stack gap={6}>
        {rows.map((row) => (
          <Group key={row.label} justify="space-between">
            <Text size="sm">{row.label}</Text>
            <Group gap={4}>
              {row.keys.split(' ').map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </Group>
          </Group>
        ))}
      </Stack>
    </Dialog>
  );
}
