import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const { COMFYCONTROL_BASE_URL, COMFYCONTROL_TOKEN } = process.env;
const miniflare = {
  compatibilityDate: "2026-01-01",
  // Vitest's own need.
  compatibilityFlags: ["nodejs_compat"],
  bindings: { COMFYCONTROL_BASE_URL, COMFYCONTROL_TOKEN },
};

export default defineConfig({ plugins: [cloudflareTest({ main: "./worker.js", miniflare })] });
