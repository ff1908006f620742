import { globallyHooked } from "./global-hooks.ts";
import { emptyInternals, type Internals, internals } from "./internals.ts";

// biome-ignore lint/suspicious/noExplicitAny: `forward` of each module types its own arguments
type Anything = any;

interface Invocable {
  [internals]: Internals;
  forward(...args: Anything[]): Anything;
  callWithHooks(args: Anything[]): Anything;
}

/**
 * Makes instances callable: the constructor returns a function that has the class's prototype, so that fields, methods and
 * `instanceof` work as on any object, and a call runs `forward`.
 */
export class Callable {
  declare [internals]: Internals;

  constructor() {
    const module = ((...args: Anything[]) =>
      state.hooked || globallyHooked ? module.callWithHooks(args) : module.forward(...args)) as unknown as Invocable;
    const state = emptyInternals();
    // A function's own `name` and `length` would stand in the way of fields and accessors of those names.
    delete (module as Partial<Record<"name", unknown>>).name;
    delete (module as Partial<Record<"length", unknown>>).length;
    Object.setPrototypeOf(module, new.target.prototype);
    Object.defineProperty(module, internals, { value: state });
    // biome-ignore lint/correctness/noConstructorReturn: this is what makes instances callable
    return module as unknown as Callable;
  }
}
