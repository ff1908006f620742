import { type Module, type SummaryInput, summary } from "@bluedot/nn";
import type { NodeMessage } from "./messages.ts";

/** A module in the tree, as far as a graph shows it. */
interface Place {
  readonly type: string;
  readonly name: string;
  readonly children: readonly Place[];
  readonly outputs: readonly (readonly number[])[];
}

const withoutCalls = (module: Module, name: string): Place => ({
  type: module.typeName(),
  name,
  children: module.namedChildren().map(([key, child]) => withoutCalls(child, key)),
  outputs: [],
});

/** The tree of modules as nodes: each layer leads to the next, in the order of their calls where an input tells it, and modules are the groups that hold them. */
export function moduleGraph(module: Module, input: SummaryInput | null): NodeMessage[] {
  const root: Place = input === null ? withoutCalls(module, "") : summary(module, input).root;
  const nodes: NodeMessage[] = [{ name: "input", op: "IO Node", inputs: [], shape: null }];
  const visit = (place: Place, path: string): void => {
    if (place.children.length > 0) {
      for (const child of place.children) visit(child, `${path}/${child.type}[${child.name}]`);
    } else nodes.push({ name: path, op: place.type, inputs: [nodes.at(-1)!.name], shape: place.outputs[0] ?? null });
  };
  visit(root, root.type);
  nodes.push({ name: "output", op: "IO Node", inputs: [nodes.at(-1)!.name], shape: null });
  return nodes;
}
