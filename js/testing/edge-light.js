// Vercel's edge runtime forbids compiling at run time: `?module` imports the compiled module.

import compiled from "./testing.wasm?module";

export const source = () => compiled;
