import { listManagedRunners } from "comfycontrol-runners";

const { runners } = await listManagedRunners({ baseUrl: "/api" });
for (const { name } of runners) {
  const item = document.createElement("li");
  item.textContent = name;
  document.querySelector("ul").append(item);
}
