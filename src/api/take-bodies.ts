import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { HubError } from '../platform/index.ts';
import type { Route } from './define-route.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Gives the body's bytes back to the budget; absent where it was too small to count. */
    releaseBody: (() => void) | undefined;
  }
  interface FastifyContextConfig {
    /** Absent: nothing of a body is read, as where there is no route. */
    bodyLimitBytes?: number;
  }
}

/** 10 MB in the sense of 10 × 1024 × 1024 bytes; one more is 413. For what carries business: orders, files, webhooks. */
export const bodyLimitBytes = 10 * 1024 * 1024;
/** For JSON by which the hub is set up and worked with. */
const administrationLimitBytes = 1024 * 1024;

export const limitOf = (route: Route): number =>
  route.bodyLimitBytes ??
  (route.rawBody !== undefined || route.intake === true ? bodyLimitBytes : administrationLimitBytes);

/**
 * Bodies up to this count for nothing: a connection costs as much, and an order or a webhook of everyday size gets in
 * while somebody fills the budget.
 */
const freeBytes = 16 * 1024;
/** What all requests together may hold of their bodies, from the first byte to the end of their answer. */
const budgetBytes = 128 * 1024 * 1024;
/** Of it what those may hold who have shown no credentials: webhooks, before their signature is checked. */
const unknownBudgetBytes = 32 * 1024 * 1024;

interface Budget {
  total: number;
  unknown: number;
}

/**
 * Every body arrives as the bytes that were sent; what it means is decided by the route, not by a header alone. However
 * many send at once, the memory for it is bounded: what does not fit is answered 503 with Retry-After.
 */
export function takeBodies(app: FastifyInstance): void {
  const budget: Budget = { total: 0, unknown: 0 };
  app.removeAllContentTypeParsers();
  app.decorateRequest('releaseBody', undefined);
  app.addContentTypeParser('*', (request, payload, done) => {
    const limit = request.routeOptions.config.bodyLimitBytes;
    if (limit === undefined) done(null, undefined);
    else new Taking(request, payload, limit, budget, done).begin();
  });
}

/** One body on its way in, from its first byte to its last or to its refusal. */
class Taking {
  readonly #request: FastifyRequest;
  readonly #payload: IncomingMessage;
  readonly #limit: number;
  readonly #budget: Budget;
  readonly #done: (error: Error | null, body?: Buffer) => void;
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #counted = 0;

  constructor(
    request: FastifyRequest,
    payload: IncomingMessage,
    limit: number,
    budget: Budget,
    done: (error: Error | null, body?: Buffer) => void,
  ) {
    this.#request = request;
    this.#payload = payload;
    this.#limit = limit;
    this.#budget = budget;
    this.#done = done;
  }

  begin(): void {
    const declared = Number(this.#request.headers['content-length']);
    if (declared > this.#limit) this.#done(tooLarge(this.#limit));
    // What cannot fit is not begun; what is not declared is found out as it comes.
    else if (declared > freeBytes && this.#exceeds(declared)) this.#done(overloaded());
    else this.#payload.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError).resume();
  }

  #exceeds(bytes: number): boolean {
    const { total, unknown } = this.#budget;
    return total + bytes > budgetBytes || (this.#isUnknown && unknown + bytes > unknownBudgetBytes);
  }

  get #isUnknown(): boolean {
    return this.#request.principal === undefined;
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#length += chunk.length;
    if (this.#length > this.#limit) {
      this.#fail(tooLarge(this.#limit));
      return;
    }
    const more = this.#length > freeBytes ? this.#length - this.#counted : 0;
    if (more > 0 && this.#exceeds(more)) {
      this.#fail(overloaded());
      return;
    }
    if (more > 0) this.#count(more);
    this.#chunks.push(chunk);
  };

  readonly #onEnd = (): void => {
    this.#letGo();
    const declared = Number(this.#request.headers['content-length']);
    if (!Number.isNaN(declared) && declared !== this.#length) {
      this.#fail(new HubError('VALIDATION_FAILED', { message: 'The request could not be read' }));
      return;
    }
    if (this.#counted > 0) this.#request.releaseBody = () => this.#count(-this.#counted);
    // Always a copy: a chunk may be a view of memory that the socket writes again.
    this.#done(null, Buffer.concat(this.#chunks, this.#length));
  };

  readonly #onError = (): void => this.#fail(new HubError('VALIDATION_FAILED', { message: 'The request broke off' }));

  #count(bytes: number): void {
    this.#counted += bytes;
    this.#budget.total += bytes;
    if (this.#isUnknown) this.#budget.unknown += bytes;
  }

  /** What still comes flows away unread. */
  #fail(error: HubError): void {
    this.#letGo();
    this.#count(-this.#counted);
    this.#chunks.length = 0;
    this.#done(error);
  }

  #letGo(): void {
    this.#payload.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onError);
    // A body that breaks off after its refusal is nobody's business, and must not end the process.
    this.#payload.on('error', ignore);
  }
}

const ignore = (): void => {};

const tooLarge = (limit: number): HubError =>
  new HubError('PAYLOAD_TOO_LARGE', {
    message: `The body may have at most ${limit.toLocaleString('en-US')} bytes here`,
  });

const overloaded = (): HubError =>
  new HubError('OVERLOADED', { message: 'Too many large bodies are being sent at once; try again shortly' });
