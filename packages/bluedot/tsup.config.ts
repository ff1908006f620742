import { library } from "../../tooling/config/tsup.ts";

export default library(["src/index.ts", "src/cli.ts"]);
