import { Alert, Anchor, Badge, Button, Group, Progress, Stack, Table, Text } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop, IconUsers } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Replay, ReplayDetail as Detail } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount, formatInstant, words } from '../format.ts';
import { useMay, useMe } from '../session.tsx';
import { Difference } from './difference.tsx';
import { Facts } from './facts.tsx';
import { MoreButton } from './more-button.tsx';
import { ReasonDialog } from './reason-dialog.tsx';
import { Section } from './section.tsx';
import { Failed, Loading } from './states.tsx';
import { StateBadge } from './status.tsx';
import { usePages } from './use-pages.ts';

const approvals: Record<Replay['approvalReasons'][number], string> = {
  count: 'it is about many deliveries',
  stock: 'it touches stock',
  new_dedupe: 'the other side will take it for something new',
};

/** A plan: what it would do, who agreed, how far it has got. */
export function ReplayDetail({ id }: { id: string }) {
  const replay = useQuery({
    queryKey: ['replays', id],
    queryFn: () => call('GET /v1/replays/{id}', { params: { id }, query: { limit: 1 } }),
    // While it runs, and while what it put back is still under way.
    refetchInterval: (query) => (isMoving(query.state.data) ? 1_500 : false),
  });
  if (replay.isError) return <Failed error={replay.error} retry={() => void replay.refetch()} />;
  if (replay.isPending) return <Loading rows={6} />;
  const plan = replay.data;
  return (
    <Stack>
      <Section title={`Replay of ${formatCount(plan.preview.total)}`} aside={<StateBadge state={plan.state} />}>
        <Stack>
          <Summary plan={plan} />
          <Moving plan={plan} />
          <Steps plan={plan} />
        </Stack>
      </Section>
      <Preview plan={plan} />
      <Items plan={plan} />
    </Stack>
  );
}

function isMoving(plan: Replay | undefined): boolean {
  if (plan === undefined) return false;
  const waiting = ['queued', 'in_flight', 'retry_wait'].some((state) => (plan.progress.outcomes[state] ?? 0) > 0);
  return plan.state === 'running' || waiting;
}

const modeWords = {
  original: 'the bytes that were stored',
  current: 'made anew by today’s maps',
  diff: 'compared, nothing is sent',
};

function Summary({ plan }: { plan: Replay }) {
  const by = (who: string | undefined, at: string | undefined) =>
    who === undefined ? undefined : `${who}, ${at === undefined ? '' : formatInstant(at)}`;
  const selection = Object.entries(plan.selection).map(([name, value]) => `${words(name)}: ${String(value)}`);
  return (
    <Facts
      cols={4}
      facts={[
        ['What', selection.join(', ')],
        ['Sends', modeWords[plan.mode]],
        ['Control numbers / key', `${plan.controlNumbers} / ${plan.dedupe}`],
        ['Rate', `${formatCount(plan.ratePerMinute)} a minute`],
        ['Reason', plan.reason],
        ['Planned by', by(plan.createdBy, plan.createdAt)],
        ['Approved by', by(plan.approvedBy, plan.approvedAt)],
        ['Ended by', by(plan.endedBy, plan.endedAt)],
      ]}
    />
  );
}

function Moving({ plan }: { plan: Replay }) {
  const { progress, preview } = plan;
  const done = preview.eligible - progress.pending;
  const outcomes = Object.entries(progress.outcomes).map(([state, count]) => `${formatCount(count)} ${words(state)}`);
  return (
    <div>
      <Progress
        value={preview.eligible === 0 ? 100 : (Math.max(0, done) / preview.eligible) * 100}
        aria-label="Worked"
        animated={plan.state === 'running'}
      />
      <Text size="sm" mt={4} role="status">
        {formatCount(progress.pending)} to do, {formatCount(progress.queued)} queued again
        {outcomes.length > 0 && ` (now ${outcomes.join(', ')})`}, {formatCount(progress.compared)} compared
        {progress.differing > 0 && ` (${formatCount(progress.differing)} differ)`}, {formatCount(progress.skipped)}{' '}
        passed over
      </Text>
    </div>
  );
}

type Step = 'approve' | 'run' | 'cancel';
const steps: Record<Step, { label: string; preview: string; danger?: boolean }> = {
  approve: { label: 'Approve', preview: 'Somebody else planned it; with your approval it can be started.' },
  run: {
    label: 'Start',
    preview: 'It goes through its deliveries in their order, at its rate, by itself. None overtakes another.',
  },
  cancel: { label: 'Stop', preview: 'What has been put back stays so; the rest is left alone.', danger: true },
};

function Steps({ plan }: { plan: Replay }) {
  const [step, setStep] = useState<Step>();
  const me = useMe();
  const client = useQueryClient();
  const may = { approve: useMay('replay.approve'), run: useMay('delivery.replay'), cancel: useMay('delivery.replay') };
  const act = useMutation({
    mutationFn: ({ name, reason }: { name: Step; reason: string }) =>
      call(`POST /v1/replays/{id}/${name}`, { params: { id: plan.id }, body: { reason } }),
    onSuccess: () => {
      for (const key of ['replays', 'deliveries', 'control-tower', 'exceptions'])
        void client.invalidateQueries({ queryKey: [key] });
      setStep(undefined);
    },
  });
  const waits = plan.state === 'planned' && plan.approvalReasons.length > 0 && plan.approvedBy === undefined;
  const mine = plan.createdBy === me.actor;
  return (
    <>
      {waits && (
        <Alert icon={<IconUsers size={18} />} color="yellow" title="A second person has to agree">
          {plan.approvalReasons.map((reason) => approvals[reason]).join('; ')}
          {mine && '. You planned it, so somebody else has to.'}
        </Alert>
      )}
      <Group>
        {waits && !mine && may.approve && <Button onClick={() => setStep('approve')}>Approve</Button>}
        {plan.state === 'planned' && !waits && may.run && (
          <Button leftSection={<IconPlayerPlay size={16} />} onClick={() => setStep('run')}>
            {plan.mode === 'diff' ? 'Compare' : 'Start'}
          </Button>
        )}
        {(plan.state === 'planned' || plan.state === 'running') && may.cancel && (
          <Button variant="default" leftSection={<IconPlayerStop size={16} />} onClick={() => setStep('cancel')}>
            {plan.state === 'planned' ? 'Drop the plan' : 'Stop here'}
          </Button>
        )}
      </Group>
      {step && (
        <ReasonDialog
          opened
          title={steps[step].label}
          preview={steps[step].preview}
          confirm={steps[step].label}
          {...(steps[step].danger ? { danger: true } : {})}
          working={act.isPending}
          error={act.error?.message}
          onClose={() => setStep(undefined)}
          onConfirm={(reason) => act.mutate({ name: step, reason })}
        />
      )}
    </>
  );
}

function Preview({ plan }: { plan: Replay }) {
  const { groups, skipped, sample } = plan.preview;
  return (
    <Section title="Preview">
      <Stack>
        <Table aria-label="What matches">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>To</Table.Th>
              <Table.Th>What</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th ta="right">Match</Table.Th>
              <Table.Th ta="right">Can be replayed</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {groups.map((group) => (
              <Table.Tr key={`${group.destination} ${group.operation} ${group.state}`}>
                <Table.Td>{group.destination}</Table.Td>
                <Table.Td>{group.operation}</Table.Td>
                <Table.Td>{words(group.state)}</Table.Td>
                <Table.Td ta="right">{formatCount(group.count)}</Table.Td>
                <Table.Td ta="right">{formatCount(group.eligible)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        {skipped.map(({ why, count }) => (
          <Text size="sm" key={why}>
            {formatCount(count)} passed over: {why}
          </Text>
        ))}
        {sample.map((one) => (
          <div key={one.deliveryId}>
            <Text size="sm" fw={600}>
              {one.operation} to {one.destination}
            </Text>
            {one.difference && <Difference label={`Change of ${one.operation}`} difference={one.difference} />}
            {one.problem && <Text size="sm">{one.problem}</Text>}
          </div>
        ))}
      </Stack>
    </Section>
  );
}

function Items({ plan }: { plan: Replay }) {
  const [differing, setDiffering] = useState(plan.mode === 'diff');
  const list = usePages<Detail['items']['data'][number]>(
    ['replays', plan.id, 'items', differing],
    async (after) => {
      const query = { limit: 50, ...(after ? { after } : {}), ...(differing ? { differs: true } : {}) };
      return (await call('GET /v1/replays/{id}', { params: { id: plan.id }, query })).items;
    },
    isMoving(plan) ? { refetchInterval: 3_000 } : {},
  );
  return (
    <Section
      title="Deliveries"
      aside={
        plan.mode === 'diff' && (
          <Button size="xs" variant="default" aria-pressed={differing} onClick={() => setDiffering(!differing)}>
            {differing ? 'Show all' : 'Show only what differs'}
          </Button>
        )
      }
    >
      <Stack gap="xs">
        {list.rows.length === 0 && (
          <Text size="sm" c="dimmed">
            {differing ? 'Nothing differs so far.' : 'None.'}
          </Text>
        )}
        {list.rows.map((item) => (
          <div key={item.position}>
            <Group gap="xs">
              <Anchor component={Link} to={`/deliveries/${item.newDeliveryId ?? item.deliveryId}`} size="sm" fw={600}>
                {item.operation} to {item.destination}
              </Anchor>
              <Badge variant="default" tt="none">
                {words(item.state)}
              </Badge>
              {item.deliveryState && <StateBadge state={item.deliveryState} />}
              {item.note && <Text size="sm">{item.note}</Text>}
            </Group>
            {item.difference && <Difference label={`Change of ${item.operation}`} difference={item.difference} />}
          </div>
        ))}
        <MoreButton list={list} />
      </Stack>
    </Section>
  );
}
