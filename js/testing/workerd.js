// Cloudflare Workers compile nothing at run time: the import is the compiled module. `?module` is how
// Nitro wants to be told, and the others take it.

import compiled from "./testing.wasm?module";

export const source = () => compiled;
