/**
 * What later releases change, as deltas over 004010. Each holds from its release on. Only fields that public references and
 * partner guides name are here; see `LATER_RELEASES`.
 */
import type { DictionaryText } from '../definition-language.ts';

export const RELEASES = ['004010', '004020', '004030', '004040', '004050', '004060', '005000', '005010'] as const;

export const RELEASE_DELTAS: readonly ({ since: string } & Partial<DictionaryText>)[] = [
  {
    since: '004020',
    composites: 'C030 position Position in the segment | 722! 1528',
  },
  {
    since: '004030',
    elements: `
127 AN 1/50 reference Reference
364 AN 1/256 number Number or address
`,
  },
  {
    since: '005010',
    elements: `
1686 N0 1/4 repetition Repetition
719 N0 1/10 position Segment position
1715 ID 1/3 subdivision Subdivision of the country
309 ID 1/2 locationQualifier Kind of location
326 AN 1/45 requestReference Request reference
350 AN 1/20 lineNumber Line number
`,
    composites: 'C030 position Position in the segment | 722! 1528 1686',
    segments: `
N4 Place | 19 156 116 26 309 310 1715 | E0207 C0605 C0704
`,
  },
];
