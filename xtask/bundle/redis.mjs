// `comfycontrol-runners/redis`: the script, its digest, and what asks Redis to run it.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** The script as it is sent: without comments and indentation. */
function sent(script) {
  const lines = script.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("--")).join("\n");
}

/**
 * Adds the entry to a package.
 *
 * @param {string} js the folder of the sources
 * @param {string} dist
 */
export async function buildRedis(js, dist) {
  const text = sent(readFileSync(join(js, "redis/ledger.lua"), "utf8"));
  const sha1 = createHash("sha1").update(text).digest("hex");
  for (const [format, extension] of [
    ["esm", ".js"],
    ["cjs", ".cjs"],
  ]) {
    await build({
      entryPoints: [join(js, "redis/index.js")],
      outfile: join(dist, `redis${extension}`),
      format,
      bundle: true,
      target: "es2019",
      charset: "utf8",
      legalComments: "none",
      plugins: [
        {
          name: "the script, and errors in the file that all entries share",
          setup({ onResolve, onLoad }) {
            onResolve({ filter: /\/error\.js$/ }, () => ({ path: `./error${extension}`, external: true }));
            onResolve({ filter: /^script$/ }, () => ({ path: "script", namespace: "script" }));
            onLoad({ filter: /./, namespace: "script" }, () => ({
              // In lines, as the script has them.
              contents: `export const text = ${JSON.stringify(text.split("\n"), null, 2)}.join("\\n"), sha1 = "${sha1}";`,
            }));
          },
        },
      ],
    });
  }
}
