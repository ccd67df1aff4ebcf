// What the guide leaves to its readers, in StrictMode: React mounts everything twice.
import { Component, StrictMode, Suspense, useState } from "react";
import { Endless, Newest, Second, Watched } from "./guide/runners.jsx";

/** A query that suspends throws its errors. */
class Guarded extends Component {
  state = { error: undefined };
  static getDerivedStateFromError(error) {
    return { error };
  }
  render() {
    return this.state.error ? <p>{this.state.error.message}</p> : this.props.children;
  }
}

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
        <Guarded>
          <Suspense fallback={<p>…</p>}>
            <Second client={client} />
          </Suspense>
        </Guarded>
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
