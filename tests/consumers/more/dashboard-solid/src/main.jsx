import { QueryClient, QueryClientProvider } from "@tanstack/solid-query";
import { Show, createSignal } from "solid-js";
import { render } from "solid-js/web";
import { Endless, Newest, Watched } from "./guide/runners.jsx";

const queries = new QueryClient();

function App() {
  const [isOpen, setOpen] = createSignal(true);
  return (
    <QueryClientProvider client={queries}>
      <Show when={isOpen()} fallback={<p id="gone">gone</p>}>
        <section id="one">
          <Newest />
        </section>
        <section id="other">
          <Newest />
        </section>
        <section id="endless">
          <Endless />
        </section>
        <section id="watched">
          <Watched />
        </section>
        <section id="watched-too">
          <Watched />
        </section>
        <button id="leave" onClick={() => setOpen(false)}>
          leave
        </button>
      </Show>
    </QueryClientProvider>
  );
}

render(() => <App />, document.querySelector("#root"));
