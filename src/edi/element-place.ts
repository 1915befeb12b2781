/** Where an element stands, for people (`N104`, `SLN05-2`) and for acknowledgments. */
import type { Issue } from './issue.ts';
import type { SegmentView } from './segment-view.ts';

export interface ElementPlace {
  segmentId: string;
  ordinal: number;
  /** 1-based; component and repetition are 0 where they do not apply. */
  position: number;
  component: number;
  repetition: number;
}

export function elementName({ component, position, segmentId }: ElementPlace): string {
  return `${segmentId}${String(position).padStart(2, '0')}${component > 0 ? `-${component}` : ''}`;
}

/** The place as fields of an issue. `token` holds the value, or -1; `placeToken` is where a missing value would stand. */
export function elementPlace(
  view: SegmentView,
  place: ElementPlace,
  token: number,
  placeToken: number,
): Partial<Issue> {
  const shown = token >= 0 ? token : placeToken;
  const at: Partial<Issue> = {
    segmentId: place.segmentId,
    segmentOrdinal: place.ordinal,
    elementPosition: place.position,
    byteOffset: view.offset + (shown >= 0 ? view.tokenStart(shown) : 0),
  };
  if (place.component > 0) at.componentPosition = place.component;
  if (place.repetition > 0) at.repetition = place.repetition;
  if (token >= 0) at.value = view.text(token);
  return at;
}
