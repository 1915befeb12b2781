import { Alert, Button, Group, List, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import type { SettingDifference } from './destination-draft.ts';

interface SettingConflictProps {
  differences: readonly SettingDifference[];
  onTheirs(): void;
  onMine(): void;
}

/** Somebody was faster: what they changed, and what to do about it. Nothing is overwritten unseen. */
export function SettingConflict({ differences, onTheirs, onMine }: SettingConflictProps) {
  return (
    <Alert
      color="orange"
      title="Somebody has saved other settings meanwhile"
      icon={<IconUsers size={18} />}
      role="alert"
    >
      {differences.length === 0 ? (
        <Text size="sm">The settings are as you opened them: only a pause, or the like, has changed.</Text>
      ) : (
        <List size="sm">
          {differences.map(({ label, from, to, mine }) => (
            <List.Item key={label}>
              {label}: {from} → <b>{to}</b>
              {mine === undefined ? '' : ` (you: ${mine})`}
            </List.Item>
          ))}
        </List>
      )}
      <Group mt="sm" gap="sm">
        <Button size="compact-sm" onClick={onMine}>
          Keep mine on top of these
        </Button>
        <Button size="compact-sm" variant="default" onClick={onTheirs}>
          Drop mine
        </Button>
      </Group>
    </Alert>
  );
}
