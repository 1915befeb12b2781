import { Alert, Anchor, Badge, Button, Group, List, Progress, Stack, Table, Text } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ActOnExceptionsBody, ExceptionView } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount } from '../format.ts';
import { SnoozeField } from './action-fields.tsx';
import { AssigneeSelect } from './assignees.tsx';
import { countReasons, type Decision, decideMany, reasonOf, type RowResult } from './decide-many.ts';
import { Dialog } from './dialog.tsx';
import { FormDialog } from './form-dialog.tsx';
import { isReason, ReasonField } from './reason-field.tsx';
import { WideTable } from './wide-table.tsx';

export type BulkAction = Decision['action'];

const titles: Readonly<Record<BulkAction, string>> = {
  assign: 'Assign',
  snooze: 'Snooze',
  note: 'Add a note to',
  resolve: 'Resolve',
};
const effects: Readonly<Record<BulkAction, string>> = {
  assign: 'Names who looks after them.',
  snooze: 'Hides them from the queue until then; they come back by themselves.',
  note: 'Keeps what you write in the history of each; nothing else changes.',
  resolve: 'Closes them as dealt with elsewhere. Holds are not closed so: they have actions of their own.',
};

const post = (body: ActOnExceptionsBody) => call('POST /v1/exceptions/actions', { body });
const count = (number: number): string => `${formatCount(number)} ${number === 1 ? 'exception' : 'exceptions'}`;

interface BulkDecisionProps {
  action: BulkAction;
  rows: readonly ExceptionView[];
  onClose(): void;
  onDone(ids: readonly string[]): void;
}

/** A decision in three steps: who will take it and who will not, a reason, and what became of each. */
export function BulkDecision({ action, rows, onClose, onDone }: BulkDecisionProps) {
  // As they were when the dialog opened; the list behind it goes on changing.
  const [chosen] = useState(rows);
  const [assignee, setAssignee] = useState('');
  const [until, setUntil] = useState('');
  const [reason, setReason] = useState('');
  const input = inputOf(action, assignee, until);
  const preview = usePreview(action, input, chosen);
  const willing = preview.data?.filter(({ outcome }) => outcome === 'done').map(({ id }) => id) ?? [];
  const { decide, answered } = useDecide(onDone);
  if (decide.data) return <Results action={action} rows={chosen} results={decide.data} onClose={onClose} />;
  return (
    <FormDialog
      title={`${titles[action]} ${count(chosen.length)}`}
      confirm={willing.length > 0 ? `${titles[action]} ${formatCount(willing.length)}` : titles[action]}
      incomplete={!isReason(reason) || willing.length === 0 || preview.isFetching}
      working={decide.isPending}
      error={decide.error?.message}
      size="lg"
      onClose={onClose}
      onConfirm={() =>
        decide.mutate({
          rows: chosen.filter(({ id }) => willing.includes(id)),
          decision: { action, reason: reason.trim(), ...(input ? { input } : {}) },
        })
      }
    >
      <Text size="sm">{effects[action]}</Text>
      {action === 'assign' && (
        <AssigneeSelect label="Who looks after them" value={assignee} onChange={setAssignee} autoFocus />
      )}
      {action === 'snooze' && <SnoozeField label="Hide them for" value={until} onChange={setUntil} autoFocus />}
      <WhoTakesIt results={preview.data} rows={chosen} error={preview.error} waiting={input === undefined} />
      <ReasonField
        value={reason}
        onChange={setReason}
        label={action === 'note' ? 'Note' : 'Reason'}
        autoFocus={action === 'note' || action === 'resolve'}
      />
      {decide.isPending && (
        <Progress.Root size="lg">
          <Progress.Section
            value={(100 * answered) / Math.max(1, willing.length)}
            aria-label={`${formatCount(answered)} of ${formatCount(willing.length)}`}
          />
        </Progress.Root>
      )}
    </FormDialog>
  );
}

/** Undefined while something is missing. */
function inputOf(action: BulkAction, assignee: string, until: string): Decision['input'] | undefined {
  if (action === 'assign') return { assignee: assignee || 'me' };
  if (action === 'snooze') return until === '' ? undefined : { until };
  return {};
}

function usePreview(action: BulkAction, input: Decision['input'] | undefined, rows: readonly ExceptionView[]) {
  return useQuery({
    queryKey: ['preview', 'bulk', action, input, rows.map(({ id, version }) => [id, version])],
    queryFn: () => decideMany(post, rows, { action, reason: 'preview', input: input ?? {}, preview: true }),
    enabled: input !== undefined,
    retry: false,
    gcTime: 0,
  });
}

function useDecide(onDone: BulkDecisionProps['onDone']) {
  const client = useQueryClient();
  const [answered, setAnswered] = useState(0);
  const decide = useMutation({
    mutationFn: ({ rows, decision }: { rows: readonly ExceptionView[]; decision: Decision }) =>
      decideMany(post, rows, { ...decision, preview: false }, setAnswered),
    onSuccess: (results) => onDone(results.filter(({ outcome }) => outcome === 'done').map(({ id }) => id)),
    // Whatever came of it, the queue is read anew.
    onSettled: () => {
      for (const key of ['exceptions', 'control-tower']) void client.invalidateQueries({ queryKey: [key] });
    },
  });
  return { decide, answered };
}

interface WhoTakesItProps {
  results: readonly RowResult[] | undefined;
  rows: readonly ExceptionView[];
  error: Error | null;
  waiting: boolean;
}

function WhoTakesIt({ results, rows, error, waiting }: WhoTakesItProps) {
  if (error)
    return (
      <Alert color="orange" title="It cannot be done like this" role="status">
        {error.message}
      </Alert>
    );
  const refused = countReasons(results ?? [], rows);
  const willing = results?.filter(({ outcome }) => outcome === 'done').length ?? 0;
  return (
    <Alert
      color={refused.length > 0 ? 'yellow' : 'blue'}
      title={results ? `${formatCount(willing)} of ${formatCount(rows.length)} will take it` : 'Who will take it'}
      icon={<IconEye size={18} />}
      role="status"
    >
      {refused.length > 0 && (
        <List size="sm">
          {refused.map((item) => (
            <List.Item key={item.reason}>
              {formatCount(item.count)} will not: {item.reason}
            </List.Item>
          ))}
        </List>
      )}
      {!results && <Text size="sm">{waiting ? 'Say for how long, then it is shown here.' : 'Asking the hub…'}</Text>}
    </Alert>
  );
}

interface ResultsProps {
  action: BulkAction;
  rows: readonly ExceptionView[];
  results: readonly RowResult[];
  onClose(): void;
}

function Results({ action, rows, results, onClose }: ResultsProps) {
  const byId = new Map(results.map((result) => [result.id, result]));
  const done = results.filter(({ outcome }) => outcome === 'done').length;
  // What needs a look comes first; what was left out by the preview was not tried.
  const shown = rows.toSorted((a, b) => rank(byId.get(a.id)) - rank(byId.get(b.id)));
  return (
    <Dialog
      onClose={onClose}
      title={`${titles[action]}: done to ${formatCount(done)} of ${formatCount(rows.length)}`}
      size="lg"
    >
      <Stack>
        <div className="bulk-results">
          <WideTable label="What became of each" minWidth={420}>
            <Table.Tbody>
              {shown.map((row) => (
                <ResultLine key={row.id} row={row} result={byId.get(row.id)} />
              ))}
            </Table.Tbody>
          </WideTable>
        </div>
        <Group justify="flex-end">
          <Button onClick={onClose} data-autofocus>
            Back to the queue
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

const rank = (result: RowResult | undefined): number => (result === undefined ? 1 : result.outcome === 'done' ? 2 : 0);

const looks = {
  done: { label: '✓ Done', color: 'green' },
  refused: { label: '✕ Not done', color: 'red' },
  failed: { label: '✕ Failed', color: 'red' },
  not_tried: { label: 'Not tried', color: 'gray' },
  left_out: { label: 'Left out', color: 'gray' },
};

function ResultLine({ row, result }: { row: ExceptionView; result: RowResult | undefined }) {
  const done = result?.outcome === 'done';
  const look = looks[result?.outcome ?? 'left_out'];
  return (
    <Table.Tr>
      <Table.Td w={100}>
        <Badge variant="light" tt="none" color={look.color}>
          {look.label}
        </Badge>
      </Table.Td>
      <Table.Td>
        <Anchor component={Link} to={`/exceptions/${row.id}`} size="sm">
          {row.title}
        </Anchor>
        <Text size="xs" c="dimmed" lineClamp={1}>
          {row.entityRefs[0]?.label ?? row.cause}
        </Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm">
          {done ? result.effects?.join('; ') : result ? reasonOf(result, row) : 'It would not have taken it.'}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}
