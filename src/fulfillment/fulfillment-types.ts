import type { FACT_KINDS, FulfillmentOrder, Shipment, ShipmentPackage } from '../model/index.ts';

export type FactKind = (typeof FACT_KINDS)[number];

/** What the hub keeps of a fulfilment order beside its public form. */
export interface FulfillmentRecord {
  order: FulfillmentOrder;
  /** Where the release went; absent when the site has no connection, or works by EDI. */
  connection?: string;
  /** The agreement of a site that works by EDI: releases go to it as documents. */
  agreement?: string;
  releaseSeq: number;
  progress: ProgressFact[];
  correlationId: string;
  traceparent?: string;
  /** The warehouse's own number. */
  outsideId?: string;
  version: number;
  createdAt: Date;
  releasedAt?: Date;
}

/** Newest cumulative fact about one line of a fulfilment order; base units. */
export interface ProgressFact {
  lineNo: number;
  kind: FactKind;
  source: string;
  document: string;
  quantity: string;
  sequence: number;
}

export interface FulfillmentDraft {
  orderId: string;
  orderNo: string;
  location: string;
  connection?: string;
  agreement?: string;
  carrier?: string;
  service?: string;
  shipBy?: string;
  shipTo: FulfillmentOrder['shipTo'];
  customerPo?: string;
  lines: FulfillmentOrder['lines'];
  correlationId: string;
  traceparent?: string;
}

export interface FulfillmentRef {
  id: string;
  fulfillmentNo: string;
  orderId: string;
  orderNo: string;
  location: string;
  connection?: string;
  correlationId: string;
  traceparent?: string;
}

export type LabelState = 'none' | 'pending' | 'requested' | 'labelled' | 'failed';
export type TrackerStatus = Shipment['trackerStatus'];

export interface PackageRecord extends ShipmentPackage {
  labelUrl?: string;
  trackerStatus: TrackerStatus;
  trackerSequence?: number;
}

/** What the hub keeps of a shipment beside its public form. */
export interface ShipmentRecord {
  shipment: Shipment;
  state: 'packed' | 'shipped' | 'voided';
  labelState: LabelState;
  packKey?: string;
  packSequence?: number;
  shipKey?: string;
  shipSequence?: number;
  packages: PackageRecord[];
  correlationId: string;
  traceparent?: string;
  erpShipmentNo?: string;
  labelledAt?: Date;
  notifiedAt?: Date;
}

/** Sides of a shipment that the report does not know. */
export interface ShipmentContext {
  shipFrom: Shipment['shipFrom'];
  shipTo: Shipment['shipTo'];
  carrier?: string;
  service?: string;
  /** GS1 company prefix for SSCCs; without one packages get none. */
  companyPrefix?: string;
  /** Whether a carrier will be asked for labels. */
  labelState: LabelState;
}

/** Packages as a warehouse packed them and not shipped yet; contents in base units. */
export interface PackReport {
  source: string;
  document: string;
  sequence: number;
  fulfillmentNo: string;
  packedAt: string;
  packages: ShipmentPackage[];
}
