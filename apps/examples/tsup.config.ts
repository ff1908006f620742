import { program } from "../../tooling/config/tsup.ts";

export default program(["src/gpt.ts", "src/lstm.ts", "src/resnet18-cifar10.ts", "src/vae-mnist.ts"]);
