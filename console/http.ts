/** The console's only way to the hub. Mutations carry the CSRF token that `/v1/me` handed out. */

export interface Problem {
  title: string;
  status: number;
  code: string;
  detail?: string;
  errors?: { pointer: string; code: string; message?: string }[];
}

export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail ?? wordsOfErrors(problem.errors) ?? problem.title);
    this.problem = problem;
  }
}

/** What is wrong with each field, by its name. */
function wordsOfErrors(errors: Problem['errors'] = []): string | undefined {
  const said = errors.flatMap(({ pointer, message }) => {
    if (message === undefined) return [];
    const field = pointer.split('/').at(-1) ?? '';
    return [field === '' ? message : `${field}: ${message}`];
  });
  return said.length === 0 ? undefined : said.join('; ');
}

/** Somebody else has changed it since it was read: the ETag sent along is no longer its own. */
export function isStale(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.status === 412;
}

let csrfToken = '';
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

export interface Answer<T> {
  data: T;
  etag?: string;
}

/** Sends JSON, answers parsed JSON; a problem+json answer or a lost connection becomes a ProblemError. */
export async function send<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const init: RequestInit = { method, headers: { accept: 'application/json', ...headers }, credentials: 'same-origin' };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    (init.headers as Record<string, string>)['content-type'] = 'application/json';
  }
  if (method !== 'GET') (init.headers as Record<string, string>)['x-csrf-token'] = csrfToken;
  const response = await request(path, init);
  const text = await response.text();
  const data = text ? parse(text) : undefined;
  if (!response.ok) throw new ProblemError(toProblem(response.status, data));
  const etag = response.headers.get('etag');
  return { data: data as T, ...(etag ? { etag } : {}) };
}

/** Posts a file as it is; sent again under the same key it answers what it answered before. */
export async function sendFile<T>(path: string, file: Blob, contentType: string, key: string): Promise<T> {
  const headers = {
    accept: 'application/json',
    'content-type': contentType,
    'idempotency-key': key,
    'x-csrf-token': csrfToken,
  };
  const response = await request(path, { method: 'POST', headers, body: file, credentials: 'same-origin' });
  const data = parse(await response.text());
  if (!response.ok) throw new ProblemError(toProblem(response.status, data));
  return data as T;
}

/** What is not JSON: a template, a raw payload. */
export async function readText(path: string): Promise<string> {
  const response = await request(path, { credentials: 'same-origin' });
  const text = await response.text();
  if (!response.ok) throw new ProblemError(toProblem(response.status, parse(text)));
  return text;
}

async function request(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch {
    throw new ProblemError({
      title: 'The hub does not answer',
      status: 0,
      code: 'UNREACHABLE',
      detail: 'The hub does not answer. It may be restarting; this page tries again by itself.',
    });
  }
}

export async function get<T>(path: string): Promise<T> {
  return (await send<T>('GET', path)).data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toProblem(status: number, data: unknown): Problem {
  const known = typeof data === 'object' && data !== null ? (data as Partial<Problem>) : {};
  return { ...known, title: known.title ?? `HTTP ${status}`, status, code: known.code ?? 'HTTP_ERROR' };
}
