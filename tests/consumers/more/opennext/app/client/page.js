"use client";

import { useEffect, useState } from "react";
import { listManagedRunners } from "comfycontrol-runners";
import { List } from "../list.js";

export default function Page() {
  const [runners, setRunners] = useState([]);
  useEffect(() => {
    const leaving = new AbortController();
    listManagedRunners({ baseUrl: "/api", signal: leaving.signal }).then(
      (page) => setRunners(page.runners),
      (error) => leaving.signal.aborted || console.error(error),
    );
    return () => leaving.abort();
  }, []);
  return <List runners={runners} />;
}
