/** Trading partners: agreements, cross-references, overlays and narrowings. */
export {
  Agreement,
  Delimiters,
  InterchangeAddress,
  type Terms,
  termsOf,
} from './agreement.ts';
export {
  findAgreements,
  getAgreement,
  listAgreements,
  putAgreement,
  type PutResult,
  termsForPartners,
} from './agreement-store.ts';
export { CrossReference, shipToExternal, type StoredCrossReference } from './cross-reference.ts';
export {
  type CrossReferenceKey,
  getCrossReference,
  listCrossReferences,
  mapWithCrossReferences,
  putCrossReference,
  putCrossReferences,
  resolveCrossReferences,
} from './cross-reference-store.ts';
export { type CompiledOverlay, compileOverlay } from './compile-overlay.ts';
export { Narrowing, NarrowingRow } from './narrowing.ts';
export { Overlay, OverlayRow } from './overlay.ts';
