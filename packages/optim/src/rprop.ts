import { fullLike, onesLike, type Tensor, zerosLike } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import { checkCommon } from "./checks.ts";
import type { ParamGroup, ParamState, Params } from "./optimizer.ts";
import { ParameterWise, type ParameterWiseSettings, type SteppedState } from "./parameter-wise.ts";

export interface RpropSettings extends ParameterWiseSettings {
  /** Factors of a step's size after the sign turned, and after it stayed. Default `[0.5, 1.2]`. */
  etas: readonly [number, number];
  /** Smallest and largest size of a step. Default `[1e-6, 50]`. */
  stepSizes: readonly [number, number];
  maximize: boolean;
}

const bind = signature("Rprop", { lr: 1e-2, etas: [0.5, 1.2], stepSizes: [1e-6, 50], maximize: false });

/** Steps by the sign of the gradient alone, longer while it stays, shorter when it turns. @throws {RangeError} @see torch.optim.Rprop (Riedmiller & Braun, 1993) */
export class Rprop extends ParameterWise<RpropSettings> {
  constructor(
    params: Params<RpropSettings>,
    lr?: number | Partial<RpropSettings>,
    ...rest: readonly (boolean | readonly [number, number] | Partial<RpropSettings>)[]
  ) {
    const settings = bind([lr, ...rest]) as RpropSettings;
    checkCommon({ lr: settings.lr });
    const [shrink, grow] = settings.etas;
    if (!(shrink > 0 && shrink < 1 && grow > 1)) throw new RangeError(`Invalid eta values: ${shrink}, ${grow}`);
    super(params, { ...settings });
  }

  protected override initialState(param: Tensor, grad: Tensor, group: ParamGroup<RpropSettings>): ParamState {
    return { prev: zerosLike(param).detach(), stepSize: fullLike(grad, group.lr).detach() };
  }

  protected override updateParameter(
    param: Tensor,
    grad: Tensor,
    state: SteppedState,
    { etas, stepSizes }: ParamGroup<RpropSettings>,
  ): void {
    const prev = state.prev as Tensor;
    const size = state.stepSize as Tensor;
    const agreement = grad.mul(prev).sign();
    const turned = agreement.lt(0);
    const factors = onesLike(size).maskedFill_(turned, etas[0]).maskedFill_(agreement.gt(0), etas[1]);
    size.mul_(factors).clamp_(stepSizes[0], stepSizes[1]);
    // After a turn the parameter stays for one step.
    const followed = grad.maskedFill(turned, 0);
    param.addcmul_(followed.sign(), size, { value: -1 });
    prev.copy_(followed);
  }
}
