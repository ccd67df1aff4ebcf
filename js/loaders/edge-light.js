// Edge runtimes like Vercel's forbid compiling at run time: `?module` imports the compiled module.

import compiled from "./core.wasm?module";

export const source = () => compiled;
