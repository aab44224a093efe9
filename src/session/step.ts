/**
 * What the bar of steps shows of a step. Each screen's folder exports one function that reads the
 * session and says it in words (`ui/data/step.ts`, `ui/train/step.ts` …).
 */
export const stepNames = ['data', 'model', 'train', 'evaluate', 'use'] as const;
export type StepName = (typeof stepNames)[number];

export type StepStatus = 'done' | 'ready' | 'running' | 'blocked' | 'failed';

export interface StepState {
  status: StepStatus;
  note: string; // a few words: done with what, time left, or why not yet
}
