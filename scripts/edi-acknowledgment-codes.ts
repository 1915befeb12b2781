/**
 * The codes of acknowledgments, in our own words: when each is sent, and why one is not. The page
 * docs/reference/edi/acknowledgments.md is made from it; test/edi/faults.test.ts holds the engine to it, code by code.
 */
export interface CodeList {
  element: string;
  title: string;
  /** Codes with what is told by them. */
  sent: Readonly<Record<string, string>>;
  /** Codes that never leave here, `from–to` for a range, with the reason. */
  never: Readonly<Record<string, string>>;
}

const SECURITY =
  'The security segments of X12 (S1, S2 and their like) are not evaluated; AS2 and TLS protect what travels';

export const ACKNOWLEDGMENT_CODES: readonly CodeList[] = [
  {
    element: 'TA105',
    title: 'TA1: the interchange',
    sent: {
      '000': 'nothing is wrong with the envelope',
      '001': 'IEA02 is not ISA13',
      '002': 'ISA11 names a standard that is not X12 (up to 00401; to a strict receiver)',
      '003': 'ISA12 is five digits, and no version that there is',
      '004': 'the terminator is a separator too',
      '005': 'ISA05 is no qualifier',
      '006': 'ISA06 is empty',
      '007': 'ISA07 is no qualifier',
      '008': 'ISA08 is empty',
      '010': 'ISA01 is no qualifier',
      '011': 'ISA01 announces authorization information, and ISA02 is empty',
      '012': 'ISA03 is no qualifier',
      '013': 'ISA03 announces a password, and ISA04 is empty',
      '014': 'ISA09 is no date',
      '015': 'ISA10 is no time',
      '016': 'ISA11 names no standard at all (up to 00401; to a strict receiver)',
      '017': 'ISA12 is not five digits',
      '018': 'ISA13 is not nine digits',
      '019': 'ISA14 is neither 0 nor 1',
      '020': 'ISA15 is none of P, T and I; or the hub has no agreement for test, or for production, with this sender',
      '021': 'IEA01 is not the number of groups',
      '022': 'a segment or group stands where none may',
      '023': 'IEA is missing',
      '024': 'the caller refuses the content',
      '025': 'the control number has come before',
      '026': 'a letter, a digit or a space is made the element separator',
      '027': 'the component separator is the element separator',
    },
    never: {
      '009':
        'A receiver without an agreement may get one: the hub holds such an interchange for a person, and it goes on once there is an agreement. Whoever uses the library alone says it with `refuse`',
      '028–031': 'Deferred delivery and grades of service (ISB, ISE) are passed over: a file is worked when it comes',
    },
  },
  {
    element: 'AK304',
    title: '997 and 999: a segment',
    sent: {
      '1': 'a segment that X12 does not have, or no segment id',
      '2': "a segment that the partner's guide leaves out",
      '3': 'a mandatory segment is missing',
      '4': 'a loop occurs too often',
      '5': 'a segment occurs too often',
      '6': 'a segment of another set',
      '7': 'a segment in the wrong place',
      '8': 'elements are at fault (AK4), or the segment is longer than what is read',
    },
    never: {},
  },
  {
    element: 'AK403',
    title: '997 and 999: an element',
    sent: {
      '1': 'a mandatory element is missing',
      '2': 'a condition asks for it',
      '3': 'more elements than the segment has; components or repetitions before 004020',
      '4': 'too short',
      '5': 'too long',
      '6': 'a character that its type does not allow',
      '7': 'no code of its list, or a count or number that is not so',
      '8': 'no date',
      '9': 'no time',
      '10': 'a condition excludes it',
      '12': 'too many repetitions (from 004020)',
      '13': 'too many components (from 004020)',
    },
    never: {},
  },
  {
    element: 'AK502',
    title: '997 and 999: a transaction set',
    sent: {
      '1': 'a set that there is no definition of, where the agreement refuses those',
      '2': 'SE is missing',
      '3': 'SE02 is not ST02',
      '4': 'SE01 is not the number of segments',
      '5': 'segments are at fault (AK3), or there are none',
      '6': 'ST01 is no set, or one of another group',
      '7': 'ST02 is missing, of a wrong length, or (to a strict receiver) used before in its group',
    },
    never: { '8–17': SECURITY, '23': 'A control number that repeats is told by 7, which every release has' },
  },
  {
    element: 'AK905',
    title: '997 and 999: a group',
    sent: {
      '1': 'GS01 is no functional identifier',
      '2': 'GS08 is no version',
      '3': 'GE is missing',
      '4': 'GE02 is not GS06',
      '5': 'GE01 is not the number of sets',
      '6': 'GS06 is no number of one to nine digits, GS is wrong otherwise, or (to a strict receiver) GS06 repeats',
    },
    never: { '10–18': SECURITY, '19': 'A control number that repeats is told by 6, which every release has' },
  },
  {
    element: '0085',
    title: 'CONTRL: UCI, UCF, UCM, UCS and UCD',
    sent: {
      '2': 'a syntax version that is not 1 to 4',
      '12': 'a value that its list, date or format does not allow',
      '13': 'something mandatory is missing',
      '14': 'a message of a type, or in a release, that there is no definition of, where the caller refuses those',
      '15': 'a segment where none of its kind may stand',
      '16': 'too many elements or components',
      '18': 'the caller refuses the interchange for a reason that 0085 has no code for',
      '19': 'a number with a decimal mark that it may not have',
      '20': 'UNA declares one character for two services',
      '21': 'a character that the character set excludes',
      '25': 'the hub has no agreement for tests, or for production, with this sender',
      '26': 'a reference has come before',
      '28': 'the trailer refers to something else than the header',
      '29': 'the trailer counts wrong, or CNT does',
      '30': 'messages inside and outside of groups',
      '31': 'a message of another type than its group',
      '32': 'an interchange, group or message that holds nothing (to a strict receiver)',
      '33': 'a segment outside of any message',
      '35': 'an element or segment that repeats too often',
      '36': 'a group of segments that repeats too often',
      '37': 'letters where digits belong, or the other way round',
      '38': 'no digit before the decimal mark',
      '39': 'too long',
      '40': 'too short',
      '45': 'a separator with nothing after it (to a strict receiver)',
      '46': 'a character set that is not known',
      '48': 'a condition of a definition that has some; the built-in ones of EDIFACT have none',
    },
    never: {
      '7': 'The hub compares nothing with its own name; an interchange without an agreement is held for a person',
      '17': 'An interchange without an agreement is held for a person, and goes on once there is one',
      '22': 'Service characters are those of UNA, or the usual ones; what is wrong with them is told by 20',
      '23': 'There is nobody to write to where the sender is not known; the interchange is held',
      '24': 'No interchange is too old: business decides about late documents, not syntax',
      '27': 'Security segments are not evaluated; AS2 and TLS protect what travels',
      '34': 'Nesting indicators are of interactive EDIFACT, which is refused by name and not answered',
      '41': 'Networks fail before a file is here, not in it',
      '42': 'Networks fail before a file is here, not in it',
      '43': 'An interchange without an agreement is held for a person, and goes on once there is one',
      '47': 'Interactive interchanges (UIB) are refused by name and not answered',
    },
  },
];
