import { list, show } from "./list.js";

show(await list(), document.querySelector("ul"));
