import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconHandStop, IconPlayerPause, IconPlayerPlay, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../api.ts';
import { formatCount } from '../format.ts';
import type { DestinationRow } from './destination-state.tsx';
import { ReasonDialog } from './reason-dialog.tsx';

export type DestinationAction = 'pause' | 'resume' | 'hold' | 'reset';

const routes = {
  pause: 'POST /v1/destinations/{name}/pause',
  resume: 'POST /v1/destinations/{name}/resume',
  hold: 'POST /v1/destinations/{name}/breaker/hold-open',
  reset: 'POST /v1/destinations/{name}/breaker/reset',
} as const;

const titles: Readonly<Record<DestinationAction, string>> = {
  pause: 'Pause',
  resume: 'Resume',
  hold: 'Hold breaker open',
  reset: 'Reset breaker',
};

function previewOf(row: DestinationRow, action: DestinationAction): string {
  const backlog = `${formatCount(row.waiting + row.retrying)} waiting deliveries`;
  switch (action) {
    case 'pause':
      return 'Deliveries will queue in order and spend no attempts until somebody resumes it.';
    case 'resume':
      return `${backlog} will go out in their order.`;
    case 'hold':
      return 'Nothing is sent, not even probes, until somebody resets the breaker. Deliveries queue in order and spend no attempts.';
    case 'reset':
      return `${backlog} go out at once, in their order. If the system is still down the breaker opens again, and the tries made until then are spent.`;
  }
}

interface DestinationActionsProps {
  row: DestinationRow;
  /** Flows have no breaker. */
  inner: boolean;
  onAsk(action: DestinationAction): void;
}

export function DestinationActions({ row, inner, onAsk }: DestinationActionsProps) {
  const pause = row.paused ? 'resume' : 'pause';
  const breaker = row.breaker === undefined || row.breaker.state === 'closed' ? 'hold' : 'reset';
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button
          size="compact-sm"
          variant="default"
          rightSection={<IconChevronDown size={14} />}
          aria-label={`Actions for ${row.name}`}
        >
          Actions
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={row.paused ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
          onClick={() => onAsk(pause)}
        >
          {titles[pause]}
        </Menu.Item>
        {!inner && (
          <Menu.Item
            leftSection={breaker === 'hold' ? <IconHandStop size={15} /> : <IconRefresh size={15} />}
            onClick={() => onAsk(breaker)}
          >
            {titles[breaker]}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

interface DestinationDialogProps {
  row: DestinationRow;
  action: DestinationAction;
  onClose(): void;
}

/** Says what the action will do, and asks why. */
export function DestinationDialog({ row, action, onClose }: DestinationDialogProps) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (reason: string) => call(routes[action], { params: { name: row.name }, body: { reason } }),
    onSuccess: () => {
      for (const key of ['control-tower', 'destinations']) void client.invalidateQueries({ queryKey: [key] });
      onClose();
    },
  });
  return (
    <ReasonDialog
      opened
      title={`${titles[action]}: ${row.name}`}
      preview={previewOf(row, action)}
      confirm={titles[action]}
      working={change.isPending}
      error={change.error?.message}
      onClose={onClose}
      onConfirm={(reason) => change.mutate(reason)}
    />
  );
}
