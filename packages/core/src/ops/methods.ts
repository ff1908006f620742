import type { Tensor } from "../tensor/tensor.ts";
import * as methods from "./tensor-methods.ts";

// biome-ignore lint/suspicious/noExplicitAny: only `any` stands for rest parameters of every kind, tuples with required items included; `never[]` refuses even that
type AnyFunction = ((self: Tensor, ...args: any) => unknown) | ((self: Tensor, ...args: never[]) => unknown);

/** A function whose first parameter is the receiver, as a method. Keeps up to four overloads. */
type Method<F> = F extends {
  (self: Tensor, ...args: infer A1): infer R1;
  (self: Tensor, ...args: infer A2): infer R2;
  (self: Tensor, ...args: infer A3): infer R3;
  (self: Tensor, ...args: infer A4): infer R4;
}
  ? unknown[] extends A1
    ? Method3<F>
    : { (...args: A1): R1; (...args: A2): R2; (...args: A3): R3; (...args: A4): R4 }
  : Method3<F>;
type Method3<F> = F extends {
  (self: Tensor, ...args: infer A1): infer R1;
  (self: Tensor, ...args: infer A2): infer R2;
  (self: Tensor, ...args: infer A3): infer R3;
}
  ? unknown[] extends A1
    ? Method2<F>
    : { (...args: A1): R1; (...args: A2): R2; (...args: A3): R3 }
  : Method2<F>;
type Method2<F> = F extends { (self: Tensor, ...args: infer A1): infer R1; (self: Tensor, ...args: infer A2): infer R2 }
  ? unknown[] extends A1
    ? Method1<F>
    : { (...args: A1): R1; (...args: A2): R2 }
  : Method1<F>;
type Method1<F> = F extends (...args: infer P) => infer R ? (...args: AfterFirst<P>) => R : never;
type AfterFirst<P> = P extends readonly [unknown, ...infer A] ? A : never;

/** The operators as methods of {@link Tensor}: signature, documentation and definition are those of the functions. */
export type TensorMethods = {
  [K in keyof typeof methods]: (typeof methods)[K] extends AnyFunction ? Method<(typeof methods)[K]> : never;
};

/**
 * Puts every function of `tensor-methods.ts` behind the prototype. They are gathered on an object of their own first: adding hundreds of properties to
 * what is already a prototype takes V8 ten times as long.
 */
export function installMethods(prototype: Tensor): void {
  const inherited = {};
  for (const [name, call] of Object.entries(methods) as [string, (...args: unknown[]) => unknown][]) {
    Object.defineProperty(inherited, name, {
      configurable: true,
      writable: true,
      value(this: Tensor, ...args: unknown[]) {
        return call(this, ...args);
      },
    });
  }
  Object.setPrototypeOf(prototype, inherited);
}
