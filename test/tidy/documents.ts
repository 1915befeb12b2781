import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { codeFolders, readText, root } from './source-files.ts';

/** Without blocks of code, in which nothing is a heading or a link. */
const proseOf = (markdown: string): string => markdown.replaceAll(/^( *)```[^]*?^\1```/gm, '');

/** The anchors that GitHub makes of headings: lower case, words joined by hyphens, a number behind a repetition. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of proseOf(markdown).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const slug = text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

/**
 * Local links of a document that lead nowhere: to no file, or to no heading of it. Links are `path`, `path#anchor` or
 * `#anchor`; line numbers of code (`#L12`) are not looked at.
 */
export function brokenLinks(path: string, markdown = readText(path)): string[] {
  const links = proseOf(markdown).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?[^)]*\)/g);
  return [...links].flatMap(([, target = '', anchor]) => {
    const file = target === '' ? path : posix.normalize(posix.join(posix.dirname(path), target));
    if (!existsSync(join(root, file))) return [`${path} → ${target}`];
    if (anchor === undefined || !file.endsWith('.md')) return [];
    return anchorsOf(file === path ? markdown : readText(file)).has(anchor) ? [] : [`${path} → ${target}#${anchor}`];
  });
}

/** Files and folders of ours that a document names between backticks, and that are not there. Patterns and what is built are passed over. */
export function missingPaths(path: string, markdown = readText(path)): string[] {
  const ours = new RegExp(`^(?:${[...codeFolders, 'docs', 'migrations', 'bin'].join('|')})/[\\w./-]+$`);
  return [...proseOf(markdown).matchAll(/`([^`\n]+)`/g)]
    .map(([, text = '']) => text)
    .filter((text) => ours.test(text) && !/\/dist(\/|$)/.test(text) && !existsSync(join(root, text)))
    .map((text) => `${path}: ${text}`);
}

/** The words that a glossary's tables explain, section by section, as they stand. */
export function termsOf(markdown: string): string[][] {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((section) =>
      [...section.matchAll(/^\| (.+?) \| .+ \|$/gm)].map(([, term = '']) => term).filter((term) => term !== 'Word'),
    );
}
