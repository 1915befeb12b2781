import type { Budget, BudgetSettings, QuotaForecast } from '../budget.ts';
import type { BudgetState } from './budget-step.ts';

/**
 * When a quota ends: what waits is called as soon as it may, and new work goes on coming at the pace of late. Never
 * sooner than the rate lets the rest go.
 * @param waiting open deliveries that still need a call
 * @returns undefined without a quota
 */
export function forecastQuota(
  state: BudgetState,
  settings: BudgetSettings,
  waiting: number,
  nowMs: number,
  period: { startMs: number; endMs: number },
): QuotaForecast | undefined {
  const { quota, rate } = settings;
  if (quota === undefined) return undefined;
  const isCurrent = state.periodStartMs === period.startMs;
  const used = isCurrent ? state.used : 0;
  const left = Math.max(0, quota.calls - used);
  const perMs = isCurrent ? paceOf(state, nowMs) : 0;
  const forecast: QuotaForecast = {
    limit: quota.calls,
    used,
    left,
    resetsAt: new Date(period.endMs),
    perHour: Math.round(perMs * 3_600_000),
    waiting,
  };
  const beyond = left - waiting;
  const byPaceMs = beyond <= 0 ? 0 : perMs === 0 ? Number.POSITIVE_INFINITY : beyond / perMs;
  const byRateMs = rate === undefined ? 0 : (left * rate.perSeconds * 1000) / rate.calls;
  const endsMs = nowMs + (left === 0 ? 0 : Math.max(byPaceMs, byRateMs));
  if (endsMs < period.endMs) forecast.exhaustedAt = new Date(endsMs);
  return forecast;
}

/** Calls per ms since the oldest mark; nothing is said of less than a minute. */
function paceOf(state: BudgetState, nowMs: number): number {
  const oldest = state.marks[0];
  if (oldest === undefined || nowMs - oldest[0] < 60_000) return 0;
  return Math.max(0, state.used - oldest[1]) / (nowMs - oldest[0]);
}

/** The forecast in a sentence, times by the quota's own clock; undefined without a quota. */
export function quotaWords({ settings, quota: forecast }: Pick<Budget, 'settings' | 'quota'>): string | undefined {
  const { quota } = settings;
  if (quota === undefined || forecast === undefined) return undefined;
  const time = new Intl.DateTimeFormat('en-GB', { timeZone: quota.zone, hour: '2-digit', minute: '2-digit' });
  const count = (value: number): string => value.toLocaleString('en-US');
  const left = `${count(forecast.left)} of ${count(forecast.limit)} left`;
  const reset = `it begins anew at ${time.format(forecast.resetsAt)}`;
  if (forecast.left === 0) return `The ${quota.per}’s quota is used up; ${reset}`;
  if (forecast.exhaustedAt === undefined) return `${left}; at this pace the ${quota.per}’s quota lasts`;
  return `At this pace the ${quota.per}’s quota ends at ${time.format(forecast.exhaustedAt)}; ${left}, ${reset}`;
}
