// Memory grows for the first time in the middle of an optimized call. `growth.test.mjs` runs it.

import { ComfyControl } from "../../package/support/package.mjs";
import { newest } from "./instances.mjs";

const make = () => new ComfyControl({ baseUrl: "https://growth.example" });
for (let time = 0; time < 50_000; time += 1) make();

// Simulates an allocator that must grow memory, in a call that returns a text.
const { decode } = TextDecoder.prototype;
let grown = 0;
TextDecoder.prototype.decode = function (...given) {
  const text = decode.apply(this, given);
  if (!grown) grown = newest().memory.grow(1);
  return text;
};
make();
console.log(grown > 0 ? "grown" : "no text was read");
