import { isSscc } from '../../model/index.ts';

/** A GS1-128 symbol: what it says, and its bars and spaces. */
export interface Gs1Barcode {
  /** GS1 element string in its human-readable form, `(00)106141410000000019`. */
  readonly elementString: string;
  /** Widths in modules, a bar first, then a space, and so on. */
  readonly widths: readonly number[];
}

/** Modules of the light margin on either side (GS1 General Specifications §5.4.4). */
export const quietModules = 10;

/** Loaded with the first label: hubs that print none spare its two megabytes of code. */
const library = () => import('bwip-js/node');

interface Drawing {
  sbs: number[];
  txt: [string, ...unknown[]][];
}

/** Element string of an SSCC: application identifier 00 and 18 digits with a right check digit. */
function ssccElementString(sscc: string): string {
  if (!isSscc(sscc)) throw new RangeError(`${sscc} is not an SSCC`);
  return `(00)${sscc}`;
}

/**
 * The GS1-128 symbol of an SSCC: start, FNC1, the digits in code set C, check symbol, stop.
 * @throws RangeError for digits that are no SSCC
 */
export async function ssccBarcode(sscc: string): Promise<Gs1Barcode> {
  const { default: bwip } = await library();
  // The library's types know nothing of what `raw` returns.
  const [drawing] = bwip.raw({ bcid: 'gs1-128', text: ssccElementString(sscc) }) as unknown as [Drawing];
  return { elementString: drawing.txt.map(([text]) => text).join(''), widths: drawing.sbs };
}

/** The symbol as a PNG with its human-readable text below, for label designs of one's own: at 300 dpi modules of 0.5 mm. */
export async function ssccPng(sscc: string): Promise<Buffer> {
  const { default: bwip } = await library();
  return bwip.toBuffer({
    bcid: 'gs1-128',
    text: ssccElementString(sscc),
    scale: 6,
    // In millimetres at modules of 1/72 inch; at 0.5 mm the bars are the 32 mm that an SSCC wants.
    height: 23,
    includetext: true,
    textxalign: 'center',
    paddingwidth: quietModules,
    paddingheight: 4,
    backgroundcolor: 'FFFFFF',
  });
}
