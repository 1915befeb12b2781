import { Anchor, Badge, Button, Card, Group, Stack, Tabs } from '@mantine/core';
import { IconBan, IconFileText, IconListDetails, IconTimeline } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { OrderView } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatInstant, formatMoney, words } from '../format.ts';
import { CommentBox } from '../parts/comment-box.tsx';
import { type Fact, Facts } from '../parts/facts.tsx';
import { HoldOrder } from '../parts/hold-order.tsx';
import { OrderDocuments } from '../parts/order-documents.tsx';
import { OrderExceptions } from '../parts/order-exceptions.tsx';
import { OrderLines } from '../parts/order-lines.tsx';
import { OrderTimeline } from '../parts/order-timeline.tsx';
import { OrderWalk } from '../parts/order-walk.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { ReasonDialog } from '../parts/reason-dialog.tsx';
import { Section } from '../parts/section.tsx';
import { Failed, Loading } from '../parts/states.tsx';
import { OrderStatusBadges } from '../parts/status.tsx';
import { useMay } from '../session.tsx';

const orderRoute = getRouteApi('/orders/$id');

export function OrderPage() {
  const { id } = orderRoute.useParams();
  const order = useQuery({ queryKey: ['orders', id], queryFn: () => call('GET /v1/orders/{id}', { params: { id } }) });
  if (order.isError) return <Failed error={order.error} retry={() => void order.refetch()} />;
  if (order.isPending) return <Loading rows={10} />;
  return <Order360 order={order.data} />;
}

/** One order, all the way: one lane per system on one timeline, its documents, its exceptions and what can be done. */
function Order360({ order }: { order: OrderView }) {
  const { tab = 'timeline' } = orderRoute.useSearch();
  const navigate = useNavigate({ from: '/orders/$id' });
  return (
    <>
      <PageHeader
        title={order.orderNo}
        subtitle={
          <Group gap={8}>
            <span>
              {order.customerName} ({order.customer}){order.customerPo ? ` · PO ${order.customerPo}` : ''}
            </span>
            <Badge variant="default" tt="none">
              {order.channel}
            </Badge>
            <OrderStatusBadges status={order.status} />
          </Group>
        }
      >
        <HoldOrder order={order} />
        <CancelButton order={order} />
      </PageHeader>
      <Stack gap="md">
        <Card>
          <OrderWalk order={order} />
        </Card>
        <OrderExceptions orderId={order.id} />
        <Tabs
          value={tab}
          onChange={(value) => void navigate({ search: { tab: value ?? 'timeline' }, replace: true })}
          keepMounted={false}
        >
          <Tabs.List mb="md" className="order-tabs">
            <Tabs.Tab value="timeline" leftSection={<IconTimeline size={16} />}>
              Timeline
            </Tabs.Tab>
            <Tabs.Tab value="lines" leftSection={<IconListDetails size={16} />}>
              Lines<span className="wide-only"> and details</span>
            </Tabs.Tab>
            <Tabs.Tab value="documents" leftSection={<IconFileText size={16} />}>
              Shipments, invoices<span className="wide-only">, documents</span>
            </Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="timeline">
            <Stack gap="md">
              <OrderTimeline orderId={order.id} />
              <CommentBox orderId={order.id} />
            </Stack>
          </Tabs.Panel>
          <Tabs.Panel value="lines">
            <Stack gap="md">
              <OrderLines order={order} />
              <Details order={order} />
            </Stack>
          </Tabs.Panel>
          <Tabs.Panel value="documents">
            <OrderDocuments order={order} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </>
  );
}

function Details({ order }: { order: OrderView }) {
  return (
    <Section title="Details">
      <Facts facts={factsOf(order)} cols={3} />
      {order.sourceMessageId && (
        <Anchor component={Link} to={`/messages/${order.sourceMessageId}`} size="sm" mt="sm" display="inline-block">
          The message it came from: raw, canonical and output
        </Anchor>
      )}
    </Section>
  );
}

function factsOf(order: OrderView): Fact[] {
  const { shipTo, taxContext } = order;
  const windows = Object.entries(order.windows).map(([key, value]) => `${words(key)} ${String(value)}`);
  const refs = Object.entries(order.partnerRefs).map(([key, value]) => `${key} ${value}`);
  const place = [shipTo.name, shipTo.id ?? shipTo.gln ?? shipTo.raw?.code, shipTo.address?.city];
  const tax = taxContext.exempt
    ? `exempt${taxContext.certNo ? ` (${taxContext.certNo})` : ''}`
    : `estimated ${formatMoney(taxContext.estimatedMinor, order.currency)}`;
  return [
    ['ERP order', order.erpOrderNo],
    ['Ship to', [...place, shipTo.resolved ? '' : 'not resolved'].filter(Boolean).join(' · ')],
    ['Bill to', order.billTo],
    ['Ordered', order.orderDate],
    ['Requested', order.requestedDate],
    ['Windows', windows.join(' · ') || undefined],
    ['Terms', `net ${order.terms.netDays} days`],
    ['Tax', tax],
    ['Ship complete', order.shipComplete ? 'yes' : 'no'],
    ['References', refs.join(' · ') || undefined],
    ['What the customer sees', words(order.portalStatus)],
    ['Received', formatInstant(order.createdAt)],
    ['Correlation', <span className="mono">{order.correlationId}</span>],
  ];
}

function CancelButton({ order }: { order: OrderView }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const may = useMay('order.cancel');
  const done = ['cancelled', 'shipped', 'delivered', 'returned'].includes(order.status.milestone);
  const cancel = useMutation({
    mutationFn: (reason: string) => call('POST /v1/orders/{id}/cancel', { params: { id: order.id }, body: { reason } }),
    onSuccess: () => {
      for (const key of ['orders', 'timeline']) void client.invalidateQueries({ queryKey: [key] });
      setAsking(false);
    },
  });
  if (!may || done) return null;
  return (
    <>
      <Button variant="default" leftSection={<IconBan size={16} />} onClick={() => setAsking(true)}>
        Cancel order
      </Button>
      <ReasonDialog
        opened={asking}
        title={`Cancel ${order.orderNo}`}
        preview="What has not shipped is cancelled. Once the warehouse has the order, it has to agree first; the order then shows when it did."
        confirm="Cancel the order"
        danger
        working={cancel.isPending}
        error={cancel.error?.message}
        onClose={() => setAsking(false)}
        onConfirm={(reason) => cancel.mutate(reason)}
      />
    </>
  );
}
