import { AutogradError, getRngState, setRngState, type Tensor } from "@bluedot/core";
import { isRecording } from "@bluedot/core/extend";
import { withGradMode } from "./grad-mode.ts";
import { savedTensorsHooks } from "./saved-tensor-hooks.ts";

export interface CheckpointOptions {
  /** Accepted for the sake of PyTorch's programs; there is one way here, which allows for everything. */
  useReentrant?: boolean;
  /** Run the second time with the random numbers of the first. Default true. */
  preserveRngState?: boolean;
}

/**
 * Runs `fn` without keeping what its derivatives read; the backward pass runs it again to get that. Takes half again as long as a step
 * with everything kept, and memory for one such function at a time.
 * @example
 * const y = checkpoint((h) => block(h), x);
 * @see torch.utils.checkpoint.checkpoint
 */
export function checkpoint<A extends unknown[], R>(fn: (...args: A) => R, ...args: A | [...A, CheckpointOptions]): R {
  const { options, rest } = splitOptions(args);
  return checkpointed(fn as (...args: unknown[]) => R, rest, options);
}

const optionNames = ["useReentrant", "preserveRngState"];

/** The arguments of the function, and options where an object of nothing but options comes last. */
function splitOptions(args: readonly unknown[]): { options: CheckpointOptions; rest: readonly unknown[] } {
  const last = args.at(-1);
  const isOptions =
    typeof last === "object" &&
    last !== null &&
    Object.getPrototypeOf(last) === Object.prototype &&
    Object.keys(last).length > 0 &&
    Object.keys(last).every((key) => optionNames.includes(key));
  return isOptions ? { options: last, rest: args.slice(0, -1) } : { options: {}, rest: args };
}

function checkpointed<R>(fn: (...args: unknown[]) => R, args: readonly unknown[], options: CheckpointOptions): R {
  if (!isRecording()) return fn(...args);
  const state = (options.preserveRngState ?? true) ? getRngState() : null;
  let count = 0;
  let recomputed: Tensor[] | null = null;

  const again = (): Tensor[] => {
    const saved: Tensor[] = [];
    const now = state === null ? null : getRngState();
    if (state !== null) setRngState(state);
    try {
      savedTensorsHooks(
        (tensor) => saved.push(tensor.detach()),
        (): Tensor => {
          throw new AutogradError(
            "You are calling backwards on a tensor that is never exposed. Please open an issue if you intend to call backward inside checkpointed function.",
          );
        },
        () => withGradMode(true, () => fn(...args)),
      );
    } finally {
      if (now !== null) setRngState(now);
    }
    if (saved.length !== count) {
      throw new AutogradError(
        `torch.utils.checkpoint: A different number of tensors was saved during the original forward and recomputation.\nNumber of tensors saved during forward: ${count}\nNumber of tensors saved during recomputation: ${saved.length}`,
      );
    }
    return saved;
  };

  return savedTensorsHooks(
    () => count++,
    (index: number) => {
      recomputed ??= again();
      return recomputed[index]!;
    },
    () => fn(...args),
  );
}

/**
 * Runs `functions` one after the other in `segments` checkpointed parts; the last is run as usual.
 * @see torch.utils.checkpoint.checkpoint_sequential
 */
export function checkpointSequential(
  functions: Iterable<(input: Tensor) => Tensor>,
  segments: number,
  input: Tensor,
  options: CheckpointOptions = {},
): Tensor {
  const list = [...functions];
  const size = Math.floor(list.length / segments);
  const run =
    (from: number, to: number) =>
    (given: Tensor): Tensor =>
      list.slice(from, to).reduce((value, fn) => fn(value), given);
  let value = input;
  let start = 0;
  for (; start < size * (segments - 1); start += size)
    value = checkpointed(run(start, start + size) as (...args: unknown[]) => Tensor, [value], options);
  return run(start, list.length)(value);
}
