// The page that the server has rendered.
import { HydrationBoundary, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ComfyControl } from "comfycontrol-runners";
import { runnersStore } from "comfycontrol-runners/store";
import { StrictMode } from "react";
import { hydrateRoot } from "react-dom/client";
import { App } from "./app.jsx";

const state = JSON.parse(document.querySelector("#state").textContent);
const client = new ComfyControl({ baseUrl: "/api" });
const queries = new QueryClient({ defaultOptions: { queries: { staleTime: 60_000 } } });
const store = runnersStore(client, { interval: 60_000, initialRunners: state.runners });

hydrateRoot(
  document.querySelector("#root"),
  <StrictMode>
    <QueryClientProvider client={queries}>
      <HydrationBoundary state={state.queries}>
        <App client={client} store={store} />
      </HydrationBoundary>
    </QueryClientProvider>
  </StrictMode>,
);
