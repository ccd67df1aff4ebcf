// Renders through Vite's module runner, as a development server does.
import { createServer } from "vite";

const vite = await createServer({ server: { middlewareMode: true }, appType: "custom", logLevel: "error" });
const { render } = await vite.ssrLoadModule("/entry.js");
console.log(await render());
await vite.close();
