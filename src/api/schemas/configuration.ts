import { type Static, type TSchema, Type } from 'typebox';
import { Code, closed, Instant } from '../../model/index.ts';
import { Json, page, pageQuery, Version } from './conventions.ts';

/** In lists, configuration carries its version beside the value; of a single resource the ETag tells it. */
export function versioned<T extends TSchema>(value: T) {
  return closed({ value, version: Version, updatedAt: Type.Optional(Instant) });
}
export interface Versioned<T> {
  value: T;
  version: number;
  updatedAt?: string;
}

export function versionedPage<T extends TSchema>(value: T) {
  return page(versioned(value));
}

export const ListConfigurationQuery = closed({
  ...pageQuery,
  q: Type.Optional(Type.String({ minLength: 1, maxLength: 120, description: 'part of the key or the name' })),
});
export type ListConfigurationQuery = Static<typeof ListConfigurationQuery>;

export const DryRunQuery = closed({
  dryRun: Type.Optional(
    Type.Boolean({
      description:
        'Checks everything and changes nothing. The ETag of the answer is the one that was read where nothing would change.',
    }),
  ),
});
export type DryRunQuery = Static<typeof DryRunQuery>;

/** Settings of one outside system. Secrets are write-only: reading shows `{"set": true}` in their place. */
export const ConnectionBody = closed({
  id: Code,
  type: Code,
  role: Type.Unsafe<'erp' | 'wms' | 'carrier' | 'storefront' | 'edi'>({
    type: 'string',
    enum: ['erp', 'wms', 'carrier', 'storefront', 'edi'],
  }),
  title: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  settings: Type.Record(Type.String({ maxLength: 80 }), Json),
  /** Absent ones keep what is stored. */
  secrets: Type.Optional(Type.Record(Type.String({ maxLength: 80 }), Type.String({ maxLength: 10_000 }))),
  /** A test connection never receives production traffic. */
  test: Type.Optional(Type.Boolean()),
});
export type ConnectionBody = Static<typeof ConnectionBody>;

export const ConnectionView = closed({
  id: Code,
  type: Code,
  role: ConnectionBody.properties.role,
  title: Type.Optional(Type.String()),
  settings: Type.Record(Type.String(), Json),
  secrets: Type.Record(Type.String(), closed({ set: Type.Boolean(), changedAt: Type.Optional(Instant) }), {
    description: 'which are stored, and since when; never their values',
  }),
  /** Secrets that this type of system needs and that are not set yet. */
  missingSecrets: Type.Array(Type.String()),
  test: Type.Boolean(),
  webhookUrl: Type.String({ description: 'where this system posts to, signed by Standard Webhooks' }),
});
export type ConnectionView = Static<typeof ConnectionView>;

/** `webhookSecret` is shown this once and never again. */
export const RotatedWebhookSecret = closed({ connection: ConnectionView, webhookSecret: Type.String() });
export type RotatedWebhookSecret = Static<typeof RotatedWebhookSecret>;
