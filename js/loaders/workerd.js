// Cloudflare Workers forbid compiling at run time: this imports the compiled module. Nitro needs
// `?module`, and other tools accept it.

import compiled from "./core.wasm?module";

export const source = () => compiled;
