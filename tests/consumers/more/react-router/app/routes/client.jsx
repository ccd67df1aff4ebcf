import { useLoaderData } from "react-router";
import { listManagedRunners } from "comfycontrol-runners";
import { List } from "../list.jsx";

/** The request's own signal ends the call when the reader goes elsewhere. */
export async function clientLoader({ request }) {
  return (await listManagedRunners({ baseUrl: "/api", signal: request.signal })).runners;
}
clientLoader.hydrate = true;

export function HydrateFallback() {
  return null;
}

export default function Client() {
  return <List runners={useLoaderData()} />;
}
