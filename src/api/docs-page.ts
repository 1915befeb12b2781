import type { FastifyInstance } from 'fastify';
import { type CanonicalSchemaName, canonicalSchemas, exportJsonSchema, schemaVersion } from '../model/index.ts';
import { errorCatalog, type ErrorCode } from '../platform/index.ts';
import { createAsyncApi } from './asyncapi.ts';
import type { Route } from './define-route.ts';
import { createOpenApi } from './openapi.ts';
import { statusOfCode } from './problem.ts';
import { routes } from './routes.ts';

/** Made when somebody first asks for it, and kept: most hubs are never asked, and the page alone is 1.5 MB. */
function onceAsked(make: () => string): () => string {
  let made: string | undefined;
  return () => (made ??= make());
}

/** /openapi.json and /asyncapi.json for machines and /docs for people: one page, made of the same declarations, that needs no script. */
export function registerDocs(app: FastifyInstance, version: string): void {
  const document = onceAsked(() => JSON.stringify(createOpenApi(routes, version)));
  const events = onceAsked(() => JSON.stringify(createAsyncApi(version)));
  const page = onceAsked(() => renderDocs(routes, version));
  app.get('/openapi.json', (_request, reply) =>
    reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(document()),
  );
  app.get('/asyncapi.json', (_request, reply) =>
    reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(events()),
  );
  app.get('/docs', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-cache')
      .header('referrer-policy', 'no-referrer')
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
      )
      .send(page()),
  );
  registerSchemas(app);
}

/** The canonical model as JSON Schema. A published version never changes, so that it may be kept for good. */
function registerSchemas(app: FastifyInstance): void {
  const names = Object.keys(canonicalSchemas) as CanonicalSchemaName[];
  const pathOf = (name: string): string => `/schemas/${name}/v${schemaVersion}`;
  app.get('/schemas', (_request, reply) =>
    reply.header('cache-control', 'no-cache').send({ data: names.map((name) => ({ name, path: pathOf(name) })) }),
  );
  for (const name of names) {
    const text = onceAsked(() => JSON.stringify(exportJsonSchema(name)));
    app.get(pathOf(name), (_request, reply) =>
      reply
        .type('application/schema+json; charset=utf-8')
        .header('cache-control', 'public, max-age=31536000, immutable')
        .send(text()),
    );
  }
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A text for people; what stands between backticks is code. */
function renderText(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

const style = `:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:2rem 1rem}
code,pre{font:0.9em/1.45 ui-monospace,monospace}code{overflow-wrap:anywhere}td:first-child code{overflow-wrap:normal}pre{background:var(--soft);padding:.75rem;overflow:auto;border-radius:6px}
details{border:1px solid var(--line);border-radius:6px;margin:.4rem 0}summary{padding:.5rem .75rem;cursor:pointer}
details>div{padding:0 .75rem .75rem}.m{display:inline-block;min-width:4.2em;font-weight:700}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem}h1 small{font-weight:400;opacity:.7}
@media(max-width:40rem){td,th{padding:.3rem .5rem .3rem 0}}`;

function renderDocs(list: readonly Route[], version: string): string {
  const tags = [...new Set(list.map((route) => route.tag))];
  const anchor = (tag: string): string => tag.toLowerCase().replaceAll(/[^a-z]+/g, '-');
  const sections = tags.map(
    (tag) =>
      `<h2 id="${anchor(tag)}">${escapeHtml(tag)}</h2>${list
        .filter((route) => route.tag === tag)
        .map(renderRoute)
        .join('')}`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Crossdock API</title><style>${style}</style></head><body><h1>Crossdock API <small>${escapeHtml(version)}</small></h1>
<p>Send <code>Authorization: Bearer &lt;API key&gt;</code>. Every POST that creates needs an <code>Idempotency-Key</code>; changes of
configuration need <code>If-Match</code>. Errors are <code>application/problem+json</code> with a stable <code>code</code>.
The machine-readable form is <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>
<pre>curl -H "Authorization: Bearer $CROSSDOCK_ADMIN_KEY" http://localhost:8080/v1/orders</pre>
<nav>${tags.map((tag) => `<a href="#${anchor(tag)}">${escapeHtml(tag)}</a>`).join('')}<a href="#errors">Error codes</a></nav>
${sections.join('\n')}<h2 id="errors">Error codes</h2><table><tr><th>Code</th><th>Status</th><th>Meaning, and what to do</th></tr>
${(Object.keys(errorCatalog) as ErrorCode[]).map(renderError).join('')}</table></body></html>`;
}

function renderError(code: ErrorCode): string {
  const { title, fix } = errorCatalog[code];
  return `<tr id="error-${code}"><td><code>${code.replaceAll('_', '_<wbr>')}</code></td><td>${statusOfCode[code] ?? 500}</td><td>${escapeHtml(title)}.<br><small>${renderText(fix)}</small></td></tr>`;
}

function renderRoute(route: Route): string {
  const facts = [
    `<p>${renderText(route.description ?? route.summary)}</p>`,
    `<p>Permission: <code>${route.access}</code>${route.idempotent ? ' · needs <code>Idempotency-Key</code>' : ''}${
      route.precondition === undefined ? '' : ' · <code>If-Match</code>'
    }</p>`,
    renderSchema('Query', route.query),
    renderSchema('Body', route.body),
    route.rawBody === undefined
      ? ''
      : `<p>Body (${route.rawBody.mediaTypes.join(', ')}): ${escapeHtml(route.rawBody.description)}</p>`,
    renderSchema(`Response ${route.status ?? 200}`, route.response),
  ];
  return `<details><summary><span class="m">${route.method}</span> <code>${escapeHtml(route.path)}</code> — ${escapeHtml(route.summary)}</summary><div>${facts.join('')}</div></details>`;
}

function renderSchema(title: string, schema: unknown): string {
  return schema === undefined
    ? ''
    : `<h4>${title}</h4><pre tabindex="0">${escapeHtml(JSON.stringify(schema, undefined, 1))}</pre>`;
}
