import { defineOp, type Op } from "../../dispatch/op.ts";
import { launch } from "../../dispatch/run.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/**
 * One optimizer step over a list of parameters in one call. Inputs are the gradients; outputs the parameters, then the
 * lists of state tensors one after the other. Everything is updated in place; nothing is recorded.
 */
export interface SgdStep {
  readonly lr: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  readonly maximize: boolean;
  /** The momentum buffers hold nothing yet. */
  readonly first: boolean;
}

export interface AdamStep {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** Decay weights apart from the gradient (AdamW). */
  readonly decoupled: boolean;
  readonly amsgrad: boolean;
  readonly maximize: boolean;
  /** How many steps were taken, this one included. */
  readonly step: number;
}

export interface RmspropStep {
  readonly lr: number;
  readonly alpha: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly momentum: number;
  readonly centered: boolean;
  readonly maximize: boolean;
}

const defineStep = <P>(name: string): Op<readonly Tensor[], P> => defineOp<readonly Tensor[], P>({ name, infer: (gradients) => gradients });

/** Outputs: parameters, then momentum buffers when there is momentum. */
export const sgdStepOp: Op<readonly Tensor[], SgdStep> = defineStep("sgdStep");
/** Outputs: parameters, means, squares, then largest squares with `amsgrad`. */
export const adamStepOp: Op<readonly Tensor[], AdamStep> = defineStep("adamStep");
/** Outputs: parameters, squares, then means when `centered`, then momentum buffers when there is momentum. */
export const rmspropStepOp: Op<readonly Tensor[], RmspropStep> = defineStep("rmspropStep");

/** Takes a step: `outputs` are updated from `gradients`. */
export function takeStep<P>(op: Op<readonly Tensor[], P>, gradients: readonly Tensor[], outputs: readonly Tensor[], params: P): void {
  if (gradients.length === 0) return;
  launch(op, gradients, outputs, params);
  for (const output of outputs) output.storage.version++;
}
