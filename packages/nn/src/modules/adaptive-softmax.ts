import * as torch from "@bluedot/core";
import { ShapeError, type Tensor, TensorError } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import type { FactoryOptions, Rest } from "../arguments.ts";
import * as F from "../functional.ts";
import { Module } from "../module/module.ts";
import { ModuleList, Sequential } from "./container.ts";
import { Linear } from "./linear.ts";

export interface AdaptiveLogSoftmaxOptions extends FactoryOptions {
  /** Each cluster has this times fewer hidden units than the one before. Default 4. */
  divValue?: number;
  /** Whether the head has a bias. Default false. */
  headBias?: boolean;
}
const bind = signature("AdaptiveLogSoftmaxWithLoss", {
  inFeatures: required,
  nClasses: required,
  cutoffs: required,
  divValue: 4,
  headBias: false,
  device: null,
  dtype: null,
});

const rowsOf = (places: readonly number[]): Tensor => torch.fromTypedArray(BigInt64Array.from(places, BigInt), [places.length]);

/**
 * Softmax over many classes ordered by frequency: frequent ones in the head, rare ones in clusters (Grave et al., 2017). A call gives
 * `{ output, loss }`, the log-probability of each target and their negative mean. @throws {TensorError} for cutoffs out of order
 * @see torch.nn.AdaptiveLogSoftmaxWithLoss
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  inFeatures: number;
  nClasses: number;
  cutoffs: readonly number[];
  divValue: number;
  headBias: boolean;
  shortlistSize: number;
  nClusters: number;
  headSize: number;
  head: Linear;
  tail: ModuleList;

  constructor(
    inFeatures: number,
    nClasses: number,
    cutoffs: readonly number[],
    ...rest: Rest<[divValue: number, headBias: boolean], AdaptiveLogSoftmaxOptions>
  );
  constructor(options: AdaptiveLogSoftmaxOptions & { inFeatures: number; nClasses: number; cutoffs: readonly number[] });
  constructor(...args: unknown[]) {
    super();
    const { inFeatures, nClasses, cutoffs, divValue, headBias, device, dtype } = bind(args);
    const rising = (cutoffs as readonly number[]).every(
      (c, i) => Number.isInteger(c) && c > (i === 0 ? 0 : cutoffs[i - 1]) && c <= nClasses - 1,
    );
    if (!rising) {
      throw new TensorError(
        "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 and n_classes-1",
      );
    }
    const made = { device, dtype };
    this.inFeatures = inFeatures;
    this.nClasses = nClasses;
    this.cutoffs = [...cutoffs, nClasses];
    this.divValue = divValue;
    this.headBias = headBias;
    this.shortlistSize = this.cutoffs[0]!;
    this.nClusters = this.cutoffs.length - 1;
    this.headSize = this.shortlistSize + this.nClusters;
    this.head = new Linear(inFeatures, this.headSize, { bias: headBias, ...made });
    this.tail = new ModuleList();
    for (let i = 0; i < this.nClusters; i++) {
      const hidden = Math.floor(inFeatures / divValue ** (i + 1));
      const size = this.cutoffs[i + 1]! - this.cutoffs[i]!;
      this.tail.append(
        new Sequential(new Linear(inFeatures, hidden, { bias: false, ...made }), new Linear(hidden, size, { bias: false, ...made })),
      );
    }
  }

  /** Draws new initial values. */
  resetParameters(): void {
    for (const module of this.modules()) if (module instanceof Linear) module.resetParameters();
  }

  /** Log-probabilities within cluster `i`. */
  private cluster(i: number, input: Tensor): Tensor {
    return F.logSoftmax(this.tail.at(i)(input), 1);
  }

  override forward(input: Tensor, target: Tensor): { output: Tensor; loss: Tensor } {
    const batched = target.ndim > 0;
    if (target.ndim > 1) throw new ShapeError("0D or 1D target tensor expected, multi-target not supported");
    if (batched && input.shape[0] !== target.shape[0]) {
      throw new ShapeError("Input and target should have the same size in the batch dimension.");
    }
    if (input.ndim !== target.ndim + 1) {
      throw new ShapeError(
        `${target.ndim}D target tensor expects ${target.ndim + 1}D input tensors, but found inputs with size [${input.shape.join(", ")}]`,
      );
    }
    const x = batched ? input : input.unsqueeze(0);
    const classes = (target.reshape([-1]).tolist() as (number | bigint)[]).map(Number);
    const outside = classes.filter((c) => c < 0 || c >= this.nClasses);
    if (outside.length > 0) {
      throw new TensorError(
        `Target values should be in [0, ${this.nClasses - 1}], but values in range [${Math.min(...classes)}, ${Math.max(...classes)}] were found. `,
      );
    }
    // Where each target stands in the head: itself, or the cluster it is in.
    const clusterOf = classes.map((c) => this.cutoffs.findIndex((cutoff) => c < cutoff) - 1);
    const places = classes.map((c, row) => (clusterOf[row]! < 0 ? c : this.shortlistSize + clusterOf[row]!));
    const headLogProb = F.logSoftmax(this.head(x), 1);
    let output = headLogProb.gather(1, rowsOf(places).unsqueeze(1)).squeeze(1);
    for (let i = 0; i < this.nClusters; i++) {
      const rows = classes.map((_, row) => row).filter((row) => clusterOf[row] === i);
      if (rows.length === 0) continue;
      const within = rowsOf(rows.map((row) => classes[row]! - this.cutoffs[i]!));
      const index = rowsOf(rows);
      const logProb = this.cluster(i, x.indexSelect(0, index)).gather(1, within.unsqueeze(1)).squeeze(1);
      output = output.indexAdd(0, index, logProb);
    }
    const loss = output.neg().mean();
    return { output: batched ? output : output.squeeze(0), loss };
  }

  /** Log-probabilities of all classes: `[N, in] -> [N, nClasses]`. */
  logProb(input: Tensor): Tensor {
    const head = F.logSoftmax(this.head(input), 1);
    const parts = [head.narrow(1, 0, this.shortlistSize)];
    for (let i = 0; i < this.nClusters; i++) parts.push(this.cluster(i, input).add(head.narrow(1, this.shortlistSize + i, 1)));
    return torch.cat(parts, 1);
  }

  /** The most probable class of each row. */
  predict(input: Tensor): Tensor {
    return this.logProb(input).argmax(1);
  }
}
