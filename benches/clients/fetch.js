// What everybody writes first: nothing is checked, paced or repeated.
export const client = (fetch) => async (page, perPage) => {
  const response = await fetch(
    `https://api.comfycontrol.app/v1/managed-runner?page=${page}&per_page=${perPage}`,
    {
      headers: { accept: "application/json", authorization: "Bearer cfc_bench" },
    },
  );
  if (!response.ok) throw new Error(`${response.status}`);
  return response.json();
};
