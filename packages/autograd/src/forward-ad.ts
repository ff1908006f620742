import { AutogradError, ShapeError, type Tensor, zerosLike } from "@bluedot/core";
import { isDifferentiable, sameShape } from "@bluedot/core/extend";
import { grad } from "./backward.ts";
import { withGradMode } from "./grad-mode.ts";

/** A tensor with the direction in which it changes. */
interface Dual {
  readonly point: Tensor;
  readonly tangent: Tensor;
}

/** What {@link unpackDual} gives. */
export interface UnpackedDual {
  readonly primal: Tensor;
  /** How the tensor changes along the tangents of the level's duals; null where it does not depend on them. */
  readonly tangent: Tensor | null;
}

let level: Dual[] | null = null;

/** Runs `fn` with tangents: what it makes with {@link makeDual} carries them until `fn` returns. @throws {AutogradError} inside another level @see torch.autograd.forward_ad.dual_level */
export function dualLevel<T>(fn: () => T): T {
  enterDualLevel();
  try {
    return fn();
  } finally {
    exitDualLevel();
  }
}

/** Begins a level. @see torch.autograd.forward_ad.enter_dual_level */
export function enterDualLevel(): void {
  if (level !== null) throw new AutogradError("Nested forward mode AD is not supported at the moment");
  level = [];
}

/** Ends the level. @see torch.autograd.forward_ad.exit_dual_level */
export function exitDualLevel(): void {
  if (level === null)
    throw new AutogradError("Trying to exit a forward AD level that does not exist, make sure to call enter_dual_level() first.");
  level = null;
}

/**
 * `tensor` with a tangent of its shape and dtype.
 * Tangents are not carried along operation by operation: {@link unpackDual} computes them by two backward passes over what was recorded, so
 * that a dual requires grad, and is of no use inside `noGrad`.
 * @throws {AutogradError} outside a level
 * @see torch.autograd.forward_ad.make_dual
 */
export function makeDual(tensor: Tensor, tangent: Tensor): Tensor {
  if (level === null) {
    throw new AutogradError("Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first.");
  }
  for (const [name, t] of [
    ["primal", tensor],
    ["tangent", tangent],
  ] as const) {
    if (!isDifferentiable(t.dtype)) throw new AutogradError(`Expected ${name} to be floating point or complex, but got: torch.${t.dtype}`);
  }
  if (!sameShape(tensor.shape, tangent.shape)) {
    throw new ShapeError(
      `Trying to set a forward gradient that has a different size than that of the original Tensor, this is not supported. Tensor is of size [${tensor.shape.join(", ")}] while the given forward gradient is of size [${tangent.shape.join(", ")}].`,
    );
  }
  const duals = level;
  return withGradMode(true, () => {
    const point = tensor.requiresGrad ? tensor.view(tensor.shape) : tensor.detach().requiresGrad_();
    duals.push({ point, tangent });
    // Not the point itself, so that operations may write to the dual.
    return point.clone();
  });
}

/** A tensor computed from duals, and how it changes along their tangents. @see torch.autograd.forward_ad.unpack_dual */
export function unpackDual(tensor: Tensor): UnpackedDual {
  if (level === null || level.length === 0 || !tensor.requiresGrad) return { primal: tensor, tangent: null };
  const duals = level;
  const differentiable = duals.some(({ point, tangent }) => !point.isLeaf || tangent.requiresGrad);
  const tangent = withGradMode(true, () => {
    const weight = zerosLike(tensor).requiresGrad_();
    const gradients = grad(
      tensor,
      duals.map(({ point }) => point),
      { gradOutputs: weight, createGraph: true, allowUnused: true },
    );
    const used = duals.flatMap(({ tangent: direction }, i) => {
      const gradient = gradients[i]!;
      return gradient?.requiresGrad ? [{ gradient, direction }] : [];
    });
    if (used.length === 0) return gradients.some((g) => g !== null) ? zerosLike(tensor) : null;
    const [pushed] = grad(
      used.map(({ gradient }) => gradient),
      weight,
      { gradOutputs: used.map(({ direction }) => direction), createGraph: differentiable, retainGraph: true, allowUnused: true },
    );
    return pushed ?? zerosLike(tensor);
  });
  return { primal: differentiable ? tensor : tensor.detach(), tangent };
}
