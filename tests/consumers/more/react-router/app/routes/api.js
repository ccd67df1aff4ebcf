// Adds the token.
export function loader({ params, request }) {
  const { COMFYCONTROL_BASE_URL, COMFYCONTROL_TOKEN } = process.env;
  const headers = { accept: "application/json", authorization: `Bearer ${COMFYCONTROL_TOKEN}` };
  return fetch(`${COMFYCONTROL_BASE_URL}/${params["*"]}${new URL(request.url).search}`, { headers });
}
