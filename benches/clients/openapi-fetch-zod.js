import createClient from "openapi-fetch";
import { check } from "../schemas/zod.js";

export const client = (fetch) => {
  const api = createClient({
    baseUrl: "https://api.comfycontrol.app",
    headers: { authorization: "Bearer cfc_bench" },
    fetch,
  });
  return async (page, perPage) => {
    const { data, error } = await api.GET("/v1/managed-runner", {
      params: { query: { page, per_page: perPage } },
    });
    if (error) throw error;
    return check(data);
  };
};
