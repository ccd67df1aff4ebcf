import { isComfyControlError, listManagedRunners } from "comfycontrol-runners";

/** The names of the first ten runners, or why there are none. */
export async function list() {
  try {
    const { runners } = await listManagedRunners({ baseUrl: BASE_URL, token: TOKEN });
    return runners.map(({ name }) => name);
  } catch (error) {
    return [isComfyControlError(error) ? `${error.code}: ${error.message}` : String(error)];
  }
}

/** Shows them as a list on a page. */
export function show(names, list) {
  for (const name of names) {
    const item = document.createElement("li");
    item.textContent = name;
    list.append(item);
  }
}
