import { listManagedRunners } from "comfycontrol-runners";

export async function render() {
  const { runners } = await listManagedRunners();
  return `<ul>${runners.map(({ name }) => `<li>${name}</li>`).join("")}</ul>`;
}
