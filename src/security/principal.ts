import type { RequestRate } from './request-rates.ts';
import { type Action, actionsOf, type Role } from './roles.ts';

/** Who a request comes from. Nothing a client sends besides its credentials can change it. */
export interface Principal {
  readonly tenantId: string;
  /** Stable name for audit: `key:<id>`, `user:<id>` or `admin-key`. */
  readonly actor: string;
  readonly displayName: string;
  readonly roles: readonly Role[];
  readonly actions: ReadonlySet<Action>;
  /** Present for a key whose requests are limited. */
  readonly rate?: RequestRate;
  /** Present for a browser session. */
  readonly session?: { readonly id: string; readonly csrfToken: string; readonly expiresAt: Date };
}

export function createPrincipal(facts: Omit<Principal, 'actions'>): Principal {
  return { ...facts, actions: new Set(actionsOf(facts.roles)) };
}
