// Memory grows for the first time in the middle of a call that was compiled for speed. Run by `growth.test.mjs`.

import { ComfyControl } from "../../package/support/package.mjs";
import { newest } from "./instances.mjs";

const make = () => new ComfyControl({ baseUrl: "https://growth.example" });
for (let time = 0; time < 50_000; time += 1) make();

// As if the allocator had found nothing more, in a call that gives a text.
const { decode } = TextDecoder.prototype;
let grown = 0;
TextDecoder.prototype.decode = function (...given) {
  const text = decode.apply(this, given);
  if (!grown) grown = newest().memory.grow(1);
  return text;
};
make();
console.log(grown > 0 ? "grown" : "no text was read");
