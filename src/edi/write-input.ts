/** Checks what `write` is to write, where it comes from outside: JSON may hold anything in any place. */
import { isDateText, isTimeText } from './calendar.ts';
import { unknownName } from './guide-names.ts';
import { lookup } from './registry.ts';
import type { WriteInput } from './write.ts';
import { EdiWriteError } from './write-error.ts';

type Json = Record<string, unknown>;

const refuse = (place: string, message: string): never => {
  throw new EdiWriteError('FIELD_INVALID', place, message);
};

/** @throws EdiWriteError with the place, e.g. `envelope/time` or `groups/0/documents/0/lines/0/PO1/quantitee` */
export function checkWriteInput(json: unknown): WriteInput {
  const input = objectAt(json, 'input');
  const envelope = objectAt(input.envelope, 'envelope');
  const standard = envelope.standard ?? 'x12';
  if (standard !== 'x12' && standard !== 'edifact') refuse('envelope/standard', 'is neither x12 nor edifact');
  for (const end of ['sender', 'receiver']) {
    const party = objectAt(envelope[end], `envelope/${end}`);
    for (const name of ['qualifier', 'id']) textAt(party[name], `envelope/${end}/${name}`);
  }
  for (const name of ['version', 'control']) textAt(envelope[name], `envelope/${name}`);
  if (!/^[PTI]$/.test(textAt(envelope.usage, 'envelope/usage'))) refuse('envelope/usage', 'is none of P, T and I');
  checkMoment(envelope, 'envelope', true);
  arrayAt(input.groups, 'groups').forEach((group, at) => checkGroup(group, `groups/${at}`, standard as 'x12'));
  if (input.leading !== undefined) checkSegments(input.leading, 'leading');
  return json as WriteInput;
}

function checkGroup(value: unknown, path: string, standard: 'x12' | 'edifact'): void {
  const group = objectAt(value, path);
  for (const name of ['functionalId', 'control', 'version']) textAt(group[name], `${path}/${name}`, standard === 'x12');
  if (standard === 'x12' && !/^[A-Z0-9]{2}$/.test(group.functionalId as string))
    refuse(`${path}/functionalId`, `"${group.functionalId as string}" is no functional identifier of two characters`);
  if (standard === 'x12' && !/^\d{6}[A-Z0-9]{0,6}$/.test(group.version as string))
    refuse(`${path}/version`, `"${group.version as string}" is no version, release and industry code`);
  for (const name of ['sender', 'receiver', 'agency'])
    if (group[name] !== undefined) textAt(group[name], `${path}/${name}`);
  checkMoment(group, path, false);
  arrayAt(group.documents, `${path}/documents`).forEach((document, at) => {
    checkDocument(document, `${path}/documents/${at}`, standard, group.version as string);
  });
}

function checkDocument(value: unknown, path: string, standard: 'x12' | 'edifact', version: string): void {
  const document = objectAt(value, path);
  const type = textAt(document.type, `${path}/type`);
  textAt(document.control, `${path}/control`);
  const association =
    document.association === undefined ? '' : textAt(document.association, `${path}/association`, false);
  if (document.segments !== undefined) return checkSegments(document.segments, `${path}/segments`);
  if (document.guide === undefined) refuse(path, 'has neither segments nor a guide');
  const definition = lookup(standard, version, type, association);
  if (definition === undefined)
    return refuse(`${path}/guide`, `there is no definition of ${type} in version ${version} to write it by`);
  const body = objectAt(objectAt(document.guide, `${path}/guide`).body, `${path}/guide/body`);
  const unknown = unknownName(body, definition);
  if (unknown !== undefined) refuse(`${path}/guide/body/${unknown}`, `${type} in version ${version} has no such name`);
  checkTexts(body, `${path}/guide/body`);
}

function checkSegments(value: unknown, path: string): void {
  arrayAt(value, path).forEach((one, at) => {
    const segment = objectAt(one, `${path}/${at}`);
    const id = textAt(segment.id, `${path}/${at}/id`);
    if (!/^[A-Z][A-Z0-9]{1,2}$/.test(id)) refuse(`${path}/${at}/id`, `"${id}" is no segment identifier`);
    arrayAt(segment.elements, `${path}/${at}/elements`).forEach((element, index) => {
      checkElement(element, `${path}/${at}/${id}${String(index + 1).padStart(2, '0')}`);
    });
  });
}

function checkElement(value: unknown, path: string): void {
  if (typeof value === 'string') return checkText(value, path);
  if (Array.isArray(value)) {
    value.forEach((component, at) => checkText(component, `${path}-${at + 1}`));
    return;
  }
  const { repeats } = objectAt(value, path);
  for (const repeat of arrayAt(repeats, path)) checkElement(repeat, path);
}

/** Texts of a guide, however deep. */
function checkTexts(value: unknown, path: string): void {
  if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) checkTexts(member, `${path}/${name}`);
  } else if (typeof value !== 'number') checkText(value, path);
}

function checkText(value: unknown, path: string): void {
  if (typeof value !== 'string') return refuse(path, `${JSON.stringify(value)} is no text`);
  // A line end inside an element is taken for the end of its segment by one reader in three.
  if (/\p{Cc}/u.test(value)) refuse(path, `${JSON.stringify(value)} holds a control character`);
}

function checkMoment(of: Json, path: string, required: boolean): void {
  if (required || of.date !== undefined) {
    const date = textAt(of.date, `${path}/date`);
    if (!/^\d{4}-\d\d-\d\d$/.test(date) || !isDateText(date.replaceAll('-', '')))
      refuse(`${path}/date`, `"${date}" is no date such as 2026-06-01`);
  }
  if (!required && of.time === undefined) return;
  const time = textAt(of.time, `${path}/time`);
  if (!/^\d\d:\d\d(:\d\d)?$/.test(time) || !isTimeText(time.replaceAll(':', '')))
    refuse(`${path}/time`, `"${time}" is no time such as 09:00`);
}

function textAt(value: unknown, place: string, filled = true): string {
  if (value === undefined) return refuse(place, 'is missing');
  checkText(value, place);
  if (filled && value === '') refuse(place, 'is empty');
  return value as string;
}

function objectAt(value: unknown, place: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  return refuse(place, value === undefined ? 'is missing' : 'is no object');
}

function arrayAt(value: unknown, place: string): unknown[] {
  return Array.isArray(value) ? value : refuse(place, value === undefined ? 'is missing' : 'is no array');
}
