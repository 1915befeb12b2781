/** Finds the definition that governs a document. */
import type { Definition, Standard } from './schema.ts';
import { DIRECTORIES, EDIFACT_MESSAGES, edifactDefinition } from './edifact/index.ts';
import { RELEASES, X12_SETS, x12Definition } from './x12/index.ts';

/** The built-in definition of a document type in a version (`004010`, `D.96A`), or undefined when we have none. */
export function lookup(standard: Standard, version: string, type: string, _association = ''): Definition | undefined {
  if (standard === 'x12') return x12Definition(version, type);
  return edifactDefinition(version, type);
}

/** Every built-in definition: standard, versions and types, for references and completeness tests. */
export function definedTypes(): { standard: Standard; versions: readonly string[]; types: readonly string[] }[] {
  return [
    { standard: 'x12', versions: RELEASES, types: X12_SETS.map((set) => set.type) },
    { standard: 'edifact', versions: DIRECTORIES, types: EDIFACT_MESSAGES.map((message) => message.type) },
  ];
}
