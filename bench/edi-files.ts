/** The files that the EDI figures are measured on: 850s and ORDERS of fifty lines, one interchange each. */
import { closeSync, openSync, writeSync } from 'node:fs';

const LINES = 50;

function x12Order(n: number): string {
  const control = String(n).padStart(4, '0');
  const segments = [
    `BEG*00*SA*PO${n}**20260601`,
    'CUR*BY*USD',
    'REF*DP*038',
    'DTM*010*20260605',
    'N1*ST*Store 12*92*0012',
    'N3*12 Market Street',
    'N4*Columbus*OH*43004*US',
  ];
  for (let line = 1; line <= LINES; line++) {
    segments.push(`PO1*${line}*${line * 3}*EA*${line}.95*PE*UK*00614141100088*VN*SKU-${n}-${line}`);
    segments.push(`PID*F****LED lamp number ${line} of order ${n}`, 'PO4*6*1*EA');
  }
  segments.push(`CTT*${LINES}`);
  return [`ST*850*${control}`, ...segments, `SE*${segments.length + 2}*${control}`].map((one) => `${one}~\n`).join('');
}

function edifactOrder(n: number): string {
  const segments = [
    `BGM+220+PO${n}+9`,
    'DTM+137:20260601:102',
    'NAD+BY+4000001000005::9',
    'NAD+SU+0614141001019::9',
    'CUX+2:EUR:9',
  ];
  for (let line = 1; line <= LINES; line++) {
    segments.push(`LIN+${line}++00614141100088:EN`, `PIA+1+SKU-${n}-${line}:SA`);
    segments.push(`IMD+F++:::LED lamp number ${line}`, `QTY+21:${line * 3}:PCE`, `PRI+AAA:${line}.95`);
  }
  segments.push('UNS+S', `CNT+2:${LINES}`);
  return [`UNH+${n}+ORDERS:D:96A:UN:EAN008`, ...segments, `UNT+${segments.length + 2}+${n}`]
    .map((one) => `${one}'\n`)
    .join('');
}

const ISA =
  'ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260601*0900*U*00401*000000001*0*T*>~\n';

/** Write a file of about `megabytes`, one interchange. */
export function generateEdiFile(path: string, megabytes: number, edifact: boolean): void {
  const file = openSync(path, 'w');
  let size = 0;
  let count = 0;
  const put = (text: string) => {
    size += text.length;
    writeSync(file, text);
  };
  if (edifact) put("UNA:+.? '\nUNB+UNOC:3+4000001000005:14+0614141001019:14+260601:0915+IC1'\n");
  else put(`${ISA}GS*PO*APPS*APPR*20260601*0900*1*X*004010~\n`);
  while (size < megabytes * 1e6) {
    count++;
    put(edifact ? edifactOrder(count) : x12Order(count));
  }
  put(edifact ? `UNZ+${count}+IC1'\n` : `GE*${count}*1~\nIEA*1*000000001~\n`);
  closeSync(file);
}
