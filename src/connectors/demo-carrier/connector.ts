import { type ConnectorRequest, defineConnector, type OperationResponses } from '../connector.ts';
import { confirmUnlessRefused, containsAll, type JsonObject, lookupOf, outcomeOf } from '../outcome-of-reply.ts';
import { call, eventWebhook, restHealth, restSecrets, restSettings, settleMsSetting } from '../rest-settings.ts';

/** The carrier's reply in the words of `OperationResponses`; undefined when it is not a label. */
function labelsOf(body: JsonObject): { shipmentId: string; response: OperationResponses['label.create'] } | undefined {
  const { shipmentId, carrier, scac, service, packages } = body as Record<string, string> & { packages?: unknown };
  if (typeof shipmentId !== 'string' || typeof carrier !== 'string' || !Array.isArray(packages)) return undefined;
  const labels = packages.map((entry: JsonObject) => ({
    packageNo: Number(entry.packageNo),
    tracking: String(entry.trackingNumber),
    ...(typeof entry.labelUrl === 'string' ? { labelUrl: entry.labelUrl } : {}),
  }));
  return {
    shipmentId,
    response: { carrier, ...(scac ? { scac } : {}), ...(service ? { service } : {}), labels },
  };
}

/** A shipment is labelled once, whatever order it belongs to: its number is the key. */
function keyOf(request: ConnectorRequest): string {
  const { reference } = request.native as JsonObject;
  return typeof reference === 'string' ? reference : request.naturalKey;
}

/** The lab's parcel carrier: labels are made once per Idempotency-Key (class A); tracking comes back as webhooks. */
export const demoCarrier = defineConnector({
  type: 'demo-carrier',
  title: 'Carrier of the lab',
  role: 'carrier',
  settings: restSettings({}),
  secrets: restSecrets,
  operations: {
    'label.create': {
      title: 'Make shipping labels',
      idempotency: 'A',
      settleMs: settleMsSetting,
      async send(ctx, request) {
        const headers = { 'idempotency-key': keyOf(request) };
        const reply = await call(
          ctx,
          { method: 'POST', path: '/carrier/labels', body: request.native, headers },
          request,
        );
        return outcomeOf(
          reply,
          (body) =>
            confirmUnlessRefused(body, () => {
              const made = labelsOf(body);
              return made && { kind: 'confirmed', outsideId: made.shipmentId, response: made.response };
            }),
          ctx.clock.now(),
        );
      },
      async lookup(ctx, request) {
        const path = `/carrier/labels/${encodeURIComponent(keyOf(request))}`;
        const reply = await call(ctx, { method: 'GET', path }, request);
        return lookupOf(reply, (body) => {
          const made = labelsOf(body);
          return (
            made && {
              kind: 'found',
              outsideId: made.shipmentId,
              sameContent: containsAll(body.document, request.native),
              response: made.response,
            }
          );
        });
      },
    },
  },
  webhook: eventWebhook(['tracking.updated']),
  health: restHealth,
});
