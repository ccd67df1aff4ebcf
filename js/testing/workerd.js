// Cloudflare Workers compile nothing at run time: the import is the compiled module.

import module from "./testing.wasm";

export const source = () => module;
