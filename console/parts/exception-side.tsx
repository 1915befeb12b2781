import { Anchor, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ExceptionDetail, ExceptionView } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { formatAge, formatCount, formatInstant, formatMoney, words } from '../format.ts';
import { useNameOf } from './assignees.tsx';
import { type Fact, Facts } from './facts.tsx';
import { Section } from './section.tsx';

const mostShown = 8;

/** Who is to blame, what it costs, what waits, and where to look further. */
export function ExceptionSide({ exception }: { exception: ExceptionDetail }) {
  const { impact } = exception;
  const nameOf = useNameOf();
  const money = impact.money.map((sum) => formatMoney(sum.minor, sum.currency)).join(' + ');
  const least = (figure: string): string => (impact.isLowerBound ? `${figure} or more` : figure);
  const facts: Fact[] = [
    ['Orders waiting', least(formatCount(impact.orders))],
    ['Money at risk', least(money || formatMoney(0))],
    ['Deliveries waiting', least(formatCount(impact.waitingDeliveries))],
    ['Caused by', exception.blamedSystem ? words(exception.blamedSystem) : 'not known'],
    ['Owner', words(exception.ownerRole)],
    ['Assigned to', exception.assignee === undefined ? 'nobody yet' : nameOf(exception.assignee)],
    ['Opened', `${formatInstant(exception.openedAt)} (${formatAge(exception.openedAt)} ago)`],
  ];
  return (
    <Stack gap="md">
      <Section title="Impact">
        <Facts facts={facts} />
      </Section>
      {impact.siblings > 0 && <Siblings exception={exception} />}
      <Section title="Leads to">
        <LeadsTo exception={exception} />
      </Section>
    </Stack>
  );
}

function causeOf({ data, cause }: ExceptionView): string {
  const { causeKey } = (data ?? {}) as { causeKey?: unknown };
  return typeof causeKey === 'string' ? causeKey : cause;
}

/** Other open exceptions of the same cause: fix once, release all. */
function Siblings({ exception }: { exception: ExceptionDetail }) {
  const list = useQuery({
    queryKey: ['exceptions', 'siblings', exception.code],
    queryFn: () => call('GET /v1/exceptions', { query: { code: exception.code, limit: 200 } }),
  });
  const rows = (list.data?.data ?? []).filter(
    (row) => row.id !== exception.id && causeOf(row) === causeOf(exception) && row.state !== 'resolved',
  );
  const { siblings } = exception.impact;
  return (
    <Section title="Fix once, release all">
      <Text size="sm" mb="xs">
        {siblings === 1 ? 'One more exception has' : `${formatCount(siblings)} more exceptions have`} the same cause.
        What removes it here removes it there.
      </Text>
      <Stack gap={4}>
        {rows.slice(0, mostShown).map((row) => (
          <Anchor key={row.id} component={Link} to={`/exceptions/${row.id}`} size="sm">
            {row.entityRefs[0]?.label ?? row.title}, open for {formatAge(row.openedAt)}
          </Anchor>
        ))}
        {siblings > mostShown && (
          <Anchor component={Link} to={`/exceptions?ownerRole=all&code=${exception.code}`} size="sm">
            All of this kind
          </Anchor>
        )}
      </Stack>
    </Section>
  );
}

function LeadsTo({ exception }: { exception: ExceptionDetail }) {
  return (
    <Stack gap={4}>
      {exception.orderId && (
        <Anchor component={Link} to={`/orders/${exception.orderId}`} size="sm">
          The order, on its timeline
        </Anchor>
      )}
      {exception.messageId && (
        <Anchor component={Link} to={`/messages/${exception.messageId}`} size="sm">
          The message: raw, canonical, output
        </Anchor>
      )}
      {exception.deliveryId && (
        <Anchor component={Link} to={`/deliveries/${exception.deliveryId}`} size="sm">
          The delivery and its attempts
        </Anchor>
      )}
      {exception.entityRefs.map((ref) =>
        ref.kind === 'message' && ref.id !== exception.messageId ? (
          <Anchor key={ref.id} component={Link} to={`/messages/${ref.id}`} size="sm">
            {ref.label === undefined ? 'Another message' : `The message ${ref.label}`}
          </Anchor>
        ) : (
          <Text key={`${ref.kind}-${ref.id}`} size="sm">
            {words(ref.kind)}: <span className="mono">{ref.label ?? ref.id}</span>
          </Text>
        ),
      )}
    </Stack>
  );
}
