// The page that the browser renders.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.jsx";
import { client, store } from "./guide/client.js";

createRoot(document.querySelector("#root")).render(
  <StrictMode>
    <QueryClientProvider client={new QueryClient()}>
      <App client={client} store={store} />
    </QueryClientProvider>
  </StrictMode>,
);
