// The core that Stainless generates clients on, as openai ships it, pointed at this API. Nothing is checked.
import OpenAI from "openai";

export const client = (fetch) => {
  const api = new OpenAI({
    apiKey: "cfc_bench",
    baseURL: "https://api.comfycontrol.app",
    dangerouslyAllowBrowser: true,
    fetch,
  });
  return (page, per_page) => api.get("/v1/managed-runner", { query: { page, per_page } });
};
