// The reductions that are functions only.
export { cumulativeTrapezoid, gradient, trapezoid, trapz } from "./differences.ts";
