import { listManagedRunners } from "comfycontrol-runners";
import { List } from "./list.js";

export default async function Page() {
  const { runners } = await listManagedRunners();
  return <List runners={runners} />;
}
