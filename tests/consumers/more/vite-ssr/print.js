import { render } from "./dist/entry.js";

console.log(await render());
