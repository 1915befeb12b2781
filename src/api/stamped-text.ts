import { instantText } from '../platform/index.ts';

const atName = '{"at":"';
const asOfName = '","asOf":"';
const noInstant = new Date(0).toISOString();
const asOfAt = atName.length + noInstant.length + asOfName.length;

/**
 * The JSON of an answer that holds for a while, but for the two instants in front: when it was given, and of when it is.
 * They are written into its bytes, so that every answer is one flat string: one that is put together of parts is walked
 * through three times on its way into the socket.
 */
export class StampedText {
  readonly #rest: string;
  readonly #bytes: Buffer;
  readonly #encoding: 'latin1' | 'utf8';

  /** @param body an object with at least one member, neither `at` nor `asOf` */
  constructor(body: object) {
    this.#rest = `",${JSON.stringify(body).slice(1)}`;
    const text = atName + noInstant + asOfName + noInstant + this.#rest;
    this.#bytes = Buffer.from(text);
    this.#encoding = this.#bytes.length === text.length ? 'latin1' : 'utf8';
  }

  textAt(at: Date, asOf: Date): string {
    const [first, second] = [instantText(at), instantText(asOf)];
    // Years beyond 9999 have longer texts.
    if (first.length !== noInstant.length || second.length !== noInstant.length) {
      return atName + first + asOfName + second + this.#rest;
    }
    this.#bytes.write(first, atName.length, 'latin1');
    this.#bytes.write(second, asOfAt, 'latin1');
    return this.#bytes.toString(this.#encoding);
  }
}
