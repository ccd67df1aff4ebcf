// Serves the edge function that Nitro builds for Netlify, whose edge functions run in Deno.
import handler from "./.netlify/edge-functions/server/server.js";

const port = Number(Deno.env.get("PORT"));
Deno.serve({ port, hostname: "127.0.0.1" }, (request) => handler(request, {}));
