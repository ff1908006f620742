import { required, signature } from "@bluedot/core/extend";

export { required, signature };

/** Optional arguments by position, in order, then by name. */
type Rest<Optional extends readonly unknown[], Options> = Optional extends readonly [infer First, ...infer More]
  ? [] | [options: Options] | [next: First | undefined, ...Rest<More, Options>]
  : [] | [options: Options];

/** Arguments after the image: the required ones and any of the optional ones by position, the others by name in a last object; or all by name. */
export type Arguments<
  Required extends readonly unknown[],
  Optional extends readonly unknown[],
  Options extends object,
  Names extends object,
> = [...Required, ...Rest<Optional, Options>] | [options: Options & Names];
