import { listManagedRunners } from "comfycontrol-runners";

export default { title: "Runners" };

export const List = {
  loaders: [async () => ({ runners: (await listManagedRunners({ baseUrl: "/api" })).runners })],
  render: (args, { loaded: { runners } }) => {
    const list = document.createElement("ul");
    for (const { name } of runners)
      list.append(Object.assign(document.createElement("li"), { textContent: name }));
    return list;
  },
};
