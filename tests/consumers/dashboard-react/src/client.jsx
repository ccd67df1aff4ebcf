// A page that the browser renders, in StrictMode: React mounts everything twice.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ComfyControl } from "comfycontrol-runners";
import { runnersStore } from "comfycontrol-runners/store";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.jsx";

const client = new ComfyControl({ baseUrl: "/api" });
const store = runnersStore(client, { interval: 60_000 });

createRoot(document.querySelector("#root")).render(
  <StrictMode>
    <QueryClientProvider client={new QueryClient()}>
      <App client={client} store={store} />
    </QueryClientProvider>
  </StrictMode>,
);
