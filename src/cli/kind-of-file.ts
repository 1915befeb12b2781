import { extname } from 'node:path';

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** What a file is for the hub, by its name and its first characters; without the byte-order mark that some editors write. */
export function kindOfFile(file: string, content: Uint8Array): { kind: 'csv' | 'json' | 'edi'; content: Uint8Array } {
  const marked = BYTE_ORDER_MARK.every((byte, at) => content[at] === byte);
  const bare = marked ? content.subarray(BYTE_ORDER_MARK.length) : content;
  const extension = extname(file).toLowerCase();
  if (extension === '.csv') return { kind: 'csv', content };
  const start = Buffer.from(bare.subarray(0, 200)).toString('latin1').trimStart();
  // An array is no order, but the hub says so better than a reader of EDI could.
  if (extension === '.json' || /^[{[]/.test(start)) return { kind: 'json', content: bare };
  // Standard input has no name to tell by: a CSV begins with the names of its columns, an interchange with its separators.
  const [header = ''] = start.split('\n', 1);
  const isCsv = file === '-' && header.includes(',') && /\bcustomer\b/i.test(header) && !/^(ISA|UN[AB])/.test(header);
  return { kind: isCsv ? 'csv' : 'edi', content };
}
