import { noGrad } from "@bluedot/autograd";
import * as torch from "@bluedot/core";
import { ShapeError, type Tensor } from "@bluedot/core";

/** All parameters as one vector. @see torch.nn.utils.parameters_to_vector */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return torch.cat(
    [...parameters].map((p) => p.reshape([-1])),
    0,
  );
}

/** Writes the parts of a vector over the parameters. @throws {ShapeError} for a vector that is too short @see torch.nn.utils.vector_to_parameters */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  const all = [...parameters];
  const needed = all.reduce((n, p) => n + p.count, 0);
  if (vector.count < needed) throw new ShapeError(`expected a vector of at least ${needed} elements, but got ${vector.count}`);
  noGrad(() => {
    let at = 0;
    for (const p of all) {
      p.copy_(vector.narrow(0, at, p.count).reshape(p.shape));
      at += p.count;
    }
  });
}
