/** EDI for people: check results and documents as text, with names, code labels and errors in place. */
import type { CheckResult } from './check.ts';
import type { EdiDocument } from './document.ts';
import type { Issue } from './issue.ts';
import { Matcher, OVER_LOOP_MAX, OVER_SEGMENT_MAX, PLACED } from './matcher.ts';
import type { ElementUse, Place } from './schema.ts';
import { END_REPETITION, END_ELEMENT, type SegmentView } from './segment-view.ts';

export interface DescribeOptions {
  /** ANSI colours. Default false. */
  color?: boolean;
}

type Paint = (text: string, style: 'error' | 'warning' | 'name' | 'faint' | 'good') => string;

const STYLES = { error: '31', warning: '33', name: '1', faint: '2', good: '32' } as const;

function painter(options: DescribeOptions): Paint {
  return (text, style) => (options.color === true ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text);
}

/** Control characters (Cc: C0, DEL and C1) never reach a terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function describeIssue(found: Issue, paint: Paint): string {
  const style = found.severity === 'error' ? 'error' : found.severity === 'warning' ? 'warning' : 'faint';
  const where = [
    found.segmentOrdinal === undefined ? '' : `segment ${found.segmentOrdinal}`,
    found.byteOffset === undefined ? '' : `byte ${found.byteOffset}`,
    found.loop === undefined || found.loop === '' ? '' : `in ${found.loop}`,
  ].filter((part) => part !== '');
  const value = found.value === undefined || found.value === '' ? '' : ` "${printable(found.value)}"`;
  const text = `${found.severity} ${found.code}: ${printable(found.message)}${value}`;
  return `${paint(text, style)}${where.length === 0 ? '' : paint(` (${where.join(', ')})`, 'faint')}`;
}

/** A check result, one line per envelope, document and issue. */
export function describeCheck(file: string, result: CheckResult, options: DescribeOptions = {}): string {
  const paint = painter(options);
  const lines = [paint(file, 'name')];
  const issues = (list: readonly Issue[], indent: string) => {
    for (const found of list) lines.push(`${indent}${describeIssue(found, paint)}`);
  };
  issues(result.issues, '  ');
  for (const interchange of result.interchanges) {
    const { control, receiver, sender, standard, version } = interchange;
    lines.push(
      printable(
        `  interchange ${control} ${standard} ${version}, ${sender.id} to ${receiver.id}: ${interchange.status}`,
      ),
    );
    issues(interchange.issues, '    ');
    for (const group of interchange.groups) {
      if (group.control !== '')
        lines.push(printable(`    group ${group.type} ${group.control} ${group.version}: ${group.status}`));
      issues(group.issues, '      ');
      for (const document of group.documents) {
        const style = document.verdict === 'rejected' ? 'error' : document.verdict === 'accepted' ? 'good' : 'warning';
        lines.push(`      ${printable(`${document.type} ${document.control}`)}: ${paint(document.verdict, style)}`);
        issues(document.issues, '        ');
      }
    }
  }
  return lines.join('\n');
}

function label(
  use: ElementUse | undefined,
  component: number,
): { label: string; codes: Map<string, string> | undefined } {
  const element = use?.composite === undefined ? use?.element : use.composite.components[component]?.element;
  return { label: element?.label ?? 'unknown element', codes: element?.codes?.labels };
}

function describeElements(view: SegmentView, place: Place | undefined, paint: Paint, indent: string): string[] {
  const lines: string[] = [];
  let position = 0;
  let component = 0;
  for (let token = 0; token < view.count; token++) {
    const text = view.text(token);
    if (position > 0 && text !== '') {
      const use = place?.segment?.uses[position - 1];
      const named = label(use, component);
      const composite = component > 0 || (view.marks[token] as number) < END_REPETITION;
      const at = `${String(position).padStart(2, '0')}${composite ? `-${component + 1}` : ''}`;
      const meaning = named.codes?.get(text);
      const shown = meaning === undefined || meaning === '' ? '' : ` = ${meaning}`;
      lines.push(`${indent}${paint(`${at} ${named.label}:`, 'faint')} ${printable(text)}${shown}`);
    }
    if ((view.marks[token] as number) >= END_ELEMENT) {
      position++;
      component = 0;
    } else component++;
  }
  return lines;
}

/** A document for a person: every segment and element by name, codes in words, issues beside their segment. */
export function describeDocument(document: EdiDocument, options: DescribeOptions = {}): string {
  const paint = painter(options);
  const { definition } = document;
  const title = `${document.type} ${definition?.label ?? '(unknown type)'}, control ${document.control}, version ${document.version}`;
  const lines = [paint(printable(title), 'name')];
  const byOrdinal = new Map<number, Issue[]>();
  for (const found of document.issues) {
    const ordinal = found.segmentOrdinal ?? 0;
    byOrdinal.set(ordinal, [...(byOrdinal.get(ordinal) ?? []), found]);
  }
  const matcher = new Matcher();
  if (definition !== undefined) matcher.begin(definition);
  let ordinal = 0;
  const tell = (indent: string) => {
    for (const found of byOrdinal.get(ordinal) ?? []) lines.push(`${indent}${describeIssue(found, paint)}`);
  };
  tell('  ');
  for (const view of document.views()) {
    ordinal++;
    const outcome = definition === undefined ? -1 : matcher.take(view);
    const placed = outcome === PLACED || outcome === OVER_LOOP_MAX || outcome === OVER_SEGMENT_MAX;
    const place = placed ? definition?.places[matcher.at] : undefined;
    const indent = '  '.repeat(place?.depth ?? 1);
    lines.push(`${indent}${paint(printable(view.id), 'name')} ${place?.segment?.label ?? ''}`.trimEnd());
    lines.push(...describeElements(view, place, paint, `${indent}  `));
    tell(`${indent}  `);
  }
  return lines.join('\n');
}
