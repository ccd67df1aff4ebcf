// Vercel's edge runtime compiles nothing at run time: `?module` imports the compiled module.

import module from "./testing.wasm?module";

export const source = () => module;
