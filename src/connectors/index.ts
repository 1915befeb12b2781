import type { Connector } from './connector.ts';
import { demoCarrier } from './demo-carrier/connector.ts';
import { demoErp } from './demo-erp/connector.ts';
import { demoStorefront } from './demo-storefront/connector.ts';
import { demoWms } from './demo-wms/connector.ts';
import { ediFolder } from './edi-folder/connector.ts';

export * from './connector.ts';
export { ediFolder } from './edi-folder/connector.ts';
export { createHttpClient, type HttpClient, type HttpReply, type HttpRequest } from './http-client.ts';

/** Every type of outside system the hub speaks to. A new one is a folder plus a line here. */
export const connectors: readonly Connector[] = [demoErp, demoWms, demoCarrier, demoStorefront, ediFolder];

/** The connector of a type, or undefined when the hub has none. */
export function connectorOf(type: string): Connector | undefined {
  return connectors.find((connector) => connector.type === type);
}
