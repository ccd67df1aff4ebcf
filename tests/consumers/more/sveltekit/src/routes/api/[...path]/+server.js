// Adds the token.
import { env } from "$env/dynamic/private";

export function GET({ params, url, fetch }) {
  const headers = { accept: "application/json", authorization: `Bearer ${env.COMFYCONTROL_TOKEN}` };
  return fetch(`${env.COMFYCONTROL_BASE_URL}/${params.path}${url.search}`, { headers });
}
