import { env, exports } from "cloudflare:workers";
import { ComfyControl, listManagedRunners } from "comfycontrol-runners";
import { expect, test } from "vitest";

const options = { token: env.COMFYCONTROL_TOKEN, baseUrl: env.COMFYCONTROL_BASE_URL };

test("a worker's answer", async () => {
  const response = await exports.default.fetch("https://worker.example/");
  expect(await response.json()).toHaveLength(10);
});

test("the package itself, in the test", async () => {
  const { runners } = await listManagedRunners(options);
  expect(runners).toHaveLength(10);
  expect((await new ComfyControl(options).collectManagedRunners()).runners).toHaveLength(250);
});
