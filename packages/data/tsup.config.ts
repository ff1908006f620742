import { library } from "../../tooling/config/tsup.ts";

export default library(["src/index.ts", "src/csv.ts", "src/hdf5.ts", "src/image.ts", "src/loader-worker.ts"]);
