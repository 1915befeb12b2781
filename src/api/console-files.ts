import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

/**
 * Nothing but our own files and our own API. Styles may be inline because the component library computes some at run
 * time; scripts may not.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Crossdock</title>
<h1>The console has not been built</h1>
<p>Run <code>npm run build:console</code>, or start the hub with <code>npm start</code>, which does so.
The <a href="/docs">API</a> works without it.</p></html>`;

function withConsoleHeaders(reply: FastifyReply): FastifyReply {
  return reply
    .header('content-security-policy', contentSecurityPolicy)
    .header('x-frame-options', 'DENY')
    .header('referrer-policy', 'no-referrer')
    .header('cross-origin-opener-policy', 'same-origin')
    .header('permissions-policy', 'camera=(), microphone=(), geolocation=()');
}

/**
 * Serves the console. Every path without a dot that is not the API's is one of its screens and gets index.html, so that
 * a link to an order works when it is opened afresh.
 */
export async function registerConsole(app: FastifyInstance, consoleDir: string | undefined): Promise<void> {
  const index = consoleDir === undefined ? undefined : join(consoleDir, 'index.html');
  if (consoleDir === undefined || index === undefined || !existsSync(index)) {
    app.get('/', (_request, reply) => withConsoleHeaders(reply).type('text/html; charset=utf-8').send(notBuilt));
    return;
  }
  await app.register(fastifyStatic, {
    root: consoleDir,
    index: false,
    wildcard: false,
    serve: false,
    // The build lays .br and .gz beside its files; where they are missing, the file itself is sent.
    preCompressed: true,
  });
  const sendIndex = (reply: FastifyReply) =>
    withConsoleHeaders(reply)
      .header('cache-control', 'no-cache')
      .sendFile('index.html', consoleDir, { cacheControl: false });
  app.get('/', (_request, reply) => sendIndex(reply));
  app.get('/*', (request, reply) => {
    const path = decodePath((request.params as Record<string, string>)['*'] ?? '');
    if (path === undefined || /^(v1|docs|schemas)(\/|$)/.test(path)) return reply.callNotFound();
    if (!path.includes('.')) return sendIndex(reply);
    // Files of the build carry a hash in their name and never change under it.
    const unchanging = path.startsWith('assets/');
    return withConsoleHeaders(reply).sendFile(path, consoleDir, {
      cacheControl: true,
      immutable: unchanging,
      maxAge: unchanging ? '365d' : 0,
    });
  });
}

function decodePath(path: string): string | undefined {
  return path.split('/').includes('..') || path.includes('\0') || path.includes('\\') ? undefined : path;
}
