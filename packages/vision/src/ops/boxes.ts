import { fromTypedArray, maximum, minimum, stack, type Tensor, TensorError, zeros } from "@bluedot/core";
import { type Arguments, required, signature } from "../arguments.ts";

/** Forms of boxes: two corners; corner, width and height; centre, width and height. */
export type BoxFormat = "xyxy" | "xywh" | "cxcywh";

/** The second boxes of a pair, by position or name. */
type Pair = Arguments<[boxes2: Tensor], [], object, { boxes2: Tensor }>;
type PairWithEps = Arguments<[boxes2: Tensor], [eps: number], { eps?: number }, { boxes2: Tensor }>;

const bindBoxArea = signature("boxArea", {});
const bindBoxConvert = signature("boxConvert", { inFmt: required, outFmt: required });
const bindClip = signature("clipBoxesToImage", { size: required });
const bindRemoveSmall = signature("removeSmallBoxes", { minSize: required });
const bindBoxIou = signature("boxIou", { boxes2: required });
const bindGeneralizedBoxIou = signature("generalizedBoxIou", { boxes2: required });
const bindDistanceBoxIou = signature("distanceBoxIou", { boxes2: required, eps: 1e-7 });
const bindCompleteBoxIou = signature("completeBoxIou", { boxes2: required, eps: 1e-7 });
const bindMasksToBoxes = signature("masksToBoxes", {});
const bindNms = signature("nms", { scores: required, iouThreshold: required });

const column = (boxes: Tensor, i: number): Tensor => boxes.select(-1, i);

/** Areas `[N]` of boxes `[N, 4]` (x1, y1, x2, y2). @see torchvision.ops.box_area */
export function boxArea(boxes: Tensor, ...none: [] | [options: object]): Tensor {
  bindBoxArea(none);
  return column(boxes, 2)
    .sub(column(boxes, 0))
    .mul(column(boxes, 3).sub(column(boxes, 1)));
}

/** Boxes `[..., 4]` in another form. @throws {RangeError} for forms that are not known @see torchvision.ops.box_convert */
export function boxConvert(
  boxes: Tensor,
  ...args: Arguments<[inFmt: BoxFormat, outFmt: BoxFormat], [], object, { inFmt: BoxFormat; outFmt: BoxFormat }>
): Tensor {
  const { inFmt, outFmt } = bindBoxConvert(args) as { inFmt: BoxFormat; outFmt: BoxFormat };
  const allowed = ["xyxy", "xywh", "cxcywh"];
  if (!allowed.includes(inFmt) || !allowed.includes(outFmt))
    throw new RangeError("Unsupported Bounding Box Conversions for given in_fmt and out_fmt");
  if (inFmt === outFmt) return boxes.clone();
  const [a, b, c, d] = [0, 1, 2, 3].map((i) => column(boxes, i)) as [Tensor, Tensor, Tensor, Tensor];
  let corners = [a, b, c, d];
  if (inFmt === "xywh") corners = [a, b, a.add(c), b.add(d)];
  if (inFmt === "cxcywh") corners = [a.sub(c.mul(0.5)), b.sub(d.mul(0.5)), a.add(c.mul(0.5)), b.add(d.mul(0.5))];
  const [x1, y1, x2, y2] = corners as [Tensor, Tensor, Tensor, Tensor];
  if (outFmt === "xywh") return stack([x1, y1, x2.sub(x1), y2.sub(y1)], -1);
  if (outFmt === "cxcywh") return stack([x1.add(x2).div(2), y1.add(y2).div(2), x2.sub(x1), y2.sub(y1)], -1);
  return stack([x1, y1, x2, y2], -1);
}

/** Boxes cut at the edges of an image of `size` (height, width). @see torchvision.ops.clip_boxes_to_image */
export function clipBoxesToImage(
  boxes: Tensor,
  ...args: Arguments<[size: readonly number[]], [], object, { size: readonly number[] }>
): Tensor {
  const { size } = bindClip(args) as { size: readonly number[] };
  const [height, width] = size as [number, number];
  return stack(
    [
      column(boxes, 0).clamp(0, width),
      column(boxes, 1).clamp(0, height),
      column(boxes, 2).clamp(0, width),
      column(boxes, 3).clamp(0, height),
    ],
    -1,
  );
}

/** Indices of the boxes whose sides are at least `minSize`. @see torchvision.ops.remove_small_boxes */
export function removeSmallBoxes(boxes: Tensor, ...args: Arguments<[minSize: number], [], object, { minSize: number }>): Tensor {
  const { minSize } = bindRemoveSmall(args) as { minSize: number };
  const width = column(boxes, 2).sub(column(boxes, 0));
  const height = column(boxes, 3).sub(column(boxes, 1));
  return width.ge(minSize).logicalAnd(height.ge(minSize)).nonzero().select(1, 0);
}

/** Corner coordinates for every pair of boxes: `[N, 1]` and `[1, M]`. */
function pairwise(boxes1: Tensor, boxes2: Tensor, i: number): [Tensor, Tensor] {
  return [column(boxes1, i).unsqueeze(1), column(boxes2, i).unsqueeze(0)];
}

function intersectionAndUnion(boxes1: Tensor, boxes2: Tensor): [Tensor, Tensor] {
  const width = minimum(...pairwise(boxes1, boxes2, 2))
    .sub(maximum(...pairwise(boxes1, boxes2, 0)))
    .clamp(0);
  const height = minimum(...pairwise(boxes1, boxes2, 3))
    .sub(maximum(...pairwise(boxes1, boxes2, 1)))
    .clamp(0);
  const intersection = width.mul(height);
  return [intersection, boxArea(boxes1).unsqueeze(1).add(boxArea(boxes2)).sub(intersection)];
}

/** Width and height of the smallest box around each pair. */
function enclosing(boxes1: Tensor, boxes2: Tensor): [Tensor, Tensor] {
  return [
    maximum(...pairwise(boxes1, boxes2, 2))
      .sub(minimum(...pairwise(boxes1, boxes2, 0)))
      .clamp(0),
    maximum(...pairwise(boxes1, boxes2, 3))
      .sub(minimum(...pairwise(boxes1, boxes2, 1)))
      .clamp(0),
  ];
}

/** Intersection over union `[N, M]` of every pair. @see torchvision.ops.box_iou */
export function boxIou(boxes1: Tensor, ...args: Pair): Tensor {
  const { boxes2 } = bindBoxIou(args) as { boxes2: Tensor };
  const [intersection, union] = intersectionAndUnion(boxes1, boxes2);
  return intersection.div(union);
}

/** Generalized IoU `[N, M]` (Rezatofighi et al., 2019). @see torchvision.ops.generalized_box_iou */
export function generalizedBoxIou(boxes1: Tensor, ...args: Pair): Tensor {
  const { boxes2 } = bindGeneralizedBoxIou(args) as { boxes2: Tensor };
  const [intersection, union] = intersectionAndUnion(boxes1, boxes2);
  const [width, height] = enclosing(boxes1, boxes2);
  const area = width.mul(height);
  return intersection.div(union).sub(area.sub(union).div(area));
}

function distanceIou(boxes1: Tensor, boxes2: Tensor, eps: number): [diou: Tensor, iou: Tensor] {
  const iou = boxIou(boxes1, boxes2);
  const [width, height] = enclosing(boxes1, boxes2);
  const diagonal = width.mul(width).add(height.mul(height)).add(eps);
  const between = (low: number, high: number): Tensor => {
    const middle = (boxes: Tensor) => column(boxes, low).add(column(boxes, high)).div(2);
    const gap = middle(boxes1).unsqueeze(1).sub(middle(boxes2).unsqueeze(0));
    return gap.mul(gap);
  };
  return [iou.sub(between(0, 2).add(between(1, 3)).div(diagonal)), iou];
}

/** Distance IoU `[N, M]` (Zheng et al., 2020). @see torchvision.ops.distance_box_iou */
export function distanceBoxIou(boxes1: Tensor, ...args: PairWithEps): Tensor {
  const { boxes2, eps } = bindDistanceBoxIou(args) as { boxes2: Tensor; eps: number };
  return distanceIou(boxes1, boxes2, eps)[0];
}

/** Complete IoU `[N, M]` (Zheng et al., 2020). @see torchvision.ops.complete_box_iou */
export function completeBoxIou(boxes1: Tensor, ...args: PairWithEps): Tensor {
  const { boxes2, eps } = bindCompleteBoxIou(args) as { boxes2: Tensor; eps: number };
  const [diou, iou] = distanceIou(boxes1, boxes2, eps);
  const slant = (boxes: Tensor) =>
    column(boxes, 2)
      .sub(column(boxes, 0))
      .div(column(boxes, 3).sub(column(boxes, 1)))
      .atan();
  const gap = slant(boxes1).unsqueeze(1).sub(slant(boxes2).unsqueeze(0));
  const v = gap.mul(gap).mul(4 / Math.PI ** 2);
  const alpha = v.div(iou.rsub(1).add(v).add(eps)).detach();
  return diou.sub(alpha.mul(v));
}

/** The box `[N, 4]` around the true pixels of each mask `[N, H, W]`, corners included. @see torchvision.ops.masks_to_boxes */
export function masksToBoxes(masks: Tensor, ...none: [] | [options: object]): Tensor {
  bindMasksToBoxes(none);
  if (masks.numel() === 0) return zeros([0, 4]);
  if (masks.ndim !== 3) throw new TensorError(`masksToBoxes: masks have shape [${masks.shape.join(", ")}], expected [N, H, W]`);
  const [count, height, width] = masks.shape as [number, number, number];
  const elements = masks.to("bool").contiguous().typedArray() as Uint8Array;
  const boxes = new Float32Array(4 * count);
  for (let n = 0; n < count; n++) {
    let [x1, y1, x2, y2] = [width, height, -1, -1];
    for (let i = 0; i < height * width; i++) {
      if (elements[n * height * width + i] === 0) continue;
      const [y, x] = [Math.floor(i / width), i % width];
      [x1, y1, x2, y2] = [Math.min(x1, x), Math.min(y1, y), Math.max(x2, x), Math.max(y2, y)];
    }
    if (x2 < 0) throw new TensorError(`masksToBoxes: mask ${n} is empty`);
    boxes.set([x1, y1, x2, y2], 4 * n);
  }
  return fromTypedArray(boxes, [count, 4]);
}

/**
 * Non-maximum suppression: indices of the boxes that remain, best score first, when every box that overlaps a better one by more than
 * `iouThreshold` is dropped. @see torchvision.ops.nms
 */
export function nms(
  boxes: Tensor,
  ...args: Arguments<[scores: Tensor, iouThreshold: number], [], object, { scores: Tensor; iouThreshold: number }>
): Tensor {
  const { scores, iouThreshold } = bindNms(args) as { scores: Tensor; iouThreshold: number };
  if (boxes.ndim !== 2 || boxes.shape[1] !== 4)
    throw new TensorError(`boxes should be a 2d tensor, got ${boxes.ndim}D, of shape [${boxes.shape.join(", ")}]`);
  if (scores.ndim !== 1) throw new TensorError(`scores should be a 1d tensor, got ${scores.ndim}D`);
  if (scores.shape[0] !== boxes.shape[0])
    throw new TensorError(
      `boxes and scores should have same number of elements in dimension 0, got ${boxes.shape[0]} and ${scores.shape[0]}`,
    );
  const corners = boxes.detach().tolist() as number[][];
  const values = scores.detach().tolist() as number[];
  const area = ([x1, y1, x2, y2]: number[]) => (x2! - x1!) * (y2! - y1!);
  const overlap = (a: number[], b: number[]): number => {
    const width = Math.max(0, Math.min(a[2]!, b[2]!) - Math.max(a[0]!, b[0]!));
    const height = Math.max(0, Math.min(a[3]!, b[3]!) - Math.max(a[1]!, b[1]!));
    return (width * height) / (area(a) + area(b) - width * height);
  };
  const order = values.map((_, i) => i).sort((i, j) => values[j]! - values[i]! || i - j);
  const kept: number[] = [];
  for (const i of order) if (kept.every((k) => !(overlap(corners[k]!, corners[i]!) > iouThreshold))) kept.push(i);
  return fromTypedArray(BigInt64Array.from(kept, BigInt));
}

/** {@link nms} within each category of `idxs`. @see torchvision.ops.batched_nms */
export function batchedNms(boxes: Tensor, scores: Tensor, idxs: Tensor, iouThreshold: number): Tensor {
  if (boxes.numel() === 0) return zeros([0], { dtype: "int64" });
  // Shifting each category beyond the others lets one pass serve all of them.
  const shift = idxs.to(boxes.dtype).mul(boxes.max().add(1)).unsqueeze(1);
  return nms(boxes.add(shift), scores, iouThreshold);
}
