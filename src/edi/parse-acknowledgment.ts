/** Acknowledgments that come in (997, 999, TA1, CONTRL), as what they say about what we sent. */
import type { EdiDocument, ElementValue, Segment } from './document.ts';
import type { InterchangeAcknowledgment } from './envelope.ts';

/** Accepted, accepted with errors, accepted in part, rejected. */
export type AcknowledgedStatus = 'A' | 'E' | 'P' | 'R';

export interface AcknowledgedDocument {
  type: string;
  /** ST02 or 0062 of the document that we sent. */
  control: string;
  status: AcknowledgedStatus;
  /** The faults as the partner told them, readable. */
  notes: string[];
}

export interface AcknowledgedGroup {
  functionalId: string;
  /** GS06 of the group that we sent. */
  control: string;
  status: AcknowledgedStatus;
  notes: string[];
  /** Documents told apart; a group accepted without AK2 names none. */
  documents: AcknowledgedDocument[];
}

export interface ParsedAcknowledgment {
  kind: '997' | '999' | 'TA1' | 'CONTRL';
  /** ISA13 or UNB 0020 of the interchange that we sent (TA1, CONTRL). */
  interchange?: {
    control: string;
    /** `received`: it came, and nothing is said yet about what it holds (CONTRL 0083 = 8). */
    status: AcknowledgedStatus | 'received';
    note: string;
  };
  groups: AcknowledgedGroup[];
}

function text(value: ElementValue | undefined, component = 0): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return component === 0 ? value.trim() : '';
  if (Array.isArray(value)) return (value[component] ?? '').trim();
  return text(value.repeats[0] as string | string[], component);
}

/** X12 status codes, the security ones (M, W, X) being rejections. */
function x12Status(code: string): AcknowledgedStatus {
  return code === 'A' || code === 'E' || code === 'P' ? code : 'R';
}

/** Parse a TA1 event, or a 997, 999 or CONTRL document; undefined for any other document. */
export function parseAcknowledgment(input: EdiDocument | InterchangeAcknowledgment): ParsedAcknowledgment | undefined {
  if (!('standard' in input)) {
    const status = input.status === 'A' || input.status === 'E' ? input.status : 'R';
    return { kind: 'TA1', interchange: { control: input.control, status, note: input.note }, groups: [] };
  }
  if (input.type === '997' || input.type === '999') return parseFunctional(input, input.type);
  return input.type === 'CONTRL' ? parseContrl(input) : undefined;
}

function parseFunctional(document: EdiDocument, kind: '997' | '999'): ParsedAcknowledgment {
  const groups: AcknowledgedGroup[] = [];
  let group: AcknowledgedGroup | undefined;
  let current: AcknowledgedDocument | undefined;
  for (const segment of document.segments()) {
    const at = (n: number) => text(segment.elements[n - 1]);
    switch (segment.id) {
      case 'AK1':
        group = { functionalId: at(1), control: at(2), status: 'R', notes: [], documents: [] };
        groups.push(group);
        break;
      case 'AK2':
        current = { type: at(1), control: at(2), status: 'R', notes: [] };
        group?.documents.push(current);
        break;
      case 'AK3':
      case 'IK3':
        current?.notes.push(`segment ${at(1)} at ${at(2)}: error ${at(4)}`);
        break;
      case 'AK4':
      case 'IK4':
        current?.notes.push(elementNote(segment));
        break;
      case 'AK5':
      case 'IK5':
        if (current !== undefined) {
          current.status = x12Status(at(1));
          for (let n = 2; n <= 6; n++) if (at(n) !== '') current.notes.push(`transaction set error ${at(n)}`);
        }
        break;
      case 'AK9':
        if (group !== undefined) {
          group.status = x12Status(at(1));
          for (let n = 5; n <= 9; n++) if (at(n) !== '') group.notes.push(`group error ${at(n)}`);
        }
        break;
      default:
    }
  }
  return { kind, groups };
}

function elementNote(segment: Segment): string {
  const component = text(segment.elements[0], 1);
  const place = `${text(segment.elements[0])}${component === '' ? '' : `-${component}`}`;
  const value = text(segment.elements[3]);
  return `element ${place}: error ${text(segment.elements[2])}${value === '' ? '' : ` ("${value}")`}`;
}

/** 0083: 7 acknowledges this level and whatever below it is not rejected by name; 4, and what is no code here, rejects. */
function contrlStatus(action: string): AcknowledgedStatus {
  return action === '7' ? 'A' : 'R';
}

function parseContrl(document: EdiDocument): ParsedAcknowledgment {
  const parsed: ParsedAcknowledgment = { kind: 'CONTRL', groups: [] };
  let group: AcknowledgedGroup | undefined;
  let current: AcknowledgedDocument | undefined;
  for (const segment of document.segments()) {
    const at = (n: number, component = 0) => text(segment.elements[n - 1], component);
    switch (segment.id) {
      case 'UCI':
        parsed.interchange = { control: at(1), status: at(4) === '8' ? 'received' : contrlStatus(at(4)), note: at(5) };
        break;
      case 'UCF':
        group = { functionalId: '', control: at(1), status: contrlStatus(at(4)), notes: [], documents: [] };
        if (at(5) !== '') group.notes.push(`error ${at(5)}`);
        parsed.groups.push(group);
        break;
      case 'UCM':
        current = { type: at(2), control: at(1), status: contrlStatus(at(3)), notes: [] };
        if (at(4) !== '') current.notes.push(`error ${at(4)}`);
        if (group === undefined) {
          group = { functionalId: '', control: '', status: 'A', notes: [], documents: [] };
          parsed.groups.push(group);
        }
        group.documents.push(current);
        if (group.control === '' && current.status === 'R') group.status = 'P';
        break;
      case 'UCS':
        current?.notes.push(`segment at ${at(1)}${at(2) === '' ? '' : `: error ${at(2)}`}`);
        break;
      case 'UCD':
        current?.notes.push(`element ${at(2)}: error ${at(1)}`);
        break;
      default:
    }
  }
  return parsed;
}
