import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const { COMFYCONTROL_BASE_URL, COMFYCONTROL_TOKEN } = process.env;

export default defineConfig({
  plugins: [
    cloudflareTest({
      wrangler: { configPath: "./wrangler.jsonc" },
      miniflare: { bindings: { COMFYCONTROL_BASE_URL, COMFYCONTROL_TOKEN } },
    }),
  ],
});
