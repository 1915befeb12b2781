import { Anchor, Group, Stack, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { StreamedEvent } from '../../src/api/contract.ts';
import { formatTime, words } from '../format.ts';
import { useLiveState, useRecentEvents } from '../live.ts';
import { Empty } from './states.tsx';

const shownEvents = 30;

/** What the names of a few events do not say by themselves. */
const titles: Record<string, string> = {
  'edi.document.functionalAcked': 'Document acknowledged',
  'availability.ats.changed': 'Availability changed',
  'availability.ats.published': 'Availability published',
  'sales.order.created': 'Order taken by the ERP',
  'fulfillment.order.released': 'Release taken by the warehouse',
  'fulfillment.order.picked': 'Goods picked',
  'fulfillment.order.packed': 'Goods packed',
  'shipping.tracking.updated': 'Package under way',
  'shipping.tracking.outForDelivery': 'Package out for delivery',
  'shipping.tracking.delivered': 'Package delivered',
  'shipping.tracking.exception': 'Problem at the carrier',
  'shipping.tracking.returned': 'Package comes back',
};

/** "sales.order.accepted" → "Order accepted". */
function titleOf(event: StreamedEvent): string {
  const known = titles[event.type];
  if (known !== undefined) return known;
  const [, entity = '', verb = ''] = event.type.split('.');
  return words(`${entity}_${verb}`);
}

/** What an event's data calls the thing it is about: an order number rather than an id. */
function nameOf(event: StreamedEvent): string | undefined {
  const data = (event.data ?? {}) as Record<string, unknown>;
  for (const key of [
    'orderNo',
    'shipmentNo',
    'invoiceNo',
    'paymentNo',
    'sku',
    'destination',
    'code',
    'controlNumber',
  ]) {
    const value = data[key];
    if (typeof value === 'string') return value;
  }
  const { documentType, partner } = data;
  if (typeof documentType === 'string') return [documentType, partner].filter(Boolean).join(' · ');
  return event.orderNo;
}

/** The newest events the moment they are committed. Its height is fixed, so that nothing below it moves. */
export function EventFeed() {
  const events = useRecentEvents();
  const live = useLiveState() === 'live';
  return (
    <div style={{ height: 236, overflow: 'auto' }} tabIndex={0} role="region" aria-label="Latest events">
      {events.length === 0 ? (
        <Empty icon={<IconCircleCheck size={32} />} title={live ? 'Quiet for the moment' : 'Connecting…'}>
          Events appear here the moment they are committed.
        </Empty>
      ) : (
        <Stack gap={4} pr={6}>
          {events.slice(0, shownEvents).map((event) => (
            <Line key={event.id} event={event} />
          ))}
        </Stack>
      )}
    </div>
  );
}

function Line({ event }: { event: StreamedEvent }) {
  const detail = [nameOf(event), event.reason].filter(Boolean).join(' · ');
  return (
    <Group justify="space-between" wrap="nowrap" className="arrive" gap="xs">
      <Text size="sm" truncate>
        {event.orderId ? (
          <Anchor component={Link} to={`/orders/${event.orderId}`} inherit c="inherit" fw={600}>
            {titleOf(event)}
          </Anchor>
        ) : (
          <b>{titleOf(event)}</b>
        )}
        {detail && (
          <Text span size="xs" c="dimmed">
            {' '}
            {detail}
          </Text>
        )}
      </Text>
      <Text size="xs" c="dimmed" component="time" dateTime={event.recordedAt}>
        {formatTime(event.recordedAt)}
      </Text>
    </Group>
  );
}
