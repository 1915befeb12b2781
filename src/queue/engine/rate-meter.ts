/** Events per minute over the last one, in slots of ten seconds. */
export interface RateMeter {
  count(nowMs: number): void;
  perMinute(nowMs: number): number;
}

const slotMs = 10_000;
const slotCount = 6;

export function createRateMeter(): RateMeter {
  const slots = Array.from({ length: slotCount + 1 }, () => 0);
  let lastSlot = 0;

  function advance(nowMs: number): number {
    const slot = Math.floor(nowMs / slotMs);
    const steps = Math.min(slots.length, Math.max(0, slot - lastSlot));
    for (let i = 1; i <= steps; i++) slots[(slot - steps + i) % slots.length] = 0;
    lastSlot = Math.max(lastSlot, slot);
    return slot % slots.length;
  }

  return {
    count(nowMs) {
      const index = advance(nowMs);
      slots[index] = (slots[index] ?? 0) + 1;
    },
    perMinute(nowMs) {
      const index = advance(nowMs);
      // The present slot is not over: the oldest makes up for the part that is still to come.
      const oldest = slots[(index + 1) % slots.length] ?? 0;
      const part = 1 - (nowMs % slotMs) / slotMs;
      const sum = slots.reduce((total, each) => total + each, 0);
      return Math.round(sum - oldest + oldest * part);
    },
  };
}
