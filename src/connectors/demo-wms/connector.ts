import { Type } from 'typebox';
import type { Outcome } from '../../queue/index.ts';
import {
  type ConnectorContext,
  type ConnectorOperation,
  type ConnectorRequest,
  defineConnector,
} from '../connector.ts';
import { confirmUnlessRefused, containsAll, type JsonObject, lookupOf, outcomeOf } from '../outcome-of-reply.ts';
import { call, eventWebhook, restHealth, restSecrets, restSettings, settleMsSetting } from '../rest-settings.ts';

/** Below one release: itself, its cancellation, its labels. The WMS keys everything by the fulfilment number. */
type Part = '' | '/cancellation' | '/labels';

function pathOf(ctx: ConnectorContext, request: ConnectorRequest, part: Part): string {
  const releaseNo = String((request.native as JsonObject).releaseNo);
  return `/wms/${encodeURIComponent(String(ctx.settings.warehouse))}/releases/${encodeURIComponent(releaseNo)}${part}`;
}

const put = (title: string, part: Part, confirm: (body: JsonObject) => Outcome | undefined): ConnectorOperation => ({
  title,
  idempotency: 'A',
  settleMs: settleMsSetting,
  async send(ctx, request) {
    const path = pathOf(ctx, request, part);
    const reply = await call(ctx, { method: 'PUT', path, body: request.native }, request);
    return outcomeOf(reply, (body) => confirmUnlessRefused(body, () => confirm(body)), ctx.clock.now());
  },
  async lookup(ctx, request) {
    const reply = await call(ctx, { method: 'GET', path: pathOf(ctx, request, part) }, request);
    return lookupOf(reply, (body) => {
      const outcome = confirm(body);
      if (outcome?.kind !== 'confirmed' || outcome.outsideId === undefined) return undefined;
      const sameContent = containsAll(body.document, request.native);
      return { kind: 'found', outsideId: outcome.outsideId, sameContent, response: outcome.response };
    });
  },
});

function confirmedRelease(body: JsonObject): Outcome | undefined {
  const { releaseNo } = body;
  return typeof releaseNo === 'string'
    ? { kind: 'confirmed', outsideId: releaseNo, response: { releaseNo } }
    : undefined;
}

function confirmedCancellation(body: JsonObject): Outcome | undefined {
  const { releaseNo, status } = body;
  return typeof releaseNo === 'string'
    ? { kind: 'confirmed', outsideId: releaseNo, response: { releaseNo, cancelled: status === 'CANCEL' } }
    : undefined;
}

/** The lab's WMS: releases are written by fulfilment number (class A); picks, packs and shipments come back as webhooks. */
export const demoWms = defineConnector({
  type: 'demo-wms',
  title: 'WMS of the lab',
  role: 'wms',
  settings: restSettings({
    warehouse: Type.String({ minLength: 1, maxLength: 20, description: 'Code of the warehouse in the WMS, e.g. DC1' }),
  }),
  secrets: restSecrets,
  operations: {
    'release.create': put('Release a fulfilment order', '', confirmedRelease),
    'release.cancel': put('Cancel a release that is not picked yet', '/cancellation', confirmedCancellation),
    'label.attach': put('Hand SSCCs and tracking numbers over', '/labels', confirmedRelease),
  },
  webhook: eventWebhook([
    'pick.confirmed',
    'pick.short',
    'pack.confirmed',
    'shipment.confirmed',
    'shipment.voided',
    'stock.changed',
  ]),
  health: restHealth,
});
