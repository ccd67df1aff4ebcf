// Cloudflare Workers compile nothing at run time: the import is the compiled module.

import module from "./core.wasm";

export const source = () => module;
