/**
 * The lane of a key: FNV-1a, 32 bits, over UTF-16 code units, modulo the number of lanes. Never changed: a key whose
 * lane changed would overtake itself.
 */
export function laneOfKey(key: string, lanes: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % lanes;
}
