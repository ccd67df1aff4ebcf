// NITRO_PRESET names the host. The requests to /api go to a backend that adds the token.
export default defineNuxtConfig({
  compatibilityDate: "2026-01-01",
  telemetry: false,
  // From NUXT_COMFYCONTROL_TOKEN and NUXT_COMFYCONTROL_BASE_URL, on the server alone.
  runtimeConfig: { comfycontrol: { token: "", baseUrl: "" } },
  // Cloudflare's workers import the package's WebAssembly as a module.
  nitro: { experimental: { wasm: true } },
  routeRules: { "/api/**": { proxy: `${process.env.BACKEND}/api/**` } },
});
