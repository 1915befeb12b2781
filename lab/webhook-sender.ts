import { createHmac, createSecretKey } from 'node:crypto';
import { Agent, request } from 'undici';
import type { Dials } from './dials.ts';
import { delay } from './lab-server.ts';

/** One message to the hub. `key` is what its order is kept by. */
export interface OutgoingWebhook {
  id: string;
  key: string;
  body: Record<string, unknown>;
}

export interface WebhookSender {
  send(webhook: OutgoingWebhook): void;
  setTarget(url: string): void;
  /** Webhooks not yet answered with 2xx. */
  readonly pending: number;
  stop(): Promise<void>;
}

interface SenderOptions {
  /** `http://…/v1/webhooks/{connection}`; empty: kept until one is set. */
  target: string;
  secret: string;
  dials: Dials;
  random: () => number;
  clock(): Date;
  onDelivered(id: string): void;
}

const maxInFlight = 32;

/**
 * Sends signed webhooks (Standard Webhooks) and repeats each until it is answered with 2xx. Those of one key go one after
 * the other, different keys side by side; the dials make it send twice or out of order.
 */
export function createWebhookSender(options: SenderOptions): WebhookSender {
  const { dials, random } = options;
  const key = createSecretKey(Buffer.from(options.secret.replace(/^whsec_/, ''), 'base64'));
  const agent = new Agent({ connections: maxInFlight, pipelining: 1 });
  const chains = new Map<string, Promise<void>>();
  let target = options.target;
  let pending = 0;
  let stopped = false;
  let slots = maxInFlight;
  const queue: (() => void)[] = [];

  const withSlot = async <T>(work: () => Promise<T>): Promise<T> => {
    if (slots === 0) await new Promise<void>((resolve) => queue.push(resolve));
    else slots -= 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else slots += 1;
    }
  };

  const post = async (id: string, body: string): Promise<boolean> => {
    if (target === '') return false;
    const timestamp = String(Math.floor(options.clock().getTime() / 1000));
    try {
      const reply = await request(target, {
        method: 'POST',
        dispatcher: agent,
        body,
        headersTimeout: 30_000,
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
        },
      });
      await reply.body.dump();
      return reply.statusCode >= 200 && reply.statusCode < 300;
    } catch {
      return false;
    }
  };

  const postUntilTaken = async (id: string, body: string): Promise<void> => {
    for (let waitMs = dials.webhookRetryMs; !stopped; waitMs = Math.min(waitMs * 2, dials.webhookRetryMaxMs)) {
      if (await withSlot(() => post(id, body))) return;
      await delay(waitMs);
    }
  };

  const deliver = async (webhook: OutgoingWebhook): Promise<void> => {
    const body = JSON.stringify(webhook.body);
    await postUntilTaken(webhook.id, body);
    if (stopped) return;
    options.onDelivered(webhook.id);
    pending -= 1;
    if (random() < dials.duplicates) await postUntilTaken(webhook.id, body);
    if (random() < dials.repeats) {
      void delay(random() * dials.outOfOrderMs).then(() => postUntilTaken(`${webhook.id}-again`, body));
    }
  };

  return {
    send(webhook) {
      pending += 1;
      if (random() < dials.outOfOrder) {
        void delay(random() * dials.outOfOrderMs).then(() => deliver(webhook));
        return;
      }
      const chain = (chains.get(webhook.key) ?? Promise.resolve()).then(() => deliver(webhook));
      chains.set(webhook.key, chain);
      void chain.then(() => {
        if (chains.get(webhook.key) === chain) chains.delete(webhook.key);
      });
    },
    setTarget(url) {
      target = url;
    },
    get pending() {
      return pending;
    },
    async stop() {
      stopped = true;
      await agent.destroy();
    },
  };
}
