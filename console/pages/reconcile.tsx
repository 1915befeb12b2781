import { Anchor, Button, Card, Checkbox, Group, Table, Text } from '@mantine/core';
import { IconChecks, IconSearch } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReconciliationPage as CheckedPage } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount, formatInstant, words } from '../format.ts';
import { Facts } from '../parts/facts.tsx';
import { FormDialog } from '../parts/form-dialog.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { useReconciliation } from '../parts/reconcile-banner.tsx';
import { Section } from '../parts/section.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { StateBadge } from '../parts/status.tsx';
import { WideTable } from '../parts/wide-table.tsx';
import { useMay } from '../session.tsx';
import { isReason, ReasonField } from '../parts/reason-field.tsx';

type Checked = CheckedPage['data'][number];

const looks: Record<Checked['finding'], string> = {
  there: 'confirmed',
  differs: 'rejected',
  absent: 'queued',
  several: 'rejected',
  cannot_tell: 'unknown',
};

/** After a restore: what the outside has that the hub does not know of, then the end of the mode. */
export function ReconcilePage() {
  const state = useReconciliation();
  const may = useMay('reconcile.manage');
  const [ending, setEnding] = useState(false);
  const [rows, setRows] = useState<Checked[]>();
  const check = useMutation({
    mutationFn: async () => {
      const found: Checked[] = [];
      let after: string | undefined;
      do {
        const page = await call('POST /v1/reconciliation/check', {
          query: { limit: 50, ...(after ? { after } : {}) },
          body: {},
        });
        found.push(...page.data);
        setRows([...found]);
        after = page.nextCursor;
      } while (after !== undefined);
    },
  });
  if (state.isError) return <Failed error={state.error} retry={() => void state.refetch()} />;
  if (state.isPending) return <Loading />;
  if (!state.data.active)
    return (
      <>
        <PageHeader title="Reconciliation" />
        <Card>
          <Empty icon={<IconChecks size={36} />} title="Nothing to reconcile">
            The hub was not restored, or was compared since. After <code>crossdock restore</code> it starts paused and
            says so on every page.
          </Empty>
        </Card>
      </>
    );
  const { reason, begunAt, backupTakenAt, paused = [], doubted } = state.data;
  return (
    <>
      <PageHeader title="Reconciliation" subtitle="Compare what the hub knows with what the outside systems have.">
        {may && (
          <Group gap="xs">
            <Button
              variant="default"
              leftSection={<IconSearch size={16} />}
              loading={check.isPending}
              onClick={() => check.mutate()}
            >
              Look everything up
            </Button>
            <Button onClick={() => setEnding(true)}>End reconcile mode</Button>
          </Group>
        )}
      </PageHeader>
      <Section title="Restored" mb="md">
        <Facts
          cols={4}
          facts={[
            ['Why', reason],
            ['Since', begunAt && formatInstant(begunAt)],
            ['Backup of', backupTakenAt && formatInstant(backupTakenAt)],
            ['In doubt', doubted === undefined ? undefined : `${formatCount(doubted)} deliveries`],
            ['Paused', paused.join(', ') || 'none'],
          ]}
        />
      </Section>
      {check.isError && <Failed error={check.error} retry={() => check.mutate()} />}
      {rows && <Findings rows={rows} />}
      {ending && <EndDialog paused={paused} onClose={() => setEnding(false)} />}
    </>
  );
}

function Findings({ rows }: { rows: readonly Checked[] }) {
  return (
    <Section title={`Looked up: ${formatCount(rows.length)}`}>
      {rows.length === 0 ? (
        <Text size="sm">Nothing is unsettled: every delivery is known to have arrived or not to have been sent.</Text>
      ) : (
        <WideTable label="What the destinations say" minWidth={820}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Delivery</Table.Th>
              <Table.Th>Destination</Table.Th>
              <Table.Th>Key</Table.Th>
              <Table.Th>Found there</Table.Th>
              <Table.Th>What the lanes would do</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.deliveryId}>
                <Table.Td>
                  <Anchor component={Link} to={`/deliveries/${row.deliveryId}`} size="sm">
                    {row.operation}
                  </Anchor>
                </Table.Td>
                <Table.Td>{row.destination}</Table.Td>
                <Table.Td className="mono">{row.naturalKey ?? row.key}</Table.Td>
                <Table.Td>
                  <StateBadge state={looks[row.finding]} label={words(row.finding)} /> {row.outsideId}
                </Table.Td>
                <Table.Td>{row.wouldDo}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
    </Section>
  );
}

function EndDialog({ paused, onClose }: { paused: readonly string[]; onClose(): void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const [resume, setResume] = useState(true);
  const end = useMutation({
    mutationFn: () => call('POST /v1/reconciliation/end', { body: { reason: reason.trim(), resume } }),
    onSuccess: () => {
      void client.invalidateQueries();
      onClose();
    },
  });
  return (
    <FormDialog
      title="End reconcile mode"
      confirm="End it"
      incomplete={!isReason(reason)}
      working={end.isPending}
      error={end.error?.message}
      onClose={onClose}
      onConfirm={() => end.mutate()}
    >
      <Text size="sm">
        From then on the hub trusts its own ledger again. What is in doubt is looked up before it is sent.
      </Text>
      <Checkbox
        label={`Resume what was paused: ${paused.join(', ') || 'nothing'}`}
        checked={resume}
        onChange={(event) => setResume(event.currentTarget.checked)}
      />
      <ReasonField value={reason} onChange={setReason} autoFocus />
    </FormDialog>
  );
}
