import { randomInt } from 'node:crypto';

/** What a client saw of one order it sent. */
export interface SentOrder {
  readonly customerPo: string;
  readonly idempotencyKey: string;
  /** Every answer it got; several when it asked again with the same key. */
  readonly answers: { status: number; orderId?: string; body: string }[];
  /** It gave up without an answer: the order may or may not exist. */
  abandoned: boolean;
}

export interface OrderClient {
  readonly sent: readonly SentOrder[];
  /** Sends nothing new; resolves when every open order has its answer or was abandoned. */
  stop(): Promise<void>;
}

export interface OrderClientOptions {
  url: string;
  adminKey: string;
  /** Customers that order at once, one order after the other each. */
  concurrency: number;
  /** Rest between two orders of one of them. */
  pauseMs: number;
  /** One in this many orders is abandoned when no answer comes; the others are sent again until one does. */
  abandonOneIn: number;
}

const answerLimitMs = 5_000;
const againAfterMs = 100;

/** Orders by HTTP as a well-behaved client does: no answer means to ask again under the same key. */
export function startOrderClient(options: OrderClientOptions): OrderClient {
  const sent: SentOrder[] = [];
  let stopping = false;
  let counter = 0;

  async function post(order: SentOrder): Promise<{ status: number; body: string }> {
    const response = await fetch(`${options.url}/v1/orders`, {
      method: 'POST',
      signal: AbortSignal.timeout(answerLimitMs),
      headers: {
        authorization: `Bearer ${options.adminKey}`,
        'content-type': 'application/json',
        'idempotency-key': order.idempotencyKey,
      },
      body: JSON.stringify(bodyOf(order.customerPo)),
    });
    return { status: response.status, body: await response.text() };
  }

  async function send(order: SentOrder): Promise<void> {
    for (;;) {
      try {
        const answer = await post(order);
        const id = answer.status === 201 ? (JSON.parse(answer.body) as { id: string }).id : undefined;
        order.answers.push(id === undefined ? answer : { ...answer, orderId: id });
        if (answer.status === 201) {
          // Now and then the same request comes twice all the same.
          if (order.answers.length > 1 || randomInt(20) > 0) return;
        } else if (answer.status < 500 && answer.status !== 409) {
          return;
        }
      } catch (error) {
        // Nobody there: nothing was sent, so there is nothing to wonder about.
        const refused = ((error as Error).cause as { code?: string } | undefined)?.code === 'ECONNREFUSED';
        if (!refused && randomInt(options.abandonOneIn) === 0) {
          order.abandoned = true;
          return;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, againAfterMs));
    }
  }

  async function customer(): Promise<void> {
    while (!stopping) {
      const number = ++counter;
      const order = {
        customerPo: `FAULT-${number}`,
        idempotencyKey: `fault-run-${number}`,
        answers: [],
        abandoned: false,
      };
      sent.push(order);
      await send(order);
      await new Promise((resolve) => setTimeout(resolve, options.pauseMs));
    }
  }

  const customers = Array.from({ length: options.concurrency }, customer);
  return {
    sent,
    async stop() {
      stopping = true;
      await Promise.all(customers);
    },
  };
}

function bodyOf(customerPo: string) {
  return {
    channel: 'portal',
    customer: 'C200',
    customerPo,
    lines: [
      { sku: 'BLT', quantity: { value: '1', uom: 'BX' } },
      { sku: 'LED', quantity: { value: '1', uom: 'EA' } },
    ],
  };
}
