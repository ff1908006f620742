import { ShapeError, type Tensor } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import { buffer, type FactoryOptions, parameter, type Rest } from "../arguments.ts";
import * as F from "../functional.ts";
import * as init from "../init.ts";
import { Module } from "../module/module.ts";
import { pythonFloat } from "../module/printing.ts";
import type { Loading } from "../module/state-dict.ts";
import type { Parameter } from "../parameter.ts";

export interface NormOptions extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Share of the newest statistics in the running ones; null for the mean over all batches. Default 0.1. */
  momentum?: number | null;
  /** Whether factors and offsets are learnt. */
  affine?: boolean;
  /** Whether running statistics are kept, for evaluation. */
  trackRunningStats?: boolean;
}
type NormRest = Rest<[eps: number, momentum: number | null, affine: boolean, trackRunningStats: boolean], NormOptions>;

interface Settings {
  numFeatures: number;
  eps: number;
  momentum: number | null;
  affine: boolean;
  trackRunningStats: boolean;
  device: string | null;
  dtype: FactoryOptions["dtype"];
}

/** What batch and instance normalisation share. Buffers have PyTorch's names, so that checkpoints are interchangeable. */
export abstract class NormBase extends Module {
  numFeatures: number;
  eps: number;
  momentum: number | null;
  affine: boolean;
  trackRunningStats: boolean;
  weight: Parameter | null;
  bias: Parameter | null;
  running_mean!: Tensor | null;
  running_var!: Tensor | null;
  num_batches_tracked!: Tensor | null;

  constructor(settings: Settings) {
    super();
    const { numFeatures, affine, trackRunningStats } = settings;
    this.numFeatures = numFeatures;
    this.eps = settings.eps;
    this.momentum = settings.momentum;
    this.affine = affine;
    this.trackRunningStats = trackRunningStats;
    this.weight = affine ? parameter([numFeatures], settings) : null;
    this.bias = affine ? parameter([numFeatures], settings) : null;
    this.registerBuffer("running_mean", trackRunningStats ? buffer([numFeatures], settings) : null);
    this.registerBuffer("running_var", trackRunningStats ? buffer([numFeatures], settings) : null);
    this.registerBuffer("num_batches_tracked", trackRunningStats ? buffer([], { device: settings.device, dtype: "int64" }) : null);
    this.resetParameters();
  }

  /** Running mean of each channel, or null. */
  get runningMean(): Tensor | null {
    return this.running_mean;
  }
  set runningMean(value: Tensor | null) {
    this.running_mean = value;
  }
  /** Running variance of each channel, or null. */
  get runningVar(): Tensor | null {
    return this.running_var;
  }
  set runningVar(value: Tensor | null) {
    this.running_var = value;
  }
  /** Number of batches seen in training, or null. */
  get numBatchesTracked(): Tensor | null {
    return this.num_batches_tracked;
  }
  set numBatchesTracked(value: Tensor | null) {
    this.num_batches_tracked = value;
  }

  override get stateVersion(): number {
    return 2;
  }

  /** Running mean 0 and variance 1, no batch seen. */
  resetRunningStats(): void {
    this.running_mean?.zero_();
    this.running_var?.fill_(1);
    this.num_batches_tracked?.zero_();
  }

  /** Initial statistics, factors 1 and offsets 0. */
  resetParameters(): void {
    this.resetRunningStats();
    if (this.weight !== null) init.ones_(this.weight);
    if (this.bias !== null) init.zeros_(this.bias);
  }

  /** @throws {ShapeError} for a number of dimensions that the class doesn't take */
  abstract checkInput(input: Tensor): void;

  override extraRepr(): string {
    const momentum = this.momentum === null ? "None" : pythonFloat(this.momentum);
    const truth = (value: boolean): string => (value ? "True" : "False");
    return `${this.numFeatures}, eps=${pythonFloat(this.eps)}, momentum=${momentum}, affine=${truth(this.affine)}, track_running_stats=${truth(this.trackRunningStats)}`;
  }

  override loadFromStateDict(state: Map<string, Tensor>, prefix: string, loading: Loading): void {
    const version = loading.metadata.get(prefix.slice(0, -1))?.version ?? null;
    const key = `${prefix}num_batches_tracked`;
    // Checkpoints older than version 2 don't count batches.
    if ((version === null || version < 2) && this.trackRunningStats && !state.has(key)) {
      state.set(key, buffer([], { dtype: "int64" }).zero_());
    }
    super.loadFromStateDict(state, prefix, loading);
  }
}

/** Batch normalisation of any number of spatial dimensions. */
export abstract class BatchNormBase extends NormBase {
  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    let factor = this.momentum ?? 0;
    if (this.training && this.trackRunningStats && this.num_batches_tracked !== null) {
      this.num_batches_tracked.add_(1);
      if (this.momentum === null) factor = 1 / Number(this.num_batches_tracked.item());
    }
    const byBatch = this.training || (this.running_mean === null && this.running_var === null);
    const uses = !this.training || this.trackRunningStats;
    const mean = uses ? this.running_mean : null;
    return F.batchNorm(input, mean, uses ? this.running_var : null, this.weight, this.bias, byBatch, factor, this.eps);
  }
}

const batchParameters = {
  numFeatures: required,
  eps: 1e-5,
  momentum: 0.1,
  affine: true,
  trackRunningStats: true,
  device: null,
  dtype: null,
};
const bindBatch1d = signature("BatchNorm1d", batchParameters);
const bindBatch2d = signature("BatchNorm2d", batchParameters);
const bindBatch3d = signature("BatchNorm3d", batchParameters);
const bindSync = signature("SyncBatchNorm", { ...batchParameters, processGroup: null });

/** @throws {ShapeError} unless the input has one of `dims` dimensions */
function checkDims(input: Tensor, dims: readonly number[], name?: string): void {
  if (dims.includes(input.ndim)) return;
  const wanted = dims.map((d) => `${d}D`).join(" or ");
  throw new ShapeError(`expected ${name ?? ""}${wanted} input (got ${input.ndim}D input)`);
}

/** Normalises each channel of `[N, C]` or `[N, C, L]` over the batch (Ioffe and Szegedy, 2015). @throws {ShapeError} @see torch.nn.BatchNorm1d */
export class BatchNorm1d extends BatchNormBase {
  constructor(numFeatures: number, ...rest: NormRest);
  constructor(options: NormOptions & { numFeatures: number });
  constructor(...args: unknown[]) {
    super(bindBatch1d(args));
  }
  override checkInput(input: Tensor): void {
    checkDims(input, [2, 3]);
  }
}

/** Normalises each channel of `[N, C, H, W]` over the batch (Ioffe and Szegedy, 2015). @throws {ShapeError} @see torch.nn.BatchNorm2d */
export class BatchNorm2d extends BatchNormBase {
  constructor(numFeatures: number, ...rest: NormRest);
  constructor(options: NormOptions & { numFeatures: number });
  constructor(...args: unknown[]) {
    super(bindBatch2d(args));
  }
  override checkInput(input: Tensor): void {
    checkDims(input, [4]);
  }
}

/** Normalises each channel of `[N, C, D, H, W]` over the batch (Ioffe and Szegedy, 2015). @throws {ShapeError} @see torch.nn.BatchNorm3d */
export class BatchNorm3d extends BatchNormBase {
  constructor(numFeatures: number, ...rest: NormRest);
  constructor(options: NormOptions & { numFeatures: number });
  constructor(...args: unknown[]) {
    super(bindBatch3d(args));
  }
  override checkInput(input: Tensor): void {
    checkDims(input, [5]);
  }
}

/** Batch normalisation over the batches of all processes; in one process the same as {@link BatchNorm2d} for any number of dimensions. @see torch.nn.SyncBatchNorm */
export class SyncBatchNorm extends BatchNormBase {
  readonly processGroup: unknown;

  constructor(numFeatures: number, ...rest: NormRest);
  constructor(options: NormOptions & { numFeatures: number; processGroup?: unknown });
  constructor(...args: unknown[]) {
    const bound = bindSync(args);
    super(bound);
    this.processGroup = bound.processGroup;
  }

  override checkInput(input: Tensor): void {
    if (input.ndim < 2) throw new ShapeError(`expected at least 2D input (got ${input.ndim}D input)`);
  }

  /** A module with every batch normalisation in it replaced by a synchronised one. @see torch.nn.SyncBatchNorm.convert_sync_batchnorm */
  static convertSyncBatchnorm(module: Module, processGroup: unknown = null): Module {
    let result = module;
    if (module instanceof BatchNormBase && !(module instanceof SyncBatchNorm)) {
      const { numFeatures, eps, momentum, affine, trackRunningStats } = module;
      const sync = new SyncBatchNorm({ numFeatures, eps, momentum, affine, trackRunningStats, processGroup });
      sync.weight = module.weight;
      sync.bias = module.bias;
      sync.running_mean = module.running_mean;
      sync.running_var = module.running_var;
      sync.num_batches_tracked = module.num_batches_tracked;
      sync.training = module.training;
      result = sync;
    }
    for (const [name, child] of module.namedChildren()) result.addModule(name, SyncBatchNorm.convertSyncBatchnorm(child, processGroup));
    return result;
  }
}

/** Instance normalisation of any number of spatial dimensions; input without a batch dimension is one example. */
export abstract class InstanceNormBase extends NormBase {
  /** Number of spatial dimensions. */
  protected abstract get spatial(): number;

  override checkInput(input: Tensor): void {
    checkDims(input, [this.spatial + 1, this.spatial + 2]);
  }

  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    const single = input.ndim === this.spatial + 1;
    const byInstance = this.training || !this.trackRunningStats;
    const x = single ? input.unsqueeze(0) : input;
    const out = F.instanceNorm(x, this.running_mean, this.running_var, this.weight, this.bias, byInstance, this.momentum ?? 0, this.eps);
    return single ? out.squeeze(0) : out;
  }

  override loadFromStateDict(state: Map<string, Tensor>, prefix: string, loading: Loading): void {
    const version = loading.metadata.get(prefix.slice(0, -1))?.version ?? null;
    if (version === null && !this.trackRunningStats) {
      // Checkpoints older than 0.4 held running statistics that were never used.
      const stale = ["running_mean", "running_var"].filter((name) => state.has(prefix + name));
      if (stale.length > 0) {
        const klass = this.typeName();
        loading.errors.push(
          `Unexpected running stats buffer(s) ${stale.map((name) => `"${prefix}${name}"`).join(" and ")} for ${klass} with track_running_stats=False. If state_dict is a checkpoint saved before 0.4.0, this may be expected because ${klass} does not track running stats by default since 0.4.0. Please remove these keys from state_dict. If the running stats are actually needed, instead set track_running_stats=True in ${klass} to enable them. See the documentation of ${klass} for details.`,
        );
        for (const name of stale) state.delete(prefix + name);
      }
    }
    super.loadFromStateDict(state, prefix, loading);
  }
}

const instanceParameters = { ...batchParameters, affine: false, trackRunningStats: false };
const bindInstance1d = signature("InstanceNorm1d", instanceParameters);
const bindInstance2d = signature("InstanceNorm2d", instanceParameters);
const bindInstance3d = signature("InstanceNorm3d", instanceParameters);

/** Normalises every channel of every example of `[N, C, L]` (Ulyanov et al., 2016). @throws {ShapeError} @see torch.nn.InstanceNorm1d */
export class InstanceNorm1d extends InstanceNormBase {
  protected override get spatial(): number {
    return 1;
  }
  constructor(numFeatures: number, ...rest: NormRest);
  constructor(options: NormOptions & { numFeatures: number });
  constructor(...args: unknown[]) {
    super(bindInstance1d(args));
  }
}
/** Normalises every channel of every example of `[N, C, H, W]` (Ulyanov et al., 2016). @throws {ShapeError} @see torch.nn.InstanceNorm2d */
export class InstanceNorm2d extends InstanceNormBase {
  protected override get spatial(): number {
    return 2;
  }
  constructor(numFeatures: number, ...rest: NormRest);
  constructor(options: NormOptions & { numFeatures: number });
  constructor(...args: unknown[]) {
    super(bindInstance2d(args));
  }
}
/** Normalises every channel of every example of `[N, C, D, H, W]`. @throws {ShapeError} @see torch.nn.InstanceNorm3d */
export class InstanceNorm3d extends InstanceNormBase {
  protected override get spatial(): number {
    return 3;
  }
  constructor(numFeatures: number, ...rest: NormRest);
  constructor(options: NormOptions & { numFeatures: number });
  constructor(...args: unknown[]) {
    super(bindInstance3d(args));
  }
}
