/** `npm run tutorial [-- CHAPTER [OPTIONS]]`: sets up, then runs one chapter of the course, or all in order. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isMain, run } from "./process.mjs";
import { main, root } from "./set-up.mjs";

/** Chapters: the folders of `apps/` that begin with a number. */
export function chapters() {
  return readdirSync(join(root, "apps"))
    .filter((name) => /^\d+-/.test(name) && existsSync(join(root, "apps", name, "package.json")))
    .sort()
    .map((folder) => ({ number: Number.parseInt(folder, 10), title: folder.replace(/^\d+-/, ""), folder }));
}

/** Splits the command line: a leading number chooses the chapter, the rest is the program's. */
export function parse(args, all) {
  const [first, ...rest] = args;
  if (first === undefined || first.startsWith("-")) return { chosen: all, options: args };
  const chosen = all.filter(({ number, folder }) => (/^\d+$/.test(first) ? number === Number(first) : folder === first));
  return { chosen, options: rest };
}

if (isMain(import.meta.url)) {
  const all = chapters();
  const { chosen, options } = parse(process.argv.slice(2), all);
  if (chosen.length === 0) {
    process.stderr.write(`tutorial: no chapter ${process.argv[2]}; there are ${all.map(({ folder }) => folder).join(", ")}\n`);
    process.exitCode = 2;
  } else {
    await main(async () => {
      for (const { number, title, folder } of chosen) {
        if (chosen.length > 1) process.stderr.write(`\n── Chapter ${number}: ${title} ──\n`);
        const code = await run([process.execPath, join(root, "apps", folder, "dist", "main.js"), ...options]);
        if (code !== 0) return code;
      }
      return 0;
    });
  }
}
