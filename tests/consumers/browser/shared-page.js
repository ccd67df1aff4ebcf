import { show } from "./show.js";

const { port } = new SharedWorker("shared-worker.js", { type: "module" });
port.onmessage = ({ data }) => show(data);
