import { Module } from "../module/module.ts";

/**
 * Runs a module on one device, as PyTorch does where it finds no GPUs: a call goes to `module` unchanged. It is there for programs and saved
 * states that have it; names in the state begin with `module.`.
 * @see torch.nn.DataParallel
 */
export class DataParallel<M extends Module> extends Module {
  module: M;
  readonly dim: number;

  constructor(module: M, _deviceIds: readonly (number | string)[] | null = null, _outputDevice: number | string | null = null, dim = 0) {
    super();
    this.module = module;
    this.dim = dim;
  }

  override forward(...args: Parameters<M["forward"]>): ReturnType<M["forward"]> {
    return this.module(...args) as ReturnType<M["forward"]>;
  }
}
