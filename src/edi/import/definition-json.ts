/** The JSON form of a definition, field by field; documented in docs/reference/edi/definition-format.md. */
import type { Standard } from '../schema.ts';

export interface ElementJson {
  type: string;
  min: number;
  max: number;
  name?: string;
  label?: string;
  /** A list, or an object of code and label. */
  codes?: string[] | Record<string, string>;
  /** True when the list is not complete: unlisted codes are taken. */
  open?: boolean;
}

export interface UseJson {
  element?: string;
  composite?: string;
  required?: boolean;
  repeat?: number;
  name?: string;
  unused?: boolean;
}

export interface StructureJson {
  segment?: string;
  loop?: string;
  name?: string;
  min?: number;
  /** Absent: 1. `null`: any number. */
  max?: number | null;
  content?: StructureJson[];
  /** Of a segment: the element (counted from 1) that must hold one of `codes`, which tells look-alikes apart. */
  qualifier?: number;
  codes?: string[];
}

export interface DefinitionJson {
  crossdockDefinition: number;
  standard: Standard;
  version: string;
  type: string;
  association?: string;
  functionalId?: string;
  label?: string;
  provenance?: string;
  elements: Record<string, ElementJson>;
  composites?: Record<string, { name?: string; label?: string; components: UseJson[]; conditions?: string[] }>;
  segments: Record<string, { label?: string; elements: UseJson[]; conditions?: string[] }>;
  structure: StructureJson[];
  checks?: string[];
}
