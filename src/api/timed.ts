export type Observe = (seconds: number) => void;

/** How long answers of one declared route take. */
export interface Timed {
  readonly path: string;
  /** By the first digit of the status. */
  readonly byStatus: Observe[];
}
