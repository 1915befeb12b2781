import type PDFDocument from 'pdfkit';
import type { Address, Shipment } from '../../model/index.ts';

export type Pdf = InstanceType<typeof PDFDocument>;

export const regular = 'Helvetica';
export const bold = 'Helvetica-Bold';

/**
 * Draws a PDF and answers its bytes. The same shipment gives the same bytes: no clock is read, and the text stays
 * uncompressed so that it can be searched in archives.
 */
export async function drawPdf(
  options: { size: [number, number] | 'LETTER'; margin: number; title: string; madeAt: Date },
  draw: (pdf: Pdf) => void,
): Promise<Buffer> {
  // With the first document: it brings its fonts' tables along, 26 MB of memory that most hours need not.
  const { default: Document } = await import('pdfkit');
  return new Promise((resolve, reject) => {
    const pdf = new Document({
      size: options.size,
      margin: options.margin,
      compress: false,
      autoFirstPage: false,
      bufferPages: true,
      info: { Title: options.title, CreationDate: options.madeAt },
    });
    const chunks: Buffer[] = [];
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
    draw(pdf);
    pdf.end();
  });
}

/** When the goods were packed or left, for the date of the file. */
export function madeAtOf(shipment: Shipment): Date {
  return new Date(shipment.packedAt ?? shipment.shippedAt ?? 0);
}

/** A party in lines: name, street, city with region and postal code, country. */
export function partyLines(party: { name?: string; address?: Address; gln?: string }): string[] {
  const { address } = party;
  const place = address && [address.city, [address.region, address.postal].filter(Boolean).join(' ')].join(', ');
  return [party.name, ...(address?.lines ?? []), place, address?.country].filter((line) => line !== undefined);
}

/** How small a line may become before it is cut. */
const leastShare = 0.7;

/**
 * One line of text that never grows beyond its width: a long one is set smaller, so that the postal code at its end stays
 * readable, and cut only when that is not enough.
 */
export function lineAt(
  pdf: Pdf,
  text: string,
  x: number,
  y: number,
  width: number,
  size: number,
  font = regular,
): void {
  let fitting = size;
  pdf.font(font).fontSize(size);
  while (fitting > size * leastShare && pdf.widthOfString(text) > width) pdf.fontSize((fitting -= 0.5));
  // The baseline stays where the line's neighbours have theirs.
  const baseline = y + (size - fitting) * 0.72;
  pdf.text(text, x, baseline, { width, height: size * 1.3, lineBreak: false, ellipsis: true });
}
