import { Button, Card, Group, Text } from '@mantine/core';
import { useState } from 'react';
import type { ExceptionView } from '../../src/api/contract.ts';
import { formatCount } from '../format.ts';
import { BulkDecision, type BulkAction } from './bulk-decision.tsx';

interface BulkExceptionsProps {
  /** The chosen ones, as they are shown. */
  rows: readonly ExceptionView[];
  onClear(): void;
  /** Ids of those that something was done to: they are chosen no longer. */
  onDone(ids: readonly string[]): void;
}

const actions: readonly { action: BulkAction; label: string }[] = [
  { action: 'assign', label: 'Assign…' },
  { action: 'snooze', label: 'Snooze…' },
  { action: 'note', label: 'Add a note…' },
  { action: 'resolve', label: 'Resolve…' },
];

/** The bar under a queue with a selection: one decision about all that permit it. */
export function BulkExceptions({ rows, onClear, onDone }: BulkExceptionsProps) {
  const [action, setAction] = useState<BulkAction>();
  if (rows.length === 0 && action === undefined) return null;
  return (
    <>
      <Card className="bulk-bar" shadow="md" mt="sm" padding="xs" role="region" aria-label="Selection">
        <Group justify="space-between">
          <Group gap="xs">
            <Text size="sm" fw={700}>
              {formatCount(rows.length)} selected
            </Text>
            <Button variant="subtle" size="compact-sm" onClick={onClear}>
              Clear
            </Button>
          </Group>
          <Group gap="xs">
            {actions.map((item) => (
              <Button
                key={item.action}
                variant="default"
                disabled={!rows.some((row) => row.allowedActions.includes(item.action))}
                onClick={() => setAction(item.action)}
              >
                {item.label}
              </Button>
            ))}
          </Group>
        </Group>
      </Card>
      {action && <BulkDecision action={action} rows={rows} onClose={() => setAction(undefined)} onDone={onDone} />}
    </>
  );
}
