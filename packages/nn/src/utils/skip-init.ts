import { TensorError } from "@bluedot/core";
import { withoutInitialization } from "../initialization.ts";
import { Module } from "../module/module.ts";

/**
 * A module of a class, made with those arguments, with uninitialised parameters and buffers, for those that are loaded or initialised otherwise afterwards.
 * @example
 * const layer = nn.utils.skipInit(nn.Linear, 5, 1);
 * @throws {TensorError} for something that is no module class @see torch.nn.utils.skip_init
 */
export function skipInit<M extends Module>(moduleClass: new (...args: never[]) => M, ...args: readonly unknown[]): M {
  if (typeof moduleClass !== "function" || !(moduleClass.prototype instanceof Module)) {
    throw new TensorError(`Expected a Module; got ${String(moduleClass)}`);
  }
  return withoutInitialization(() => new moduleClass(...(args as never[])));
}
