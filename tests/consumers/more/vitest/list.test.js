import { listManagedRunners } from "comfycontrol-runners";
import { expect, test } from "vitest";

test("lists runners", async () => {
  const { runners } = await listManagedRunners();
  expect(runners).toHaveLength(10);
});
