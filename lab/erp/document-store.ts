import type { Effect } from '../effect-log.ts';

export interface StoredDocument {
  number: string;
  key: string;
  document: Record<string, unknown>;
  revision: number;
}

/** One kind of document of the ERP: by its own number, by the caller's key, and by the order it is about. */
export class DocumentStore {
  readonly name: string;
  readonly path: string;
  readonly numberField: string;
  readonly prefix: string;
  /** The operation that writes it, by the name the hub's connector gives it. */
  readonly operation: string;
  readonly #byNumber = new Map<string, StoredDocument>();
  readonly #byKey = new Map<string, StoredDocument[]>();
  readonly #byReference = new Map<string, StoredDocument[]>();

  constructor(name: string, path: string, numberField: string, prefix: string, operation = `${name}.create`) {
    this.name = name;
    this.path = path;
    this.numberField = numberField;
    this.prefix = prefix;
    this.operation = operation;
  }

  get size(): number {
    return this.#byNumber.size;
  }

  nextNumber(): string {
    return `${this.prefix}-${100_001 + this.#byNumber.size}`;
  }

  byNumber(number: string): StoredDocument | undefined {
    return this.#byNumber.get(number);
  }

  /** Several when the key was only a searchable reference. */
  byKey(key: string): readonly StoredDocument[] {
    return this.#byKey.get(key) ?? [];
  }

  byReference(customerReference: unknown): readonly StoredDocument[] {
    return this.#byReference.get(String(customerReference)) ?? [];
  }

  all(): Iterable<StoredDocument> {
    return this.#byNumber.values();
  }

  apply(effect: Effect): void {
    const document = effect.document as Record<string, unknown>;
    if (effect.kind === `${this.name}.updated`) {
      const entry = this.byKey(String(effect.key))[0];
      if (entry) {
        entry.document = document;
        entry.revision += 1;
      }
    }
    if (effect.kind !== `${this.name}.created`) return;
    const entry: StoredDocument = { number: String(effect.number), key: String(effect.key), document, revision: 1 };
    this.#byNumber.set(`${entry.number}${this.#byNumber.has(entry.number) ? `/${this.size}` : ''}`, entry);
    this.#byKey.set(entry.key, [...this.byKey(entry.key), entry]);
    const reference = String(document.customerReference);
    this.#byReference.set(reference, [...this.byReference(reference), entry]);
  }

  replyOf(entry: StoredDocument): Record<string, unknown> {
    const { key, revision, document } = entry;
    return { [this.numberField]: entry.number, externalId: key, revision, document };
  }
}
