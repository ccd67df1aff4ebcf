import { useLoaderData } from "react-router";
import { listManagedRunners } from "comfycontrol-runners";
import { List } from "../list.jsx";

export async function loader() {
  return (await listManagedRunners()).runners;
}

export default function Home() {
  return <List runners={useLoaderData()} />;
}
