// Adds the token.
export async function GET(request, { params }) {
  const { COMFYCONTROL_BASE_URL, COMFYCONTROL_TOKEN } = process.env;
  const headers = { accept: "application/json", authorization: `Bearer ${COMFYCONTROL_TOKEN}` };
  return fetch(`${COMFYCONTROL_BASE_URL}/${(await params).path.join("/")}${new URL(request.url).search}`, {
    headers,
  });
}
