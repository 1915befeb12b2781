import { Alert, List, Text } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { isStale } from '../http.ts';

export function wordsOfRefusal(error: unknown): string {
  if (isStale(error)) return 'It has changed meanwhile. Look at it again, then decide.';
  return error instanceof Error ? error.message : String(error);
}

interface EffectsPreviewProps {
  effects: readonly string[] | undefined;
  error: unknown;
  /** Something that the preview needs is not filled in yet. */
  waiting?: boolean;
}

/** What the hub says would happen, before it happens; or why it cannot. */
export function EffectsPreview({ effects, error, waiting }: EffectsPreviewProps) {
  if (error)
    return (
      <Alert color="orange" title="It cannot be done like this" role="status">
        {wordsOfRefusal(error)}
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
