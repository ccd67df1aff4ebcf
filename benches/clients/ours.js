import { ComfyControl } from "comfycontrol-runners";

export const client = (fetch) => {
  // The limit is off, as no peer has one; the test of the limit is in tests/.
  const api = new ComfyControl({ token: "cfc_bench", rateLimit: false, fetch });
  return (page, perPage) => api.listManagedRunners({ page, perPage });
};
