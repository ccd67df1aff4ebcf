// The schemas are those of both standards, and libraries infer their types.
import { sValidator } from "@hono/standard-validator";
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { initTRPC, type inferRouterInputs, type inferRouterOutputs } from "@trpc/server";
import {
  listManagedRunners,
  type ManagedRunner,
  type ManagedRunnerPage,
  managedRunnerPageSchema,
  managedRunnerSchema,
  type SchemaIssue,
} from "comfycontrol-runners";
import * as slim from "comfycontrol-runners/slim";
import { Hono } from "hono";

import { same } from "./equal.js";

type Both<Value> = StandardSchemaV1<Value> & StandardJSONSchemaV1<Value>;
export const runner: Both<ManagedRunner> = managedRunnerSchema;
export const page: Both<ManagedRunnerPage> = managedRunnerPageSchema;
export const slimRunner: Both<ManagedRunner> = slim.managedRunnerSchema;
same<StandardSchemaV1.InferOutput<typeof managedRunnerSchema>, ManagedRunner>(true);
same<StandardSchemaV1.InferInput<typeof managedRunnerPageSchema>, ManagedRunnerPage>(true);

const app = new Hono().post("/", sValidator("json", managedRunnerSchema), (context) => {
  const given = context.req.valid("json");
  same<typeof given, ManagedRunner>(true);
  return context.text(given.name);
});
void app;

const { router, procedure } = initTRPC.create();
const routes = router({
  page: procedure.output(managedRunnerPageSchema).query(() => listManagedRunners()),
  rename: procedure.input(managedRunnerSchema).mutation(({ input }) => input.name),
});
same<inferRouterOutputs<typeof routes>["page"], ManagedRunnerPage>(true);
same<inferRouterInputs<typeof routes>["rename"], ManagedRunner>(true);

export async function check(value: unknown): Promise<ManagedRunner | readonly SchemaIssue[]> {
  const result = await managedRunnerSchema["~standard"].validate(value);
  if (result.issues) return result.issues;
  same<typeof result.value, ManagedRunner>(true);
  return result.value;
}
// @ts-expect-error the result may be a promise
void managedRunnerSchema["~standard"].validate(7).issues;
// @ts-expect-error a target is needed
managedRunnerSchema["~standard"].jsonSchema.output({});
// @ts-expect-error read only
managedRunnerSchema["~standard"].version = 1;
