import { Anchor, Card, Grid, Group, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { IconCircleCheck, IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ControlTower, StreamedEvent } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatCount, formatMoney, formatTime, words } from '../format.ts';
import { useRecentEvents } from '../live.ts';
import { BacklogBars } from '../parts/backlog-bars.tsx';
import { DestinationTable } from '../parts/destination-table.tsx';
import { DueBadge } from '../parts/due-badge.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { MilestoneBadge } from '../parts/status.tsx';
import { ThroughputChart } from '../parts/throughput-chart.tsx';

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
      <Figures tower={tower} />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Stack gap="md">
            <Card>
              <Title order={2} mb="xs">
                Backlog by milestone
              </Title>
              <BacklogBars backlog={tower.backlog} />
            </Card>
            <Card>
              <Title order={2} mb="xs">
                Orders per minute, last hour
              </Title>
              <ThroughputChart throughput={tower.throughput} />
            </Card>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Stack gap="md">
            <AtRisk rows={tower.atRisk} />
            <Feed />
          </Stack>
        </Grid.Col>
      </Grid>
      <Card>
        <Group justify="space-between" mb="xs">
          <Title order={2}>Destinations</Title>
          <Anchor component={Link} to="/destinations" size="sm">
            All settings
          </Anchor>
        </Group>
        <DestinationTable rows={tower.destinations} />
      </Card>
    </Stack>
  );
}

function Figures({ tower }: { tower: ControlTower }) {
  const money = tower.exceptions.moneyAtRisk.map((sum) => formatMoney(sum.minor, sum.currency)).join(' + ');
  const figures = [
    { label: 'Open orders', value: formatCount(tower.totals.openOrders), to: '/orders?show=open' },
    { label: 'On hold', value: formatCount(tower.totals.onHold), to: '/orders?show=held' },
    {
      label: 'Open exceptions',
      value: formatCount(tower.exceptions.open),
      note: tower.exceptions.overdue > 0 ? `${tower.exceptions.overdue} overdue` : 'none overdue',
      to: '/exceptions',
    },
    { label: 'Money at risk', value: money || formatMoney(0), to: '/exceptions' },
    { label: 'Received today', value: formatCount(tower.totals.receivedToday) },
    { label: 'Shipped today', value: formatCount(tower.totals.shippedToday) },
    { label: 'Invoiced today', value: formatCount(tower.totals.invoicedToday) },
  ];
  return (
    <SimpleGrid cols={{ base: 2, sm: 4, lg: 7 }} spacing="sm">
      {figures.map((figure) => (
        <Card key={figure.label} padding="sm">
          <Text size="xs" c="dimmed" fw={600}>
            {figure.label}
          </Text>
          <Text fz={22} fw={700} lh={1.25}>
            {figure.to ? (
              <Anchor component={Link} to={figure.to} inherit c="inherit">
                {figure.value}
              </Anchor>
            ) : (
              figure.value
            )}
          </Text>
          {figure.note && (
            <Text size="xs" c="dimmed">
              {figure.note}
            </Text>
          )}
        </Card>
      ))}
    </SimpleGrid>
  );
}

function AtRisk({ rows }: { rows: ControlTower['atRisk'] }) {
  return (
    <Card>
      <Title order={2} mb="xs">
        At risk
      </Title>
      {rows.length === 0 ? (
        <Empty icon={<IconShieldCheck size={32} />} title="No order is at risk">
          Late, stuck and held orders appear here, the most urgent first.
        </Empty>
      ) : (
        <Table aria-label="Orders at risk">
          <Table.Tbody>
            {rows.slice(0, 8).map((row) => (
              <Table.Tr key={row.orderId}>
                <Table.Td>
                  <Anchor component={Link} to={`/orders/${row.orderId}`} size="sm" fw={600}>
                    {row.orderNo}
                  </Anchor>
                  <Text size="xs" c="dimmed">
                    {row.customerName}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <MilestoneBadge milestone={row.milestone} />
                  <Text size="xs" c="dimmed" lineClamp={2}>
                    {row.reason}
                  </Text>
                </Table.Td>
                <Table.Td ta="right">
                  <Text size="sm">{formatMoney(row.amountMinor, row.currency)}</Text>
                  <DueBadge dueAt={row.dueAt} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {rows.length > 8 && (
        <Text size="xs" c="dimmed" mt="xs">
          and {rows.length - 8} more
        </Text>
      )}
    </Card>
  );
}

/** "sales.order.accepted" → "Order accepted". */
function titleOfEvent(event: StreamedEvent): string {
  const [, entity = '', verb = ''] = event.type.split('.');
  const spaced = (text: string) => text.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words(`${spaced(entity)} ${spaced(verb)}`);
}

function Feed() {
  const events = useRecentEvents();
  return (
    <Card>
      <Title order={2} mb="xs">
        Happening now
      </Title>
      {events.length === 0 ? (
        <Empty icon={<IconCircleCheck size={32} />} title="Quiet for the moment">
          Events appear here the moment they are committed.
        </Empty>
      ) : (
        <Stack gap={4} mah={320} style={{ overflow: 'auto' }} tabIndex={0} role="log" aria-label="Latest events">
          {events.slice(0, 30).map((event) => (
            <Group key={event.id} justify="space-between" wrap="nowrap" className="arrive" gap="xs">
              <Text size="sm" truncate>
                {event.orderId ? (
                  <Anchor component={Link} to={`/orders/${event.orderId}`} inherit c="inherit">
                    {titleOfEvent(event)}
                  </Anchor>
                ) : (
                  titleOfEvent(event)
                )}
                {event.reason ? (
                  <Text span size="xs" c="dimmed">
                    {' '}
                    · {event.reason}
                  </Text>
                ) : null}
              </Text>
              <Text size="xs" c="dimmed" component="time" dateTime={event.recordedAt}>
                {formatTime(event.recordedAt)}
              </Text>
            </Group>
          ))}
        </Stack>
      )}
    </Card>
  );
}
