/**
 * Validates one document while its segments go by: structure, elements, then the checks beyond syntax that the definition
 * names. Holds nothing of the document but counters.
 */
import { type CrossCheck, makeCrossChecks } from './cross-checks.ts';
import type { CheckContext } from './check-context.ts';
import { ElementChecker } from './element-check.ts';
import { type Issue, type IssueCode, issue } from './issue.ts';
import { Matcher, NOT_IN_SET, OUT_OF_ORDER, OVER_LOOP_MAX, OVER_SEGMENT_MAX, PLACED } from './matcher.ts';
import type { Definition, Place, SegmentSchema } from './schema.ts';
import type { SegmentView } from './segment-view.ts';

/** Issues kept per document; what exceeds it is counted in one last warning. */
const ISSUES_MAX = 1000;

const FAULTS: Record<number, [IssueCode, string]> = {
  [OVER_SEGMENT_MAX]: ['SEGMENT_OVER_MAX', 'occurs more often than allowed'],
  [OVER_LOOP_MAX]: ['LOOP_OVER_MAX', 'begins one loop more than allowed'],
  [OUT_OF_ORDER]: ['SEGMENT_OUT_OF_ORDER', 'is out of place here'],
  [NOT_IN_SET]: ['SEGMENT_NOT_IN_SET', 'does not belong to this document type'],
};

interface ChecksOfDefinition {
  all: CrossCheck[];
  /** Those that want to see the segments of a place. */
  byPlace: (CrossCheck[] | undefined)[];
}

function checksFor(definition: Definition): ChecksOfDefinition {
  const all = makeCrossChecks(definition);
  const byPlace = definition.places.map(({ key }) => {
    const wanted = all.filter((check) => check.keys.includes(key));
    return wanted.length === 0 ? undefined : wanted;
  });
  return { all, byPlace };
}

export class DocumentValidator {
  readonly matcher = new Matcher();
  private readonly elements = new ElementChecker();
  private definition!: Definition;
  private checks: ChecksOfDefinition = { all: [], byPlace: [] };
  private readonly checksOf = new Map<Definition, ChecksOfDefinition>();
  private dropped = 0;
  private place: Place | undefined;

  begin(definition: Definition, context: CheckContext): void {
    this.definition = definition;
    this.matcher.begin(definition);
    this.elements.issues = [];
    this.elements.context = context;
    this.dropped = 0;
    let checks = this.checksOf.get(definition);
    if (checks === undefined) {
      checks = checksFor(definition);
      this.checksOf.set(definition, checks);
    }
    this.checks = checks;
    for (const check of checks.all) check.begin();
  }

  get issues(): Issue[] {
    return this.elements.issues;
  }

  /** Take the segment in the view; `ordinal` is its position, the header being 1. */
  segment(view: SegmentView, ordinal: number): void {
    const { elements, matcher } = this;
    if (elements.issues.length >= ISSUES_MAX) this.overflow();
    const outcome = matcher.take(view);
    if (matcher.missing.length > 0) this.reportMissing(view, ordinal);
    if (outcome !== PLACED && !this.reportFault(outcome, view, ordinal)) return;
    const place = this.definition.places[matcher.at] as Place;
    this.place = place;
    elements.check(view, place.segment as SegmentSchema, ordinal, this.pathNow);
    const watching = this.checks.byPlace[matcher.at];
    if (watching === undefined) return;
    for (let i = 0; i < watching.length; i++) {
      (watching[i] as CrossCheck).segment(view, ordinal, place, matcher, elements.issues);
    }
  }

  private readonly pathNow = (): string => this.matcher.path((this.place as Place).index);

  /** Past the limit only errors that decide the verdict matter, and there are plenty already. */
  private overflow(): void {
    this.dropped += this.elements.issues.length - ISSUES_MAX;
    this.elements.issues.length = ISSUES_MAX;
  }

  private reportMissing(view: SegmentView, ordinal: number): void {
    for (const index of this.matcher.missing) {
      this.elements.issues.push(this.missingIssue(index, ordinal, view.offset));
    }
  }

  private missingIssue(index: number, ordinal: number, byteOffset: number): Issue {
    const place = this.definition.places[index] as Place;
    const path = this.matcher.path(index);
    const where = place.kind === 'loop' ? 'a loop that is mandatory' : 'mandatory';
    return issue('SEGMENT_MISSING', `${place.id} is ${where} and missing here`, {
      segmentId: place.id,
      segmentOrdinal: ordinal,
      byteOffset,
      loop: path,
    });
  }

  /** Report a fault of structure; true when the segment still has a place to be checked against. */
  private reportFault(outcome: number, view: SegmentView, ordinal: number): boolean {
    let [code, text] = FAULTS[outcome] ?? ['SEGMENT_UNKNOWN', 'is no known segment'];
    // What a partner's guide leaves out is not too much of something, it is unexpected (AK304 2).
    if (this.isLeftOut(outcome)) [code, text] = ['SEGMENT_UNEXPECTED', 'is not used by this partner'];
    const id = view.id.slice(0, 20);
    this.elements.issues.push(
      issue(code, `Segment ${id} ${text}`, {
        segmentId: id,
        segmentOrdinal: ordinal,
        byteOffset: view.offset,
        loop: this.matcher.path(this.matcher.at),
      }),
    );
    return outcome === OVER_SEGMENT_MAX || outcome === OVER_LOOP_MAX;
  }

  private isLeftOut(outcome: number): boolean {
    const { matcher } = this;
    const { places } = this.definition;
    if (outcome === OVER_LOOP_MAX) return places[matcher.entered]?.max === 0;
    return outcome === OVER_SEGMENT_MAX && places[matcher.at]?.max === 0;
  }

  /** The document ended without its trailer: what else is missing. */
  endWithoutTrailer(trailerKey: number, ordinal: number, byteOffset: number): void {
    for (const index of this.matcher.missingAtEnd(trailerKey)) {
      this.elements.issues.push(this.missingIssue(index, ordinal, byteOffset));
    }
  }

  /** Issues of the whole document. */
  end(): Issue[] {
    for (const check of this.checks.all) check.end(this.elements.issues);
    const { issues } = this.elements;
    if (issues.length > ISSUES_MAX) this.overflow();
    if (this.dropped > 0)
      issues.push(issue('TOO_MANY_ISSUES', `${this.dropped} further issues of this document are not listed`));
    return issues;
  }
}
