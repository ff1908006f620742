import { ShapeError, type Tensor } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";

const bindShuffle = signature("pixelShuffle", { upscaleFactor: required });
/** `[..., C r², H, W] -> [..., C, H r, W r]`: channels become pixels (Shi et al., 2016). @throws {ShapeError} @see torch.nn.functional.pixel_shuffle */
export function pixelShuffle(input: Tensor, ...args: [upscaleFactor: number] | [options: { upscaleFactor: number }]): Tensor {
  const r: number = bindShuffle(args).upscaleFactor;
  if (input.ndim < 3) {
    throw new ShapeError(`pixel_shuffle expects input to have at least 3 dimensions, but got input with ${input.ndim} dimension(s)`);
  }
  if (r <= 0) throw new ShapeError(`pixel_shuffle expects a positive upscale_factor, but got ${r}`);
  const lead = input.shape.slice(0, -3);
  const [C, H, W] = input.shape.slice(-3) as [number, number, number];
  if (C % (r * r) !== 0) {
    throw new ShapeError(
      `pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=${C} is not divisible by ${r * r}`,
    );
  }
  const n = lead.length;
  const split = input.reshape([...lead, C / (r * r), r, r, H, W]);
  const order = [...lead.map((_, i) => i), n, n + 3, n + 1, n + 4, n + 2];
  const result = split.permute(order).reshape([...lead, C / (r * r), H * r, W * r]);
  return r === 1 ? result.clone() : result;
}

const bindUnshuffle = signature("pixelUnshuffle", { downscaleFactor: required });
/** Inverse of {@link pixelShuffle}: `[..., C, H r, W r] -> [..., C r², H, W]`. @throws {ShapeError} @see torch.nn.functional.pixel_unshuffle */
export function pixelUnshuffle(input: Tensor, ...args: [downscaleFactor: number] | [options: { downscaleFactor: number }]): Tensor {
  const r: number = bindUnshuffle(args).downscaleFactor;
  if (input.ndim < 3) {
    throw new ShapeError(`pixel_unshuffle expects input to have at least 3 dimensions, but got input with ${input.ndim} dimension(s)`);
  }
  if (r <= 0) throw new ShapeError(`pixel_unshuffle expects a positive downscale_factor, but got ${r}`);
  const lead = input.shape.slice(0, -3);
  const [C, H, W] = input.shape.slice(-3) as [number, number, number];
  for (const [what, size, dim] of [
    ["height", H, -2],
    ["width", W, -1],
  ] as const) {
    if (size % r !== 0) {
      throw new ShapeError(
        `pixel_unshuffle expects ${what} to be divisible by downscale_factor, but input.size(${dim})=${size} is not divisible by ${r}`,
      );
    }
  }
  const n = lead.length;
  const split = input.reshape([...lead, C, H / r, r, W / r, r]);
  const order = [...lead.map((_, i) => i), n, n + 2, n + 4, n + 1, n + 3];
  const result = split.permute(order).reshape([...lead, C * r * r, H / r, W / r]);
  return r === 1 ? result.clone() : result;
}

const bindChannels = signature("channelShuffle", { groups: required });
/** Mixes the channels of `[N, C, ...]` between groups: `[g, C / g]` transposed (Zhang et al., 2018). @throws {ShapeError} @see torch.nn.functional.channel_shuffle */
export function channelShuffle(input: Tensor, ...args: [groups: number] | [options: { groups: number }]): Tensor {
  const g: number = bindChannels(args).groups;
  if (input.ndim <= 2) {
    throw new ShapeError(`channel_shuffle expects input with > 2 dims, but got input with sizes [${input.shape.join(", ")}]`);
  }
  const [N, C, ...rest] = input.shape as [number, number, ...number[]];
  if (g <= 0) throw new ShapeError(`Number of groups to divide channels in must be positive. Value of groups:${g}`);
  if (C % g !== 0) throw new ShapeError(`Number of channels must be divisible by groups. Got ${C} channels and ${g} groups.`);
  const mixed = input
    .reshape([N, g, C / g, ...rest])
    .transpose(1, 2)
    .reshape(input.shape);
  return mixed.storage === input.storage ? mixed.clone() : mixed;
}

/** The same as {@link channelShuffle}. @see torch.native_channel_shuffle */
export const nativeChannelShuffle: typeof channelShuffle = channelShuffle;
