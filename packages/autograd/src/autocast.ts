import { type DType, DTypeError } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import type { Casting } from "./autocast-policy.ts";
import { castingNow, withModes } from "./grad-mode.ts";

export interface AutocastOptions {
  /** The lower precision: `"bfloat16"` or `"float16"`. Default: bfloat16 on the CPU, float16 on CUDA. */
  dtype?: DType | null;
  /** False switches mixed precision off within a scope that has it on. Default true. */
  enabled?: boolean;
  /** Cast each parameter once a scope rather than at every use. Default true. */
  cacheEnabled?: boolean | null;
}

const bind = signature("autocast", { dtype: null, enabled: true, cacheEnabled: true });

/**
 * Mixed precision: within the scope, matrix products, linear layers and convolutions compute in a lower precision, and losses and norms in float32,
 * whatever the floating point dtypes of their inputs (doubles stay doubles). Other operators compute in what they are given.
 * The scope is `fn`, synchronous or asynchronous, or without it the block of a `using` declaration. Run `backward` outside of it.
 * Norms give float32, also on the CPU, where PyTorch gives the input's dtype.
 *
 * ```ts
 * const loss = torch.autocast("cpu", { dtype: "bfloat16" }, () => criterion(net(x), y));
 * loss.backward();
 * ```
 * @throws {TypeError} for other devices @throws {DTypeError} for other dtypes @see torch.autocast
 */
export function autocast<T>(deviceType: string, fn: () => T): T;
export function autocast<T>(deviceType: string, options: AutocastOptions, fn: () => T): T;
export function autocast(deviceType: string, options?: AutocastOptions): Disposable;
export function autocast<T>(deviceType: string, first?: AutocastOptions | (() => T), last?: () => T): T | Disposable {
  const fn = typeof first === "function" ? first : last;
  const { dtype, enabled, cacheEnabled } = bind(typeof first === "object" ? [first] : []);
  if (deviceType !== "cpu" && deviceType !== "cuda") throw new TypeError("User specified autocast device_type must be 'cuda' or 'cpu'");
  const lower: DType = dtype ?? (deviceType === "cpu" ? "bfloat16" : "float16");
  if (enabled && lower !== "bfloat16" && lower !== "float16") {
    throw new DTypeError(`autocast computes in bfloat16 or float16, not in ${lower}`);
  }
  const casting: Casting = {
    deviceType,
    dtype: enabled ? lower : null,
    cache: (cacheEnabled ?? true) ? new Map() : null,
    outer: castingNow(),
  };
  return withModes({ casting }, fn);
}

/** The innermost scope for a kind of device. */
function scopeFor(deviceType: string): Casting | null {
  let scope = castingNow();
  while (scope !== null && scope.deviceType !== deviceType) scope = scope.outer;
  return scope;
}

/** Whether mixed precision is on. @see torch.is_autocast_enabled */
export const isAutocastEnabled = (deviceType: string = "cuda"): boolean => (scopeFor(deviceType)?.dtype ?? null) !== null;

/** The lower precision in force, or the default one. @see torch.get_autocast_dtype */
export const getAutocastDtype = (deviceType: string): DType =>
  scopeFor(deviceType)?.dtype ?? (deviceType === "cpu" ? "bfloat16" : "float16");
