// Edge runtimes in the manner of Vercel's compile nothing at run time: `?module` imports the
// compiled module.

import compiled from "./core.wasm?module";

export const source = () => compiled;
