import { type ErrorDetail, HubError } from '../platform/index.ts';
import type { Connection, NewConnection } from '../queue/index.ts';
import { escapePointer } from './strict-json.ts';

type Settings = Readonly<Record<string, unknown>>;

/** Every setting that is an address, by its pointer below `/settings`. */
function addressesOf(settings: unknown, pointer = ''): Map<string, string> {
  if (typeof settings === 'string' && /^[a-z][a-z0-9+.-]*:\/\//i.test(settings)) return new Map([[pointer, settings]]);
  if (typeof settings !== 'object' || settings === null) return new Map();
  return new Map(
    Object.entries(settings).flatMap(([name, value]) => [...addressesOf(value, `${pointer}/${escapePointer(name)}`)]),
  );
}

/** Scheme, host and port; undefined for what is no address after all. */
function originOf(address: string): string | undefined {
  const url = URL.parse(address);
  return url === null ? undefined : `${url.protocol}//${url.host}`;
}

/**
 * Settings are shown to whoever may read connections and stand in the audit: what belongs to the secrets must not be in them.
 * @throws HubError VALIDATION_FAILED
 */
export function refuseCredentialsInAddresses(settings: Settings): void {
  const errors: ErrorDetail[] = [];
  for (const [pointer, address] of addressesOf(settings)) {
    const url = URL.parse(address);
    const wrong =
      url === null
        ? 'is not an address'
        : url.username !== '' || url.password !== '' || /[?#\\]/.test(address)
          ? 'must not hold a user, a password, a query or a fragment: settings are shown and audited; give credentials as secrets'
          : undefined;
    if (wrong !== undefined) errors.push({ pointer: `/settings${pointer}`, code: 'ADDRESS', message: wrong });
  }
  if (errors.length > 0) throw new HubError('VALIDATION_FAILED', { errors });
}

/** They only check what comes in; no address is ever sent them. */
const neverSent = new Set(['webhookSecret', 'webhookSecretBefore']);

/**
 * Stored secrets go only to where they were given for. Otherwise whoever may change a connection could point it at a machine
 * of his own and read them there, though nobody can read them here.
 * @throws HubError VALIDATION_FAILED naming the secrets to give again
 */
export function requireSecretsForNewAddress(stored: Connection, wanted: NewConnection): void {
  const moved = whatMoved(stored, wanted);
  if (moved === undefined) return;
  const given = new Set([...Object.keys(wanted.secrets ?? {}), ...(wanted.forgetSecrets ?? [])]);
  const missing = stored.secretNames.filter((name) => !given.has(name) && !neverSent.has(name));
  if (missing.length === 0) return;
  const message = `${moved}: stored secrets are not sent to another place than they were given for; give this one again`;
  throw new HubError('VALIDATION_FAILED', {
    message: `${moved}: the stored secrets have to be given again with this change`,
    errors: missing.map((name) => ({ pointer: `/secrets/${escapePointer(name)}`, code: 'required', message })),
  });
}

function whatMoved(stored: Connection, wanted: NewConnection): string | undefined {
  if (stored.type !== wanted.type) return 'the type changes';
  const before = addressesOf(stored.settings);
  for (const [pointer, address] of addressesOf(wanted.settings)) {
    const known = before.get(pointer);
    if (known === undefined || originOf(known) !== originOf(address))
      return `the address in ${pointer.slice(1)} changes`;
  }
  const { allowPrivateNetwork } = wanted.settings;
  if (allowPrivateNetwork === true && stored.settings.allowPrivateNetwork !== true) {
    return 'private addresses become allowed';
  }
  return undefined;
}
