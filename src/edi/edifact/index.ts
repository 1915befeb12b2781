/** The EDIFACT definitions: D.96A as the base, D.01B as deltas over it; EANCOM rides on both. */
import { compilePlaces, type DictionaryText, makeDefinition } from '../definition-language.ts';
import { Dictionary } from '../dictionary.ts';
import type { Definition } from '../schema.ts';
import {
  CODES,
  COMPOSITES,
  ELEMENTS,
  LAST_COMPOSITES,
  LAST_ELEMENTS,
  MORE_COMPOSITES,
  MORE_ELEMENTS,
  MORE_SEGMENTS,
  SEGMENTS,
} from './elements.ts';
import { CATALOGUE_MESSAGES } from './sets-catalogue.ts';
import { MORE_MESSAGES, TRANSPORT_COMPOSITES, TRANSPORT_ELEMENTS, TRANSPORT_SEGMENTS } from './sets-more.ts';
import { REPORT_MESSAGES } from './sets-reports.ts';
import { type MessageText, TRADE_MESSAGES } from './sets-trade.ts';

export const DIRECTORIES = ['D.96A', 'D.01B'] as const;

/** Every message we define. A new one is one entry in one of these lists. */
export const EDIFACT_MESSAGES: readonly MessageText[] = [
  ...TRADE_MESSAGES,
  ...CATALOGUE_MESSAGES,
  ...REPORT_MESSAGES,
  ...MORE_MESSAGES,
];

/** What D.01B changes: longer fields, document numbers as a composite, regions with names. */
const D01B: Partial<DictionaryText> = {
  elements: `
1060 an 1/6 revision Revision
1082 an 1/6 lineNumber Line number
1131 an 1/17 codeList Code list
1154 an 1/70 number Reference
3192 an 1/35 holderName Account holder
3222 an 1/70 related First related location
3224 an 1/256 place Place
3228 an 1/70 regionName Region
3251 an 1/17 postalCode Postal code
3412 an 1/35 name Contact
4440 an 1/512 text Text
5004 n 1/35 amount Amount
6060 an 1/35 quantity Quantity
6411 an 1/3 unit Unit of measure
7008 an 1/256 description Description
9321 an 1/8 code Application error
0138 n 1/6 securityPosition Position of the security segment
`,
  composites: `
C106 identification Document number | 1004 4000 1060
C506 reference Reference | 1153! 1154 1156 4000 1060
C819 region Region | 3229 1131 3055 3228
C501 percentage Percentage | 5245! 5482 5249 1131 3055 4405
`,
  segments: `
BGM Start of the message | C002 C106 1225 4343
NAD Party | 3035! C082 C058 C080 C059 3164 C819 3251 3207
IMD Item description | 7077 C272 C273 7383
FTX Text | 4451! 4453 C107 C108 3453 4447
TAX Duty, tax or fee | 5283! C241 C533 5286 C243 5305 3446 1227
PIA Additional item numbers | 4347! C212! C212 C212 C212 C212
COM Communication | C076!x3
UCI Interchange acknowledged | 0020! S002! S003! 0083! 0085 0013 S011 0534 0138
UCF Group acknowledged | 0048! S006! S007! 0083! 0085 0013 S011 0534 0138
UCM Message acknowledged | 0062! S009! 0083! 0085 0013 S011 0534 0138
`,
};

const byType = new Map(EDIFACT_MESSAGES.map((message) => [message.type, message]));
/** Whether we define a message of this type, in whatever directory. */
export const definesMessage = (type: string): boolean => byType.has(type);

const dictionaries = new Map<string, Dictionary>();
const definitions = new Map<string, Definition>();

export function dictionaryOf(directory: string): Dictionary {
  let dictionary = dictionaries.get(directory);
  if (dictionary === undefined) {
    const base = {
      elements: ELEMENTS + MORE_ELEMENTS + LAST_ELEMENTS + TRANSPORT_ELEMENTS,
      codes: CODES,
      composites: COMPOSITES + MORE_COMPOSITES + LAST_COMPOSITES + TRANSPORT_COMPOSITES,
      segments: SEGMENTS + MORE_SEGMENTS + TRANSPORT_SEGMENTS,
    };
    dictionary = new Dictionary(base, directory === 'D.01B' ? [D01B] : []);
    dictionaries.set(directory, dictionary);
  }
  return dictionary;
}

function structureOf(message: MessageText, directory: string): string {
  if (directory !== 'D.01B') return message.structure;
  let structure = message.shapeD01b ?? message.structure;
  for (const [from, to] of message.d01b ?? []) {
    if (!structure.includes(from)) throw new Error(`EDI definition: D.01B delta of ${message.type} does not apply`);
    structure = structure.replace(from, to);
  }
  return structure;
}

/** Service messages have versions of their own (`D.3`, `2.2`, `4.1`), whatever the directory. Syntax 4 has its own shape. */
function directoryOf(version: string, type: string): string | undefined {
  if (type === 'CONTRL' && /^(4\.\d+|D\.01B)$/.test(version)) return 'D.01B';
  if (type === 'CONTRL') return /^([D234]\.\d+|D\.\d\d[AB])$/.test(version) ? 'D.96A' : undefined;
  return (DIRECTORIES as readonly string[]).includes(version) ? version : undefined;
}

export function edifactDefinition(version: string, type: string): Definition | undefined {
  const directory = directoryOf(version, type);
  const message = byType.get(type);
  if (directory === undefined || message === undefined) return undefined;
  const key = `${directory} ${type}`;
  let definition = definitions.get(key);
  if (definition === undefined) {
    const dictionary = dictionaryOf(directory);
    const about = {
      standard: 'edifact' as const,
      version: directory,
      type,
      functionalId: '',
      label: message.label,
      provenance: message.provenance,
      checks: message.checks ?? [],
    };
    const places = compilePlaces(dictionary, structureOf(message, directory));
    definition = makeDefinition(about, places, dictionary.keys);
    definitions.set(key, definition);
  }
  return definition;
}
