import { list, show } from "./list.js";

list().then((names) => show(names, document.querySelector("ul")));
