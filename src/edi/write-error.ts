/** What cannot be written: a mistake of the caller's data, told by segment and element. */
export class EdiWriteError extends Error {
  readonly code: 'DELIMITER_IN_DATA' | 'FIELD_TOO_LONG' | 'FIELD_INVALID' | 'CHARACTER_NOT_IN_SET';
  readonly place: string;

  constructor(code: EdiWriteError['code'], place: string, message: string) {
    super(`${place}: ${message}`);
    this.name = 'EdiWriteError';
    this.code = code;
    this.place = place;
  }
}
