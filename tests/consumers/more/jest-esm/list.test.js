import { listManagedRunners } from "comfycontrol-runners";

test("lists runners", async () => {
  const { runners } = await listManagedRunners();
  expect(runners).toHaveLength(10);
});
