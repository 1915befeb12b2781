import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { DeliverySummary } from '../../src/api/contract.ts';

/** Where what a delivery is about can be looked at: its document's bytes, else its order, else the item's stock. */
function targetOf({ about, entity }: DeliverySummary): string | undefined {
  if (about?.messageId) return `/messages/${about.messageId}`;
  if (about?.orderId) {
    const tab = entity?.kind === 'shipment' || entity?.kind === 'invoice' ? '?tab=documents' : '';
    return `/orders/${about.orderId}${tab}`;
  }
  return about?.sku ? `/inventory?sku=${encodeURIComponent(about.sku)}` : undefined;
}

/** What a delivery is about, in words that lead there: an order, a shipment, a document with its control number, a message. */
export function DeliveryAbout({ delivery }: { delivery: DeliverySummary }) {
  const { about } = delivery;
  if (!about) return '–';
  const to = targetOf(delivery);
  const order = about.orderNo && !about.text.includes(about.orderNo) ? about.orderNo : undefined;
  return (
    <Text size="sm" component="span" display="block" miw={150} style={{ overflowWrap: 'break-word' }}>
      {to ? (
        <Anchor component={Link} to={to} inherit>
          {about.text}
        </Anchor>
      ) : (
        about.text
      )}
      {order && (
        <Text span size="xs" c="dimmed" display="block">
          of{' '}
          <Anchor component={Link} to={`/orders/${about.orderId}`} inherit>
            order {order}
          </Anchor>
        </Text>
      )}
    </Text>
  );
}
