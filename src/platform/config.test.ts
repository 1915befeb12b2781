import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HubError, loadConfig, type Setting, settings } from './index.ts';

function problemsOf(env: Record<string, string>): Record<string, string> {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof HubError && error.code === 'CONFIG_INVALID') {
      return Object.fromEntries((error.errors ?? []).map((e) => [e.pointer, e.code]));
    }
  }
  return {};
}

describe('loadConfig', () => {
  it('needs nothing', () => {
    expect(loadConfig({})).toMatchObject({
      port: 8080,
      host: '127.0.0.1',
      dataDir: resolve('data'),
      databaseUrl: undefined,
      adminKey: undefined,
      roles: ['api', 'worker', 'scheduler'],
      publicUrl: 'http://127.0.0.1:8080',
      unknownVariables: [],
    });
  });

  it('reports every problem at once', () => {
    const env = {
      CROSSDOCK_PORT: '80a',
      CROSSDOCK_ROLES: 'api,boss',
      CROSSDOCK_LOG_LEVEL: 'loud',
      CROSSDOCK_ADMIN_KEY: 'with blank',
      CROSSDOCK_MASTER_KEY: 'c2hvcnQ=',
      CROSSDOCK_LEASE_MS: '1',
      DATABASE_URL: 'mysql://x/y',
    };
    expect(problemsOf(env)).toEqual({
      CROSSDOCK_PORT: 'range',
      CROSSDOCK_ROLES: 'enum',
      CROSSDOCK_LOG_LEVEL: 'enum',
      CROSSDOCK_ADMIN_KEY: 'charset',
      CROSSDOCK_MASTER_KEY: 'length',
      CROSSDOCK_LEASE_MS: 'range',
      DATABASE_URL: 'url',
    });
  });

  it('never repeats a value in its message, which may be a secret', () => {
    expect(() => loadConfig({ CROSSDOCK_ADMIN_KEY: 'hunter 2' })).toThrow(/^(?!.*hunter)/s);
  });

  it('treats an empty variable as absent, and takes socket URLs', () => {
    const config = loadConfig({ CROSSDOCK_PORT: ' ', DATABASE_URL: 'postgresql://me@/db?host=/run/postgresql' });
    expect(config.port).toBe(8080);
    expect(config.databaseUrl).toBe('postgresql://me@/db?host=/run/postgresql');
  });

  it('names variables that look like typing errors', () => {
    expect(loadConfig({ CROSSDOCK_PROT: '1', HOME: '/' }).unknownVariables).toEqual(['CROSSDOCK_PROT']);
  });

  it('knows every variable of its list, and nothing else', () => {
    const env = Object.fromEntries(Object.values(settings).map(({ variable }) => [variable, '']));
    expect(loadConfig({ ...env, CROSSDOCK_NEW: '' }).unknownVariables).toEqual(['CROSSDOCK_NEW']);
  });

  it('makes an address people can open from a wildcard host', () => {
    expect(loadConfig({ CROSSDOCK_HOST: '0.0.0.0', CROSSDOCK_PORT: '9000' }).publicUrl).toBe('http://localhost:9000');
    expect(loadConfig({ CROSSDOCK_PUBLIC_URL: 'https://hub.example/' }).publicUrl).toBe('https://hub.example');
  });

  it('wants an administrator’s key that cannot be guessed, and says how to make one', () => {
    expect(() => loadConfig({ CROSSDOCK_ADMIN_KEY: 'fifteen-letters' })).toThrow(/16 characters or more.*openssl rand/);
    expect(loadConfig({ CROSSDOCK_ADMIN_KEY: 'sixteen-letters-' }).adminKey).toBe('sixteen-letters-');
  });

  it('believes the proxies that are named, and no words', () => {
    expect(loadConfig({}).trustedProxies).toEqual([]);
    const named = loadConfig({ CROSSDOCK_TRUSTED_PROXIES: '10.0.0.5, 10.1.0.0/16,fd00::/8' });
    expect(named.trustedProxies).toEqual(['10.0.0.5', '10.1.0.0/16', 'fd00::/8']);
    for (const wrong of ['true', '10.0.0.0/33', '10.0.0', '10.0.0.0/8/8', 'proxy.example'])
      expect(() => loadConfig({ CROSSDOCK_TRUSTED_PROXIES: wrong }), wrong).toThrow(/CROSSDOCK_TRUSTED_PROXIES/);
  });
});

describe('the settings', () => {
  const text = readFileSync(new URL('../../docs/reference/settings.md', import.meta.url), 'utf8');

  it('are what docs/reference/settings.md says (node scripts/generate-reference.mjs)', () => {
    const documented = [...text.matchAll(/^\| `([A-Z_]+)` \| (.*?) \| .*? \| (.+) \|$/gm)].map((m) => m.slice(1));
    const written = ({ fallback = '' }: Setting) => (Array.isArray(fallback) ? fallback.join(',') : String(fallback));
    const declared = Object.values(settings).map((setting: Setting) => {
      const byDefault = written(setting);
      return [setting.variable, byDefault.includes(' ') ? byDefault : `\`${byDefault}\``, setting.what];
    });
    expect(documented).toEqual(declared);
  });

  it('that the README names have the defaults that it says', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const named = [...readme.matchAll(/^\| `([A-Z_]+)` \| (.*?) \|/gm)].map((m) => m.slice(1));
    expect(named).toHaveLength(5);
    for (const [variable, fallback] of named) expect(text).toContain(`| \`${variable}\` | ${fallback} |`);
  });
});
