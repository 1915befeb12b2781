import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import type { Principal, Action } from '../security/index.ts';
import type { ApiServices } from './services.ts';
import type { Trace } from './trace.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Who may call a route: an action of the role matrix; `signed-in` for any valid identity; `signature` where the bytes
 * prove their origin (webhooks); `public` for what tells nothing about a tenant.
 */
export type Access = Action | 'signed-in' | 'signature' | 'public';

/** Bodies that are not JSON: taken as bytes, with the media types they may have. */
export interface RawBody {
  readonly mediaTypes: readonly string[];
  readonly description: string;
}

export interface RouteRequest<P = unknown, Q = unknown, B = unknown> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** The body as it came, e.g. for its hash or signature. Empty when there is none. */
  readonly bytes: Buffer;
  /** The principal. On `public` and `signature` routes there is none: reading it throws. */
  readonly principal: Principal;
  readonly trace: Trace;
  /** Present where the route is declared `idempotent`. */
  readonly idempotencyKey: string;
  readonly headers: FastifyRequest['headers'];
  /** The peer's address. */
  readonly address: string;
  readonly raw: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface RouteReply {
  readonly status?: number;
  /**
   * For JSON routes an object of the response's shape, or its JSON text where the route knows that it has no other
   * fields; bytes or text for others.
   */
  readonly body?: unknown;
  /** Instead of `body`: JSON text of the response's shape, for answers that are put together from parts made before. */
  readonly json?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Becomes the ETag. */
  readonly version?: number;
}

/** How a precondition is asked for: `required` (actions), `put` (create without, change with If-Match). */
export type Precondition = 'required' | 'put';

export interface RouteSpec<P extends TSchema, Q extends TSchema, B extends TSchema> {
  readonly method: Method;
  /** With parameters as `{name}`, as in OpenAPI. */
  readonly path: string;
  readonly access: Access;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly rawBody?: RawBody;
  /** Default: 10 MB for raw bodies and what takes in work, 1 MB for other JSON. */
  readonly bodyLimitBytes?: number;
  /** Status of success; 200 unless said otherwise. */
  readonly status?: number;
  /** Further statuses of success with the same body, e.g. 200 beside 201. */
  readonly alsoStatus?: readonly number[];
  readonly response?: TSchema;
  /** Media type of a response that is not JSON. */
  readonly responseType?: string;
  readonly idempotent?: true;
  readonly precondition?: Precondition;
  /** Its answer has an ETag, for an If-Match elsewhere. Where there is a `precondition` it goes without saying. */
  readonly etag?: true;
  /** A door: what a known client has refused here is kept as a message of this channel and shown to people. */
  readonly door?: string;
  /** Takes in new work: refused with 503 before anything is written while too much is open. */
  readonly intake?: true;
  /** Error codes worth naming in the documentation besides the common ones. */
  readonly problems?: readonly string[];
  handle(
    request: RouteRequest<Static<P>, Static<Q>, Static<B>>,
    services: ApiServices,
  ): RouteAnswer | Promise<RouteAnswer>;
}

/** What a route answers with; the reply itself where it has answered by hand. */
export type RouteAnswer = RouteReply | FastifyReply;

/** A declared route, its types erased for the list. */
export interface Route extends Omit<RouteSpec<TSchema, TSchema, TSchema>, 'handle'> {
  handle(request: RouteRequest, services: ApiServices): RouteAnswer | Promise<RouteAnswer>;
}

/** Declares one route; validation, authorization, OpenAPI and the test matrix are derived from the declaration. */
export function defineRoute<P extends TSchema, Q extends TSchema, B extends TSchema>(spec: RouteSpec<P, Q, B>): Route {
  if (spec.body !== undefined && spec.rawBody !== undefined) {
    throw new TypeError(`${spec.method} ${spec.path}: a body is either JSON or raw`);
  }
  return spec as unknown as Route;
}
