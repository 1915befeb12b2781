import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import type { MessageDetail } from '../../src/api/contract.ts';
import { type EdiIssue, type EdiSegment, readSegments, segmentOfIssue } from '../edi-segments.ts';
import { formatCount } from '../format.ts';
import { CopyText } from './payload.tsx';

type Documents = MessageDetail['documents'];

/** Lines drawn at first; an interchange of thousands of orders is paged. */
const firstShown = 400;

/** The documents of a message as the payload has them: by control number, else by place. */
function positionsOf(segments: readonly EdiSegment[], element: string, documents: Documents): (number | undefined)[] {
  const heads = segments.filter((segment) => segment.ordinal === 1);
  return documents.map((document, index) => {
    const named = heads.findIndex((head) => {
      const parts = head.text.split(element);
      const control = head.id === 'ST' ? parts[2] : parts[1];
      return control !== undefined && control === document.control;
    });
    if (named >= 0) return named;
    return index < heads.length ? index : undefined;
  });
}

function issuesBySegment(segments: readonly EdiSegment[], element: string, documents: Documents) {
  const placed = new Map<number, EdiIssue[]>();
  const positions = positionsOf(segments, element, documents);
  documents.forEach((document, index) => {
    for (const raw of document.issues) {
      const issue = (raw ?? {}) as EdiIssue;
      const at = segmentOfIssue(segments, issue, positions[index]);
      if (at !== undefined) placed.set(at, [...(placed.get(at) ?? []), issue]);
    }
  });
  return placed;
}

/** An EDI payload, one segment per line, numbered, each issue under the segment that it is about. Always text, never markup. */
export function EdiDocument({ label, text, documents }: { label: string; text: string; documents: Documents }) {
  const [limit, setLimit] = useState(firstShown);
  const view = readSegments(text);
  if (!view) return null;
  const issues = issuesBySegment(view.segments, view.element, documents);
  return (
    <div>
      <CopyText label={label} text={text} />
      <ol className="payload segments" tabIndex={0} aria-label={label}>
        {view.segments.slice(0, limit).map((segment, index) => (
          <Segment
            key={segment.from}
            number={index + 1}
            segment={segment}
            element={view.element}
            terminator={view.terminator}
            issues={issues.get(index) ?? []}
          />
        ))}
      </ol>
      {view.segments.length > limit && (
        <Button variant="default" size="compact-sm" mt="xs" onClick={() => setLimit(limit + 2000)}>
          Show more of {formatCount(view.segments.length)} segments
        </Button>
      )}
    </div>
  );
}

interface SegmentProps {
  number: number;
  segment: EdiSegment;
  element: string;
  terminator: string;
  issues: readonly EdiIssue[];
}

function Segment({ number, segment, element, terminator, issues }: SegmentProps) {
  const rest = segment.text.slice(segment.id.length).split(element);
  return (
    <li className={issues.length > 0 ? 'segment segment-faulty' : 'segment'}>
      <span aria-hidden>{number}</span>
      <span>
        <span className="segment-id">{segment.id}</span>
        {rest.map((part, index) => (
          // Elements have no identity but their place.
          <span key={index}>
            {index > 0 && <span className="segment-separator">{element}</span>}
            {issues.some((issue) => issue.elementPosition === index && index > 0) ? <mark>{part}</mark> : part}
          </span>
        ))}
        <span className="segment-separator">{terminator === '\n' ? '' : terminator}</span>
      </span>
      {issues.map((issue, index) => (
        <Text key={index} size="xs" fw={600} className="segment-issue">
          ▲ {issue.elementPosition ? `${segment.id}${String(issue.elementPosition).padStart(2, '0')}: ` : ''}
          {issue.message ?? issue.code}
        </Text>
      ))}
    </li>
  );
}
