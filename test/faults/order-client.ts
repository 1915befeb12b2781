import { createHash } from 'node:crypto';
import { type Random, randomStream } from '../simulation/random.ts';

/** What a client saw of one order it sent. */
export interface SentOrder {
  readonly customerPo: string;
  readonly idempotencyKey: string;
  /** SHA-256 of the body, as hex. */
  readonly bodyHash: string;
  /** Every answer it got; several when it asked again with the same key. */
  readonly answers: { status: number; orderId?: string; body: string }[];
  /** It gave up without an answer: the order may or may not exist. */
  abandoned: boolean;
  /** It had to ask again because an answer was lost. */
  doubted: boolean;
  /** Answer to another body (of another PO) under the same key, once the first had been answered. */
  otherBody?: { status: number; customerPo: string };
}

export interface OrderClient {
  readonly sent: readonly SentOrder[];
  /** Highest time between two successive successes, since the last call: how long orders were refused. */
  longestSilenceMs(): number;
  /** Sends nothing new; resolves when every open order has its answer or was abandoned. */
  stop(): Promise<void>;
  /** Ends without waiting for answers, because nobody is left to give any. */
  abandon(): Promise<void>;
}

export interface OrderClientOptions {
  url: string;
  adminKey: string;
  seed: number;
  /** Customers that order at once, one order after the other each. */
  concurrency: number;
  /** Rest between two orders of one of them. */
  pauseMs: number;
  /** One in this many orders is abandoned when no answer comes; the others are sent again until one does. */
  abandonOneIn: number;
  /** Set before order numbers, so that several clients of one hub do not meet. */
  prefix?: string;
}

const answerLimitMs = 5_000;
const againAfterMs = 100;

/** Orders by HTTP as a well-behaved client does: no answer means to ask again under the same key. */
export function startOrderClient(options: OrderClientOptions): OrderClient {
  const sent: SentOrder[] = [];
  const prefix = options.prefix ?? 'FAULT';
  let stopping = false;
  let abandoned = false;
  let counter = 0;
  let lastSuccessMs = performance.now();
  let silenceMs = 0;

  async function post(body: string, idempotencyKey: string): Promise<{ status: number; body: string }> {
    const response = await fetch(`${options.url}/v1/orders`, {
      method: 'POST',
      signal: AbortSignal.timeout(answerLimitMs),
      headers: {
        authorization: `Bearer ${options.adminKey}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
      body,
    });
    return { status: response.status, body: await response.text() };
  }

  function noteSuccess(): void {
    const nowMs = performance.now();
    silenceMs = Math.max(silenceMs, nowMs - lastSuccessMs);
    lastSuccessMs = nowMs;
  }

  async function send(order: SentOrder, random: Random): Promise<void> {
    const body = JSON.stringify(bodyOf(order.customerPo));
    while (!abandoned) {
      try {
        const answer = await post(body, order.idempotencyKey);
        const id = answer.status === 201 ? (JSON.parse(answer.body) as { id: string }).id : undefined;
        order.answers.push(id === undefined ? answer : { ...answer, orderId: id });
        if (answer.status === 201) {
          noteSuccess();
          // Now and then the same request comes twice all the same.
          if (order.answers.length > 1 || !random.chance(1 / 20)) return;
        } else if (answer.status < 500 && answer.status !== 409) {
          return;
        }
      } catch (error) {
        // Nobody there: nothing was sent, so there is nothing to wonder about.
        const refused = ((error as Error).cause as { code?: string } | undefined)?.code === 'ECONNREFUSED';
        if (!refused) {
          order.doubted = true;
          if (random.chance(1 / options.abandonOneIn)) {
            order.abandoned = true;
            return;
          }
        }
      }
      await new Promise((resolve) => setTimeout(resolve, againAfterMs));
    }
  }

  /** A mistake that clients make: the same key for another order. */
  async function misuse(order: SentOrder): Promise<void> {
    const customerPo = `${order.customerPo}-OTHER`;
    try {
      const { status } = await post(JSON.stringify(bodyOf(customerPo)), order.idempotencyKey);
      // Refused for want of a database or of time says nothing about the key.
      if (status < 500 && status !== 429) order.otherBody = { status, customerPo };
    } catch {
      // No answer: the mistake shows nothing this time.
    }
  }

  async function customer(which: number): Promise<void> {
    const random = randomStream(options.seed, `${prefix} customer ${which}`);
    while (!stopping) {
      const number = ++counter;
      const customerPo = `${prefix}-${number}`;
      const order: SentOrder = {
        customerPo,
        idempotencyKey: `${prefix}-run-${number}`,
        bodyHash: createHash('sha256')
          .update(JSON.stringify(bodyOf(customerPo)))
          .digest('hex'),
        answers: [],
        abandoned: false,
        doubted: false,
      };
      sent.push(order);
      await send(order, random);
      if (order.answers.at(-1)?.status === 201 && random.chance(1 / 25)) await misuse(order);
      await new Promise((resolve) => setTimeout(resolve, options.pauseMs));
    }
  }

  const customers = Array.from({ length: options.concurrency }, (_, which) => customer(which));
  return {
    sent,
    longestSilenceMs() {
      noteSuccess();
      const longest = silenceMs;
      silenceMs = 0;
      return longest;
    },
    async stop() {
      stopping = true;
      await Promise.all(customers);
    },
    async abandon() {
      stopping = true;
      abandoned = true;
      await Promise.all(customers);
    },
  };
}

export function bodyOf(customerPo: string) {
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
