/** Trading partners: agreements, cross-references, overlays and narrowings. */
export {
  Agreement,
  Delimiters,
  InterchangeAddress,
  LineCodes,
  type Terms,
  termsOf,
} from './agreement.ts';
export {
  findAgreements,
  getAgreement,
  listAgreements,
  putAgreement,
  type PutResult,
  removeAgreement,
  termsForPartners,
} from './agreement-store.ts';
export { CROSS_REFERENCE_TYPES, CrossReference, shipToExternal, type StoredCrossReference } from './cross-reference.ts';
export {
  type CrossReferenceKey,
  getCrossReference,
  listCrossReferences,
  mapWithCrossReferences,
  putCrossReference,
  putCrossReferences,
  removeCrossReference,
  resolveCrossReferences,
} from './cross-reference-store.ts';
export { type CompiledOverlay, compileOverlay } from './compile-overlay.ts';
export { Narrowing, NarrowingRow } from './narrowing.ts';
export { Overlay, OverlayRow } from './overlay.ts';
