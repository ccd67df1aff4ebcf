// `managedRunnerSchema` and `managedRunnerPageSchema`, which follow Standard Schema v1 and Standard JSON Schema v1
// (https://standardschema.dev).

import * as glue from "glue";

import { ContractJson, LONGEST, TOO_LONG } from "../schema/contract-json.js";
import { pageJsonSchema, runnerJsonSchema } from "../schema/json-schema.js";
import { guard } from "../trap.js";
import { start } from "./instance.js";

/**
 * Makes a schema of runners. `prepare` is called before each validation.
 *
 * @param {() => void} [prepare]
 */
export const runnerSchema = (prepare) => schema(runnerValidator(prepare), runnerJsonSchema);

/** Makes a schema of pages. */
export const pageSchema = (prepare) => schema(pageValidator(prepare), pageJsonSchema);

function schema(validate, jsonSchema) {
  const converter = { input: jsonSchema, output: jsonSchema };
  return {
    "~standard": { version: 1, vendor: "comfycontrol-runners", validate, jsonSchema: converter },
  };
}

/**
 * Makes the function that validates runners. The schema is more than that: it has the JSON Schema, too.
 *
 * @param {() => void} [prepare]
 */
export function runnerValidator(prepare) {
  return validator(prepare, (value, json) => {
    const text = json.runner(value);
    return () => glue.checkRunner(text);
  });
}

function pageValidator(prepare) {
  return validator(prepare, (value, json) => {
    const text = json.page(value);
    const page = json.member(value, "page");
    const perPage = json.member(value, "perPage");
    const pageCount = json.member(value, "pageCount");
    const hasNextPage = json.member(value, "hasNextPage");
    return () => glue.checkPage(text, page, perPage, pageCount, hasNextPage);
  });
}

/**
 * @param {(() => void) | undefined} prepare
 * @param {(value: unknown, json: ContractJson) => () => unknown} read - Reads a value, and returns the function that
 *   checks what was read. That function returns a copy, or an array of issues.
 */
function validator(prepare, read) {
  return (value) => {
    const json = new ContractJson();
    let check;
    try {
      check = read(value, json);
    } catch (thrown) {
      if (thrown !== TOO_LONG) throw thrown;
      const expected = `a value of at most ${LONGEST} characters of JSON`;
      return { issues: [issue({ path: [], expected, found: "more" }, json)] };
    }
    const run = () => {
      const checked = guard(check);
      if (!Array.isArray(checked)) return { value: checked };
      return { issues: checked.map((facts) => issue(facts, json)) };
    };
    prepare?.();
    // The value was read before: what the caller does with it while the module starts has no effect.
    const started = start();
    return started ? started.then(run) : run();
  };
}

function issue({ path, expected, found }, json) {
  return { message: `expected ${expected}, found ${json.found.get(path.join(".")) ?? found}`, path };
}
