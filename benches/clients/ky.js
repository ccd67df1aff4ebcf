import ky from "ky";

/** A client on ky that checks what comes with `check`. */
export const on = (check) => (fetch) => {
  const api = ky.create({
    prefixUrl: "https://api.comfycontrol.app/v1",
    headers: { authorization: "Bearer cfc_bench" },
    timeout: 10_000,
    retry: 2,
    fetch,
  });
  return async (page, perPage) =>
    check(await api.get("managed-runner", { searchParams: { page, per_page: perPage } }).json());
};
