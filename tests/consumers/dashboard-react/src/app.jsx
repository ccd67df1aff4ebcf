import { useInfiniteQuery, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { runnersInfiniteQuery, runnersQuery } from "comfycontrol-runners/query";
import { Suspense, useState, useSyncExternalStore } from "react";

/** Where server and browser reach the API differs; the keys are the same. */
export const scope = { baseUrl: "the API", account: "demo" };

export const newest = (client) => runnersQuery(client, { ...scope, perPage: 10 });
export const second = (client) => runnersQuery(client, { ...scope, page: 2, perPage: 15 });

export function App({ client, store }) {
  const [isOpen, setOpen] = useState(true);
  if (!isOpen) return <p id="gone">gone</p>;
  return (
    <>
      <Newest id="one" client={client} />
      <Newest id="other" client={client} />
      <Suspense fallback={<p>…</p>}>
        <Second client={client} />
      </Suspense>
      <Endless client={client} />
      <Watched id="watched" store={store} />
      <Watched id="watched-too" store={store} />
      <button id="refresh" onClick={store.refresh}>
        refresh
      </button>
      <button id="leave" onClick={() => setOpen(false)}>
        leave
      </button>
    </>
  );
}

function List({ id, runners }) {
  return (
    <ul id={id}>
      {runners.map(({ id, name }) => (
        <li key={id}>{name}</li>
      ))}
    </ul>
  );
}

function Newest({ id, client }) {
  const { data } = useQuery(newest(client));
  return <List id={id} runners={data?.runners ?? []} />;
}

function Second({ client }) {
  const { data } = useSuspenseQuery(second(client));
  return <List id="second" runners={data.runners} />;
}

function Endless({ client }) {
  const { data, fetchNextPage } = useInfiniteQuery(runnersInfiniteQuery(client, { ...scope, perPage: 20 }));
  return (
    <>
      <List id="endless" runners={data?.runners ?? []} />
      <button id="more" onClick={() => fetchNextPage()}>
        more
      </button>
    </>
  );
}

function Watched({ id, store }) {
  const { subscribe, getSnapshot, getServerSnapshot } = store;
  const { status, runners } = useSyncExternalStore(subscribe, getSnapshot, getServerSnapshot);
  return (
    <p id={id}>
      {runners.length} {status}
    </p>
  );
}
