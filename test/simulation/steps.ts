import { breakerStep, callsAllowed, mayProbe } from '../../src/queue/step/breaker-step.ts';
import { budgetStep, fairSlots } from '../../src/queue/step/budget-step.ts';
import { backSince, drainRoom, isRamping, spendDrain, startDrain } from '../../src/queue/step/drain-step.ts';
import { effectStep } from '../../src/queue/step/effect-step.ts';
import { judgeFailure } from '../../src/queue/step/flow-failure.ts';
import { intakeStep } from '../../src/queue/step/intake-step.ts';
import { cursorAfter, cursorOf, laneStep, newLane } from '../../src/queue/step/lane-step.ts';
import { parentStep } from '../../src/queue/step/parent-step.ts';
import { markStep } from '../../src/queue/step/read-mark.ts';
import { supersede } from '../../src/queue/step/supersede-step.ts';
import { windowStatus } from '../../src/queue/step/window-step.ts';

/** The product's pure steps: what a simulation drives. A mutation replaces one of them by a wrapped one. */
export interface Steps {
  readonly newLane: typeof newLane;
  readonly laneStep: typeof laneStep;
  readonly cursorOf: typeof cursorOf;
  readonly cursorAfter: typeof cursorAfter;
  readonly effectStep: typeof effectStep;
  readonly judgeFailure: typeof judgeFailure;
  readonly markStep: typeof markStep;
  readonly windowStatus: typeof windowStatus;
  readonly breakerStep: typeof breakerStep;
  readonly callsAllowed: typeof callsAllowed;
  readonly mayProbe: typeof mayProbe;
  readonly supersede: typeof supersede;
  readonly budgetStep: typeof budgetStep;
  readonly fairSlots: typeof fairSlots;
  readonly parentStep: typeof parentStep;
  readonly intakeStep: typeof intakeStep;
  readonly startDrain: typeof startDrain;
  readonly backSince: typeof backSince;
  readonly drainRoom: typeof drainRoom;
  readonly spendDrain: typeof spendDrain;
  readonly isRamping: typeof isRamping;
  /** What the shell around them does by the protocol; a mutation leaves one of these out. */
  readonly shell: ShellRules;
}

export interface ShellRules {
  /** Every write is refused when the lane's epoch has moved on. */
  readonly fencesWrites: boolean;
  /** A lane that was taken over is opened only after older transactions have ended. */
  readonly waitsForOlderTransactions: boolean;
  /** Nothing is sent after the own lease has run out. */
  readonly checksLeaseBeforeSend: boolean;
  /** A renewed lease is believed in only once it is committed. */
  readonly believesLeaseAfterCommit: boolean;
  /** A lease that had run out before it was renewed says nothing about the lanes. */
  readonly startsOverAfterLapse: boolean;
  /** Who waits for older transactions is served by a mark that was taken after the asking. */
  readonly stampsOnlyWhoAskedBefore: boolean;
  /** The intent is committed before the first byte leaves. */
  readonly commitsIntentFirst: boolean;
  /** Whoever takes a lane over makes open intents unknown. */
  readonly recoversIntents: boolean;
  /** A parked delivery must still be as it was when it was loaded. */
  readonly locksParked: boolean;
  /** A delivered one is replayed only while no later one of its key exists. */
  readonly refusesOvertakingReplay: boolean;
  /** A replay that was overtaken between its asking and its turn is given up. */
  readonly givesUpOvertakenReplays: boolean;
  /** The effects of a flow and the completion of its delivery are one transaction. */
  readonly completesFlowsAtomically: boolean;
  /** A writer takes its transaction id before any position. */
  readonly takesIdBeforePositions: boolean;
  /** Rows are read by position (else by transaction id, then position). */
  readonly readsByPosition: boolean;
  /** Followers on their way to the side table are written there before the lane is told so. */
  readonly parksFollowers: boolean;
  /** Calls of a budget are handed out from one row for all workers. */
  readonly sharesBudgets: boolean;
  /** Calls at once are taken only where what the others hold leaves some. */
  readonly countsOthersSlots: boolean;
  /** What may have been sent is settled, whatever its parent does by now. */
  readonly settlesUnsureFirst: boolean;
  /** Calls of a rate that were held for long and come back are worth less. */
  readonly agesReturns: boolean;
  /** A worker's new life asks for its slots before it believes in any row of the former one. */
  readonly asksAnewForSlots: boolean;
  /** A smaller share of calls at once holds before it is written. */
  readonly lowersSlotsAtOnce: boolean;
  /** Nothing is sent while the system is being asked how it is. */
  readonly waitsForHealth: boolean;
  /** Who is refused at the door is told so. */
  readonly tellsRefusals: boolean;
  /** Nothing goes to a destination that a person has paused. */
  readonly heedsPauses: boolean;
  /** Nor is it asked how it is. */
  readonly asksNothingPaused: boolean;
  /** What people set is read again whenever it has changed. */
  readonly readsSettingsAgain: boolean;
}

export const productSteps: Steps = {
  newLane,
  laneStep,
  cursorOf,
  cursorAfter,
  effectStep,
  judgeFailure,
  markStep,
  windowStatus,
  breakerStep,
  callsAllowed,
  mayProbe,
  supersede,
  budgetStep,
  fairSlots,
  parentStep,
  intakeStep,
  startDrain,
  backSince,
  drainRoom,
  spendDrain,
  isRamping,
  shell: {
    fencesWrites: true,
    waitsForOlderTransactions: true,
    checksLeaseBeforeSend: true,
    believesLeaseAfterCommit: true,
    startsOverAfterLapse: true,
    stampsOnlyWhoAskedBefore: true,
    commitsIntentFirst: true,
    recoversIntents: true,
    locksParked: true,
    refusesOvertakingReplay: true,
    givesUpOvertakenReplays: true,
    completesFlowsAtomically: true,
    takesIdBeforePositions: true,
    readsByPosition: true,
    parksFollowers: true,
    sharesBudgets: true,
    countsOthersSlots: true,
    settlesUnsureFirst: true,
    agesReturns: true,
    asksAnewForSlots: true,
    lowersSlotsAtOnce: true,
    waitsForHealth: true,
    tellsRefusals: true,
    heedsPauses: true,
    asksNothingPaused: true,
    readsSettingsAgain: true,
  },
};
