/**
 * Faults of X12 documents and the acknowledgment that each is owed. One row: what is wrong, what to do to the good document
 * (a segment number, ST being 1, and its replacement; '' deletes, an array inserts), and what stands between AK2 and AK9.
 */
export type Change = readonly [at: number, to: string | readonly string[]];
export type FaultRow = readonly [name: string, changes: readonly Change[], expected: string];

/** 850: 1 ST, then */
export const GOOD_850 = [
  'BEG*00*SA*PO1**20260601', // 2
  'CUR*BY*USD', // 3
  'REF*DP*038', // 4
  'PER*BD*ANN*TE*5551234', // 5
  'SAC*A*C310***1200', // 6
  'ITD*01*3*2**10**30', // 7
  'DTM*002*20260605', // 8
  'TD5*O*2*UPSN*M*GROUND', // 9
  'N1*ST*STORE*92*0012', // 10
  'N3*1 MAIN', // 11
  'N4*COLUMBUS*OH*43004*US', // 12
  'PO1*1*10*EA*18.00*PE*VN*LED', // 13
  'PID*F****LAMP', // 14
  'CTT*1', // 15
];

const E = '~AK5*E*5';
const R = '~AK5*R*5';

/** Mandatory elements. */
const MISSING: FaultRow[] = [
  ['BEG01 missing', [[2, 'BEG**SA*PO1**20260601']], `AK3*BEG*2**8~AK4*1*353*1${R}`],
  ['BEG02 missing', [[2, 'BEG*00**PO1**20260601']], `AK3*BEG*2**8~AK4*2*92*1${R}`],
  ['BEG03 missing', [[2, 'BEG*00*SA***20260601']], `AK3*BEG*2**8~AK4*3*324*1${R}`],
  ['BEG05 missing', [[2, 'BEG*00*SA*PO1']], `AK3*BEG*2**8~AK4*5*373*1${R}`],
  ['BEG03 blank', [[2, 'BEG*00*SA* **20260601']], `AK3*BEG*2**8~AK4*3*324*1${R}`],
  ['BEG01 and BEG03 missing', [[2, 'BEG**SA***20260601']], `AK3*BEG*2**8~AK4*1*353*1~AK4*3*324*1${R}`],
  ['CUR02 missing', [[3, 'CUR*BY']], `AK3*CUR*3**8~AK4*2*100*1${R}`],
  ['REF01 missing', [[4, 'REF**038']], `AK3*REF*4**8~AK4*1*128*1${R}`],
  ['PER01 missing', [[5, 'PER**ANN']], `AK3*PER*5**8~AK4*1*366*1${R}`],
  ['SAC01 missing', [[6, 'SAC**C310***1200']], `AK3*SAC*6**8~AK4*1*248*1${R}`],
  ['DTM01 missing', [[8, 'DTM**20260605']], `AK3*DTM*8**8~AK4*1*374*1${R}`],
  ['N101 missing', [[10, 'N1**STORE']], `AK3*N1*10**8~AK4*1*98*1${R}`],
  ['N301 missing', [[11, 'N3**SUITE 4']], `AK3*N3*11**8~AK4*1*166*1${R}`],
  ['PID01 missing', [[14, 'PID*****LAMP']], `AK3*PID*14**8~AK4*1*349*1${R}`],
  ['CTT01 missing', [[15, 'CTT**10']], `AK3*CTT*15**8~AK4*1*354*1${R}`],
];

/** Relational conditions: AK403 2 and 10. */
const CONDITIONS: FaultRow[] = [
  ['P: PO106 without PO107', [[13, 'PO1*1*10*EA*18.00*PE*VN']], `AK3*PO1*13**8~AK4*7*234*2${R}`],
  ['P: PO107 without PO106', [[13, 'PO1*1*10*EA*18.00*PE**LED']], `AK3*PO1*13**8~AK4*6*235*2${R}`],
  ['C: PO103 without PO102', [[13, 'PO1*1**EA']], `AK3*PO1*13**8~AK4*2*330*2${R}`],
  ['C: PO102 may stand without PO103', [[13, 'PO1*1*10']], 'AK5*A'],
  ['C: PO105 without PO104', [[13, 'PO1*1*10*EA**PE']], `AK3*PO1*13**8~AK4*4*212*2${R}`],
  ['R: N1 with neither name nor code', [[10, 'N1*ST']], `AK3*N1*10**8~AK4*2*93*2${R}`],
  ['P: N103 without N104', [[10, 'N1*ST*STORE*92']], `AK3*N1*10**8~AK4*4*67*2${R}`],
  ['P: N104 without N103', [[10, 'N1*ST*STORE**0012']], `AK3*N1*10**8~AK4*3*66*2${R}`],
  ['R: REF with neither REF02 nor REF03', [[4, 'REF*DP']], `AK3*REF*4**8~AK4*2*127*2${R}`],
  ['P: PER03 without PER04', [[5, 'PER*BD*ANN*TE']], `AK3*PER*5**8~AK4*4*364*2${R}`],
  ['R: SAC with neither SAC02 nor SAC03', [[6, 'SAC*A****1200']], `AK3*SAC*6**8~AK4*2*1300*2${R}`],
  ['P: SAC03 without SAC04', [[6, 'SAC*A**VI**1200']], `AK3*SAC*6**8~AK4*4*1301*2${R}`],
  ['P: SAC06 without SAC07', [[6, 'SAC*A*C310****3']], `AK3*SAC*6**8~AK4*7*332*2${R}`],
  ['P: SAC09 without SAC10', [[6, 'SAC*A*C310***1200****EA']], `AK3*SAC*6**8~AK4*10*380*2${R}`],
  ['L: SAC13 without SAC02 or SAC04', [[6, 'SAC*A**VI*X*1200********REF']], 'AK5*A'],
  ['C: SAC14 without SAC13', [[6, 'SAC*A*C310***1200*********OPT']], `AK3*SAC*6**8~AK4*13*127*2${R}`],
  ['C: SAC16 without SAC15', [[6, 'SAC*A*C310***1200***********EN']], `AK3*SAC*6**8~AK4*15*352*2${R}`],
  ['R: DTM with no date, time or period', [[8, 'DTM*002']], `AK3*DTM*8**8~AK4*2*373*2${R}`],
  ['C: DTM04 without DTM03', [[8, 'DTM*002*20260605**ET']], `AK3*DTM*8**8~AK4*3*337*2${R}`],
  ['P: DTM05 without DTM06', [[8, 'DTM*002*20260605***D8']], `AK3*DTM*8**8~AK4*6*1251*2${R}`],
  ['C: TD502 without TD503', [[9, 'TD5*O*2**M*GROUND']], `AK3*TD5*9**8~AK4*3*67*2${R}`],
  ['C: TD507 without TD508', [[9, 'TD5*O*2*UPSN*M*GROUND**OR']], `AK3*TD5*9**8~AK4*8*310*2${R}`],
  ['C: N406 without N405', [[12, 'N4*COLUMBUS*OH*43004*US**X']], `AK3*N4*12**8~AK4*5*309*2${R}`],
  ['C: PID04 without PID03', [[14, 'PID*F***X*LAMP']], `AK3*PID*14**8~AK4*3*559*2${R}`],
  ['R: PID with neither code nor text', [[14, 'PID*F']], `AK3*PID*14**8~AK4*4*751*2${R}`],
  ['C: PID07 without PID03', [[14, 'PID*F****LAMP**SUB']], `AK3*PID*14**8~AK4*3*559*2${R}`],
  ['P: CTT03 without CTT04', [[15, 'CTT*1**5']], `AK3*CTT*15**8~AK4*4*355*2${R}`],
  ['E: QTY02 and QTY04 together', [[14, ['PID*F****LAMP', 'QTY*39*1*EA*X']]], `AK3*QTY*15**8~AK4*4*61*10*X${E}`],
  ['R: QTY with neither QTY02 nor QTY04', [[14, ['PID*F****LAMP', 'QTY*39']]], `AK3*QTY*15**8~AK4*2*380*2${R}`],
  ['R: MEA with no value', [[14, ['PID*F****LAMP', 'MEA*PD*WT']]], `AK3*MEA*15**8~AK4*3*739*2${R}`],
  ['C: MEA05 without MEA04', [[14, ['PID*F****LAMP', 'MEA*PD*WT***1']]], `AK3*MEA*15**8~AK4*4*355*2${R}`],
  [
    'E: MEA08 and MEA03 together',
    [[14, ['PID*F****LAMP', 'MEA*PD*WT*1****05*04']]],
    `AK3*MEA*15**8~AK4*8*936*10*04${E}`,
  ],
];

/** Lengths, characters, codes, dates and times. */
const VALUES: FaultRow[] = [
  ['BEG01 too long', [[2, 'BEG*000*SA*PO1**20260601']], `AK3*BEG*2**8~AK4*1*353*5*000${E}`],
  ['BEG01 too short', [[2, 'BEG*0*SA*PO1**20260601']], `AK3*BEG*2**8~AK4*1*353*4*0${E}`],
  ['BEG01 is no code', [[2, 'BEG*99*SA*PO1**20260601']], `AK3*BEG*2**8~AK4*1*353*7*99${E}`],
  ['BEG02 too long', [[2, 'BEG*00*SAX*PO1**20260601']], `AK3*BEG*2**8~AK4*2*92*5*SAX${E}`],
  [
    'BEG03 too long',
    [[2, 'BEG*00*SA*12345678901234567890123**20260601']],
    `AK3*BEG*2**8~AK4*3*324*5*12345678901234567890123${E}`,
  ],
  ['BEG05 is no date', [[2, 'BEG*00*SA*PO1**20260631']], `AK3*BEG*2**8~AK4*5*373*8*20260631${E}`],
  ['BEG05 February 29 of no leap year', [[2, 'BEG*00*SA*PO1**20270229']], `AK3*BEG*2**8~AK4*5*373*8*20270229${E}`],
  ['BEG05 letters', [[2, 'BEG*00*SA*PO1**2026JUNE']], `AK3*BEG*2**8~AK4*5*373*8*2026JUNE${E}`],
  ['BEG05 six digits', [[2, 'BEG*00*SA*PO1**260601']], `AK3*BEG*2**8~AK4*5*373*4*260601${E}`],
  ['BEG05 nine digits', [[2, 'BEG*00*SA*PO1**202606011']], `AK3*BEG*2**8~AK4*5*373*5*202606011${E}`],
  ['CUR01 too short', [[3, 'CUR*B*USD']], `AK3*CUR*3**8~AK4*1*98*4*B${E}`],
  ['CUR02 is no currency', [[3, 'CUR*BY*UZZ']], `AK3*CUR*3**8~AK4*2*100*7*UZZ${E}`],
  ['CUR03 is no number', [[3, 'CUR*BY*USD*1.2.3']], `AK3*CUR*3**8~AK4*3*280*6*1.2.3${E}`],
  [
    'REF02 too long',
    [[4, 'REF*DP*1234567890123456789012345678901']],
    `AK3*REF*4**8~AK4*2*127*5*1234567890123456789012345678901${E}`,
  ],
  ['REF01 too long', [[4, 'REF*DEPT*038']], `AK3*REF*4**8~AK4*1*128*5*DEPT${E}`],
  ['SAC01 is no code', [[6, 'SAC*X*C310***1200']], `AK3*SAC*6**8~AK4*1*248*7*X${E}`],
  ['SAC02 too short', [[6, 'SAC*A*C31***1200']], `AK3*SAC*6**8~AK4*2*1300*4*C31${E}`],
  ['SAC05 has a decimal point', [[6, 'SAC*A*C310***12.00']], `AK3*SAC*6**8~AK4*5*610*6*12.00${E}`],
  ['SAC07 letters', [[6, 'SAC*A*C310****3*TEN']], `AK3*SAC*6**8~AK4*7*332*6*TEN${E}`],
  ['ITD03 too long', [[7, 'ITD*01*3*2.123456**10**30']], `AK3*ITD*7**8~AK4*3*338*5*2.123456${E}`],
  ['ITD05 no whole number', [[7, 'ITD*01*3*2**1.5**30']], `AK3*ITD*7**8~AK4*5*351*6*1.5${E}`],
  ['ITD07 too long', [[7, 'ITD*01*3*2**10**3000']], `AK3*ITD*7**8~AK4*7*386*5*3000${E}`],
  ['DTM02 is no date', [[8, 'DTM*002*20261301']], `AK3*DTM*8**8~AK4*2*373*8*20261301${E}`],
  ['DTM03 is no time', [[8, 'DTM*002*20260605*2460']], `AK3*DTM*8**8~AK4*3*337*9*2460${E}`],
  ['DTM03 seconds out of range', [[8, 'DTM*002*20260605*120060']], `AK3*DTM*8**8~AK4*3*337*9*120060${E}`],
  ['DTM03 five digits', [[8, 'DTM*002*20260605*12000']], `AK3*DTM*8**8~AK4*3*337*9*12000${E}`],
  ['DTM03 too short', [[8, 'DTM*002*20260605*120']], `AK3*DTM*8**8~AK4*3*337*4*120${E}`],
  ['TD503 too short', [[9, 'TD5*O*2*U*M*GROUND']], `AK3*TD5*9**8~AK4*3*67*4*U${E}`],
  ['N102 too long', [[10, `N1*ST*${'X'.repeat(61)}*92*0012`]], `AK3*N1*10**8~AK4*2*93*5*${'X'.repeat(61)}${E}`],
  ['N104 too short', [[10, 'N1*ST*STORE*92*1']], `AK3*N1*10**8~AK4*4*67*4*1${E}`],
  ['N402 too long', [[12, 'N4*COLUMBUS*OHIO*43004*US']], `AK3*N4*12**8~AK4*2*156*5*OHIO${E}`],
  ['N403 too short', [[12, 'N4*COLUMBUS*OH*43*US']], `AK3*N4*12**8~AK4*3*116*4*43${E}`],
  ['PO102 letters', [[13, 'PO1*1*TEN*EA*18.00']], `AK3*PO1*13**8~AK4*2*330*6*TEN${E}`],
  ['PO102 with a comma', [[13, 'PO1*1*1,000*EA*18.00']], `AK3*PO1*13**8~AK4*2*330*6*1,000${E}`],
  ['PO102 with a plus sign', [[13, 'PO1*1*+10*EA*18.00']], `AK3*PO1*13**8~AK4*2*330*6*+10${E}`],
  ['PO103 too long', [[13, 'PO1*1*10*EACH*18.00']], `AK3*PO1*13**8~AK4*3*355*5*EACH${E}`],
  ['PO103 too short', [[13, 'PO1*1*10*E*18.00']], `AK3*PO1*13**8~AK4*3*355*4*E${E}`],
  ['PO104 with a currency sign', [[13, 'PO1*1*10*EA*$18']], `AK3*PO1*13**8~AK4*4*212*6*$18${E}`],
  ['PO104 minus inside', [[13, 'PO1*1*10*EA*1-8']], `AK3*PO1*13**8~AK4*4*212*6*1-8${E}`],
  [
    'PO101 too long',
    [[13, 'PO1*123456789012345678901*10*EA*18.00']],
    `AK3*PO1*13**8~AK4*1*350*5*123456789012345678901${E}`,
  ],
  ['PO106 too short', [[13, 'PO1*1*10*EA*18.00*PE*V*LED']], `AK3*PO1*13**8~AK4*6*235*4*V${E}`],
  [
    'PO107 too long',
    [[13, `PO1*1*10*EA*18.00*PE*VN*${'9'.repeat(49)}`]],
    `AK3*PO1*13**8~AK4*7*234*5*${'9'.repeat(49)}${E}`,
  ],
  ['PID01 is no code', [[14, 'PID*Z****LAMP']], `AK3*PID*14**8~AK4*1*349*7*Z${E}`],
  ['PID05 holds a control character', [[14, 'PID*F****LA\u0007MP']], `AK3*PID*14**8~AK4*5*352*6${E}`],
  ['CTT01 letters', [[15, 'CTT*ONE']], `AK3*CTT*15**8~AK4*1*354*6*ONE${E}`],
  ['CTT01 too long', [[15, 'CTT*0000001']], `AK3*CTT*15**8~AK4*1*354*5*0000001${E}`],
  ['CTT01 counts wrong', [[15, 'CTT*2']], `AK3*CTT*15**8~AK4*1*354*7*2${E}`],
  ['too many elements in N3', [[11, 'N3*1 MAIN*SUITE 4*EXTRA']], `AK3*N3*11**8~AK4*3**3*EXTRA${E}`],
  ['too many elements in CTT', [[15, 'CTT*1*******EXTRA']], `AK3*CTT*15**8~AK4*8**3*EXTRA${E}`],
  ['components where there are none', [[4, 'REF*DP*03>8']], `AK3*REF*4**8~AK4*2>2**3*8${E}`],
  [
    'two faults in one segment',
    [[2, 'BEG*99*SA*PO1**20260631']],
    `AK3*BEG*2**8~AK4*1*353*7*99~AK4*5*373*8*20260631${E}`,
  ],
  [
    'two faulty segments',
    [
      [3, 'CUR*BY*UZZ'],
      [8, 'DTM*002*20261301'],
    ],
    `AK3*CUR*3**8~AK4*2*100*7*UZZ~AK3*DTM*8**8~AK4*2*373*8*20261301${E}`,
  ],
  ['composite: unit missing', [[14, ['PID*F****LAMP', 'MEA*PD*WT*1*>2']]], `AK3*MEA*15**8~AK4*4>1*355*1${R}`],
  [
    'composite: multiplier is no number',
    [[14, ['PID*F****LAMP', 'MEA*PD*WT*1*LB>X']]],
    `AK3*MEA*15**8~AK4*4>2*1018*6*X${E}`,
  ],
  ['composite: unit too long', [[14, ['PID*F****LAMP', 'MEA*PD*WT*1*LBS>2']]], `AK3*MEA*15**8~AK4*4>1*355*5*LBS${E}`],
];

/** Segments: unknown, misplaced, missing, too many. */
const SEGMENTS: FaultRow[] = [
  ['unknown segment', [[4, 'XYZ*1']], `AK3*XYZ*4**1${R}`],
  ['unknown segment of two characters', [[4, 'QQ*1']], `AK3*QQ*4**1${R}`],
  ['segment of another set', [[4, 'BIG*20260601*I1']], `AK3*BIG*4**6${R}`],
  ['a segment that X12 has and we do not define', [[4, 'CLM*1']], `AK3*CLM*4**6${R}`],
  ['another segment of another set', [[4, 'HL*1**S']], `AK3*HL*4**6${R}`],
  ['REF after the parties', [[12, ['N4*COLUMBUS*OH*43004*US', 'CUR*BY*USD']]], `AK3*CUR*13**7${R}`],
  [
    'BEG after CUR',
    [
      [2, 'CUR*BY*USD'],
      [3, 'BEG*00*SA*PO1**20260601'],
    ],
    `AK3*BEG*2**3~AK3*BEG*3**7${R}`,
  ],
  ['CUR twice', [[3, ['CUR*BY*USD', 'CUR*SE*USD']]], `AK3*CUR*4**5${E}`],
  ['CTT twice', [[15, ['CTT*1', 'CTT*1']]], `AK3*CTT*16**4${E}`],
  ['PER four times', [[5, ['PER*BD*A', 'PER*BD*B', 'PER*BD*C', 'PER*BD*D']]], `AK3*PER*8**5${E}`],
  ['N2 three times', [[10, ['N1*ST*STORE*92*0012', 'N2*A', 'N2*B', 'N2*C']]], `AK3*N2*13**5${E}`],
  ['SAC loop beyond its maximum', [[6, Array.from({ length: 26 }, () => 'SAC*A*C310***1200')]], `AK3*SAC*31**4${E}`],
  ['BEG missing', [[2, '']], `AK3*BEG*2**3${R}`],
  [
    'no line at all',
    [
      [13, ''],
      [14, ''],
      [15, ''],
    ],
    `AK3*PO1*13**3${R}`,
  ],
  ['PO1 missing before its description', [[13, '']], `AK3*PID*13**7~AK3*PO1*14**3~AK3*CTT*14**8~AK4*1*354*7*1${R}`],
  ['N3 without N1', [[10, '']], `AK3*N3*10**7~AK3*N4*11**7${R}`],
  ['SE in the wrong place is a trailer all the same', [[15, ['CTT*1', 'AMT*TT*180']]], 'AK5*A'],
  ['segment id with lower-case letters', [[4, 'ref*DP*038']], `AK3*ref*4**1${R}`],
  ['segment id longer than three', [[4, 'REFX*DP*038']], `AK3*REF*4**1${R}`],
  [
    'LS of no loop is allowed where the set has it',
    [[14, ['PID*F****LAMP', 'LS*LDT', 'LDT*AF*5*DA', 'LE*LDT']]],
    'AK5*A',
  ],
  [
    'unknown and faulty together',
    [
      [4, 'XYZ*1'],
      [8, 'DTM*002*20261301'],
    ],
    `AK3*XYZ*4**1~AK3*DTM*8**8~AK4*2*373*8*20261301${R}`,
  ],
];

export const X12_DOCUMENT_FAULTS: readonly FaultRow[] = [...MISSING, ...CONDITIONS, ...VALUES, ...SEGMENTS];
