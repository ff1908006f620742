import { program } from "../../tooling/config/tsup.ts";

export default program();
