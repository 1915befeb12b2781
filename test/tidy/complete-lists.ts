/**
 * Declarations are one file plus one line in an explicit list. Each row says which files are declarations and which
 * file lists them, by importing them. A new kind of declaration gets a row here.
 */
export interface CompleteList {
  readonly what: string;
  /** Paths of declaration files. */
  readonly files: RegExp;
  /** Narrows `files` to those whose text matches. */
  readonly marker?: RegExp;
  /** Files that together import every one of them. */
  readonly lists: readonly string[];
}

export const completeLists: readonly CompleteList[] = [
  { what: 'connectors', files: /^src\/connectors\/[^/]+\/connector\.ts$/, lists: ['src/connectors/index.ts'] },
  { what: 'maps', files: /^src\/maps\/[^/]+\.ts$/, marker: /= define\w*Map\w*[(<]/, lists: ['src/maps/index.ts'] },
  { what: 'flows', files: /^src\/flows\/.+\.ts$/, marker: /= defineFlow[(<]/, lists: ['src/flows/index.ts'] },
  { what: 'routes', files: /^src\/api\/routes\/[^/]+\.ts$/, lists: ['src/api/routes.ts'] },
  { what: 'X12 sets', files: /^src\/edi\/x12\/sets-[^/]+\.ts$/, lists: ['src/edi/x12/index.ts'] },
  {
    what: 'pages of the console',
    files: /^console\/pages\/[^/]+\.tsx$/,
    lists: ['console/router.tsx', 'console/main.tsx'],
  },
];
