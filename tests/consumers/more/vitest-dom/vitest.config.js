import { defineConfig } from "vitest/config";

// Inlined, the package goes through Vite's transformation and runs in a wrapper of Vitest's.
const deps = process.env.INLINED ? { inline: ["comfycontrol-runners"] } : {};

export default defineConfig({
  test: {
    server: { deps },
    projects: ["node", "jsdom", "happy-dom"].map((environment) => ({
      extends: true,
      test: { name: environment, environment },
    })),
  },
});
