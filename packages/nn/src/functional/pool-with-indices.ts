import type { Tensor } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import {
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  fractionalMaxPool2d,
  fractionalMaxPool3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from "./pooling.ts";

/** A pooling that always gives the places of the maxima as well. */
type WithIndices = (input: Tensor, ...args: readonly unknown[]) => [maxima: Tensor, places: Tensor];

function withIndices(name: string, pool: unknown, parameters: Readonly<Record<string, unknown>>): WithIndices {
  const bind = signature(name, parameters);
  return (input, ...args) => (pool as WithIndices)(input, { ...bind(args), returnIndices: true });
}

const window = { kernelSize: null, stride: null, padding: 0, dilation: 1, ceilMode: false, returnIndices: true };
/** `maxPool1d` with places. @throws {ShapeError} @see torch.nn.functional.max_pool1d_with_indices */
export const maxPool1dWithIndices: WithIndices = withIndices("maxPool1dWithIndices", maxPool1d, window);
/** `maxPool2d` with places. @throws {ShapeError} @see torch.nn.functional.max_pool2d_with_indices */
export const maxPool2dWithIndices: WithIndices = withIndices("maxPool2dWithIndices", maxPool2d, window);
/** `maxPool3d` with places. @throws {ShapeError} @see torch.nn.functional.max_pool3d_with_indices */
export const maxPool3dWithIndices: WithIndices = withIndices("maxPool3dWithIndices", maxPool3d, window);

const parts = { outputSize: null, returnIndices: true };
/** `adaptiveMaxPool1d` with places. @throws {ShapeError} @see torch.nn.functional.adaptive_max_pool1d_with_indices */
export const adaptiveMaxPool1dWithIndices: WithIndices = withIndices("adaptiveMaxPool1dWithIndices", adaptiveMaxPool1d, parts);
/** `adaptiveMaxPool2d` with places. @throws {ShapeError} @see torch.nn.functional.adaptive_max_pool2d_with_indices */
export const adaptiveMaxPool2dWithIndices: WithIndices = withIndices("adaptiveMaxPool2dWithIndices", adaptiveMaxPool2d, parts);
/** `adaptiveMaxPool3d` with places. @throws {ShapeError} @see torch.nn.functional.adaptive_max_pool3d_with_indices */
export const adaptiveMaxPool3dWithIndices: WithIndices = withIndices("adaptiveMaxPool3dWithIndices", adaptiveMaxPool3d, parts);

const fractional = { kernelSize: null, outputSize: null, outputRatio: null, returnIndices: true, _randomSamples: null };
/** `fractionalMaxPool2d` with places. @throws {ShapeError} @see torch.nn.functional.fractional_max_pool2d_with_indices */
export const fractionalMaxPool2dWithIndices: WithIndices = withIndices("fractionalMaxPool2dWithIndices", fractionalMaxPool2d, fractional);
/** `fractionalMaxPool3d` with places. @throws {ShapeError} @see torch.nn.functional.fractional_max_pool3d_with_indices */
export const fractionalMaxPool3dWithIndices: WithIndices = withIndices("fractionalMaxPool3dWithIndices", fractionalMaxPool3d, fractional);
