// What the guide leaves to its readers, in StrictMode: React mounts everything twice.
import { StrictMode, Suspense, useState } from "react";
import { Endless, Newest, Second, Watched } from "./guide/runners.jsx";

export function App({ client, store }) {
  const [isOpen, setOpen] = useState(true);
  if (!isOpen) return <p id="gone">gone</p>;
  return (
    <StrictMode>
      <section id="one">
        <Newest client={client} />
      </section>
      <section id="other">
        <Newest client={client} />
      </section>
      <section id="second">
        <Suspense fallback={<p>…</p>}>
          <Second client={client} />
        </Suspense>
      </section>
      <section id="endless">
        <Endless client={client} />
      </section>
      <section id="watched">
        <Watched store={store} />
      </section>
      <section id="watched-too">
        <Watched store={store} />
      </section>
      <button id="leave" onClick={() => setOpen(false)}>
        leave
      </button>
    </StrictMode>
  );
}
