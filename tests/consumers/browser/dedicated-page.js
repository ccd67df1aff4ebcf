import { show } from "./show.js";

const worker = new Worker("dedicated-worker.js", { type: "module" });
worker.onmessage = ({ data }) => show(data);
