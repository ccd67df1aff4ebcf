// Edge runtimes in the manner of Vercel's compile nothing at run time: `?module` imports the compiled module.

import module from "./core.wasm?module";

export const source = () => module;
