// The same app on the server, with what it has read.
import { QueryClient, QueryClientProvider, dehydrate } from "@tanstack/react-query";
import { ComfyControl } from "comfycontrol-runners";
import { runnersStore } from "comfycontrol-runners/store";
import { StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { App, newest, second } from "./app.jsx";

export async function render({ baseUrl, token }) {
  const client = new ComfyControl({ baseUrl, token });
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: 60_000 } } });
  const [{ runners }] = await Promise.all([
    client.collectManagedRunners(),
    queries.prefetchQuery(newest(client)),
    queries.prefetchQuery(second(client)),
  ]);
  const store = runnersStore(client, { initialRunners: runners });
  const html = renderToString(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App client={client} store={store} />
      </QueryClientProvider>
    </StrictMode>,
  );
  const state = JSON.stringify({ queries: dehydrate(queries), runners }).replaceAll("<", "\\u003c");
  queries.clear();
  return `<!doctype html>
<title>Runners</title>
<div id="root">${html}</div>
<script type="application/json" id="state">${state}</script>
<script type="module" src="/dist/hydrate.js"></script>
`;
}
