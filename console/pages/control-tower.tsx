import { Alert, Anchor, Button, Card, Grid, Group, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { IconRocket, IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { ControlTower } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount, formatMoney, formatMoneyShort } from '../format.ts';
import { BacklogBars } from '../parts/backlog-bars.tsx';
import { DestinationTable } from '../parts/destination-table.tsx';
import { DueBadge } from '../parts/due-badge.tsx';
import { EventFeed } from '../parts/event-feed.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { Section } from '../parts/section.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { MilestoneBadge } from '../parts/status.tsx';

const ThroughputChart = lazy(() => import('../parts/throughput-chart.tsx'));
const mostAtRisk = 5;

export function ControlTowerPage() {
  const tower = useQuery({
    queryKey: ['control-tower'],
    queryFn: () => call('GET /v1/control-tower'),
    refetchInterval: 20_000,
  });
  return (
    <>
      <PageHeader title="Control tower" subtitle="What waits where, what is at risk, and how fast orders move." />
      {tower.isError ? (
        <Failed error={tower.error} retry={() => void tower.refetch()} />
      ) : tower.isPending ? (
        <Loading rows={10} />
      ) : (
        <Tower tower={tower.data} />
      )}
    </>
  );
}

function Tower({ tower }: { tower: ControlTower }) {
  return (
    <Stack gap="md">
      {isUntouched(tower) && <NewHub />}
      <Figures tower={tower} />
      <Grid gap="md" align="stretch">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Section title="Backlog by milestone" h="100%">
            <BacklogBars backlog={tower.backlog} />
          </Section>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <AtRisk rows={tower.atRisk} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Section title="Orders per minute, last hour" h="100%">
            {/* The chart's place is kept while its code arrives. */}
            <div style={{ minHeight: 236 }}>
              <Suspense fallback={null}>
                <ThroughputChart throughput={tower.throughput} />
              </Suspense>
            </div>
          </Section>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Section title="Happening now" h="100%">
            <EventFeed />
          </Section>
        </Grid.Col>
      </Grid>
      <Section
        title="Destinations"
        aside={
          <Anchor component={Link} to="/destinations" size="sm">
            Windows, retries, inner flows
          </Anchor>
        }
      >
        <DestinationTable rows={tower.destinations} />
      </Section>
    </Stack>
  );
}

interface Figure {
  label: string;
  value: string;
  note: string;
  to?: string;
  alarming?: boolean;
}

/** No order has ever moved here, as far as the tower can see. */
function isUntouched({ totals, throughput, backlog }: ControlTower): boolean {
  return (
    totals.receivedToday + totals.openOrders === 0 &&
    throughput.every(({ received, shipped, invoiced }) => received + shipped + invoiced === 0) &&
    backlog.every(({ orders }) => orders === 0)
  );
}

/** A hub that has just been started says what it needs before anything else. */
function NewHub() {
  const list = useQuery({ queryKey: ['checklist'], queryFn: () => call('GET /v1/checklist'), refetchInterval: 5_000 });
  if (!list.data || list.data.done === list.data.steps.length) return null;
  const { steps, done } = list.data;
  const next = steps.find((step) => !step.done);
  return (
    <Alert icon={<IconRocket size={18} />} title={`${done} of ${steps.length} first steps are done`}>
      <Group justify="space-between">
        <Text size="sm">Next: {next?.title}. Each step ticks itself as soon as it is so.</Text>
        <Button component={Link} to="/setup" size="compact-sm">
          Show the first steps
        </Button>
      </Group>
    </Alert>
  );
}

function figuresOf({ totals, exceptions }: ControlTower): Figure[] {
  const money = exceptions.moneyAtRisk.map((sum) => formatMoneyShort(sum.minor, sum.currency)).join(' + ');
  const { overdue } = exceptions;
  return [
    { label: 'Open orders', value: formatCount(totals.openOrders), note: 'not yet delivered', to: '/orders?show=open' },
    { label: 'On hold', value: formatCount(totals.onHold), note: 'waiting for a decision', to: '/orders?show=held' },
    {
      label: 'Exceptions',
      value: formatCount(exceptions.open),
      note: overdue > 0 ? `${formatCount(overdue)} overdue` : 'none overdue',
      to: '/exceptions?ownerRole=all',
      alarming: overdue > 0,
    },
    {
      label: 'Money at risk',
      value: money || formatMoneyShort(0),
      note: 'in open exceptions',
      to: '/exceptions?ownerRole=all',
    },
    { label: 'Received today', value: formatCount(totals.receivedToday), note: 'orders' },
    { label: 'Shipped today', value: formatCount(totals.shippedToday), note: 'orders' },
    { label: 'Invoiced today', value: formatCount(totals.invoicedToday), note: 'orders' },
  ];
}

function Figures({ tower }: { tower: ControlTower }) {
  return (
    <SimpleGrid cols={{ base: 2, xs: 4, lg: 7 }} spacing="sm">
      {figuresOf(tower).map((figure) =>
        figure.to ? (
          <Card key={figure.label} padding="sm" component={Link} to={figure.to} className="figure-link">
            <FigureText figure={figure} />
          </Card>
        ) : (
          <Card key={figure.label} padding="sm">
            <FigureText figure={figure} />
          </Card>
        ),
      )}
    </SimpleGrid>
  );
}

function FigureText({ figure }: { figure: Figure }) {
  return (
    <>
      <Text size="xs" c="dimmed" fw={600} truncate>
        {figure.label}
      </Text>
      <Text fz={22} fw={700} lh={1.25} truncate>
        {figure.value}
      </Text>
      <Text size="xs" c={figure.alarming ? 'light-dark(#b42318, #fda29b)' : 'dimmed'} fw={figure.alarming ? 700 : 400}>
        {figure.note}
      </Text>
    </>
  );
}

function AtRisk({ rows }: { rows: ControlTower['atRisk'] }) {
  const rest = rows.length - mostAtRisk;
  return (
    <Section
      title="At risk"
      h="100%"
      aside={
        rest > 0 && (
          <Anchor component={Link} to="/orders?show=exception" size="sm">
            {formatCount(rest)} more
          </Anchor>
        )
      }
    >
      {rows.length === 0 ? (
        <Empty icon={<IconShieldCheck size={32} />} title="No order is at risk">
          Late, stuck and held orders appear here, the most urgent first.
        </Empty>
      ) : (
        <Table aria-label="Orders at risk" horizontalSpacing={6}>
          <Table.Tbody>
            {rows.slice(0, mostAtRisk).map((row) => (
              <RiskLine key={row.orderId} row={row} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
}

function RiskLine({ row }: { row: ControlTower['atRisk'][number] }) {
  return (
    <Table.Tr>
      <Table.Td style={{ verticalAlign: 'top' }}>
        <Anchor component={Link} to={`/orders/${row.orderId}`} size="sm" fw={600} className="nowrap">
          {row.orderNo}
        </Anchor>
        <Text size="xs" c="dimmed" truncate maw={120}>
          {row.customerName}
        </Text>
      </Table.Td>
      <Table.Td>
        <MilestoneBadge milestone={row.milestone} />
        <Text size="xs" c="dimmed" lineClamp={1} title={row.reason} mt={2}>
          {row.reason}
        </Text>
      </Table.Td>
      <Table.Td ta="right" style={{ verticalAlign: 'top' }}>
        <DueBadge dueAt={row.dueAt} />
        <Text size="xs" c="dimmed" mt={2}>
          {formatMoney(row.amountMinor, row.currency)}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}
