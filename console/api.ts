import type { ApiRoutes } from '../src/api/contract.ts';
import { type Answer, send } from './http.ts';

type RouteKey = keyof ApiRoutes;
type BodyOf<K extends RouteKey> = ApiRoutes[K] extends { body: infer B } ? B : undefined;
type QueryOf<K extends RouteKey> = ApiRoutes[K] extends { query: infer Q } ? Q : undefined;
type ResponseOf<K extends RouteKey> = ApiRoutes[K]['response'];

export interface CallOptions<K extends RouteKey> {
  params?: Record<string, string>;
  query?: QueryOf<K>;
  body?: BodyOf<K>;
  /** Sent as If-Match where the route wants the version it changes; `*` for whichever there is by then. */
  version?: number | '*';
}

/** Calls one route of the contract: `call('GET /v1/orders/{id}', { params: { id } })`. */
export async function call<K extends RouteKey>(route: K, options: CallOptions<K> = {}): Promise<ResponseOf<K>> {
  return (await callWithEtag(route, options)).data;
}

function callWithEtag<K extends RouteKey>(route: K, options: CallOptions<K> = {}): Promise<Answer<ResponseOf<K>>> {
  const [method, template] = route.split(' ') as [string, string];
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(options.params?.[name] ?? ''));
  const headers: Record<string, string> = {};
  if (options.version !== undefined) headers['if-match'] = options.version === '*' ? '*' : `"${options.version}"`;
  if (method === 'POST') headers['idempotency-key'] = crypto.randomUUID();
  return send<ResponseOf<K>>(method, path + queryString(options.query), options.body, headers);
}

function queryString(query: unknown): string {
  const entries = Object.entries((query ?? {}) as Record<string, unknown>).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries.map(([key, value]) => [key, String(value)]))}`;
}
