// The schemas as JSON Schema, compared with the schemas themselves by a validator of JSON Schema.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

import { fakeRunners, isComfyControlError, main } from "./support/package.mjs";

const { managedRunnerSchema, managedRunnerPageSchema } = main;
const RUNNERS = fakeRunners(25, { seed: 7 });
const RUNNER = RUNNERS[0];
const PAGE = { runners: RUNNERS, total: 60, page: 1, perPage: 25, pageCount: 3, hasNextPage: true };

const jsonSchema = (schema, target) => schema["~standard"].jsonSchema.output({ target });
const isValid = (schema, value) => !schema["~standard"].validate(value).issues;

const VALUES = [
  ...[undefined, null, true, false, 0, 1, 100, 101, -1, 1.5, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53],
  ...["", "x", "2024-01-15T10:30:00Z", "2024-01-15t10:30:00.123456789z", "2024-01-15T10:30:00+23:59"],
  ...["2024-01-15 10:30:00Z", "2024-01-15T10:30Z", "2024-02-30T10:30:00Z", "2023-02-29T10:30:00Z"],
  ...["2024-01-15T24:00:00Z", "2024-01-15T10:30:00", "2024-01-15T10:30:00+2:00", "2016-12-31T23:59:60Z"],
  ...[RUNNER.id, RUNNER.id.toUpperCase(), `${RUNNER.id} `, `${RUNNER.id}\n`, RUNNER.id.replaceAll("-", "")],
  ...[[], ["a"], ["a", 1], [[]], {}, RUNNER, RUNNERS, [RUNNER, 3]],
];

const DIALECTS = {
  "draft-2020-12": { Validator: Ajv2020, $schema: "https://json-schema.org/draft/2020-12/schema" },
  "draft-07": { Validator: Ajv, $schema: "http://json-schema.org/draft-07/schema#" },
  "openapi-3.0": { Validator: Ajv, $schema: undefined },
};

for (const [target, { Validator, $schema }] of Object.entries(DIALECTS)) {
  suite(target, () => {
    const compile = (schema) => {
      const ajv = new Validator({ strict: true, allErrors: true });
      addFormats(ajv);
      return ajv.compile(jsonSchema(schema, target));
    };

    test("names its dialect, and is a new object each time", () => {
      for (const schema of [managedRunnerSchema, managedRunnerPageSchema]) {
        const { input, output } = schema["~standard"].jsonSchema;
        assert.equal(input({ target }).$schema, $schema);
        assert.deepEqual(input({ target }), output({ target, libraryOptions: { more: 1 } }));
        assert.notEqual(input({ target }).properties, input({ target }).properties);
      }
    });

    test("says the same of a runner with any value in any member", () => {
      const validate = compile(managedRunnerSchema);
      let accepted = 0;
      for (const name of Object.keys(RUNNER)) {
        for (const value of VALUES) {
          const runner = { ...RUNNER, [name]: value };
          if (value === undefined) delete runner[name];
          assert.equal(
            validate(runner),
            isValid(managedRunnerSchema, runner),
            `${name}: ${JSON.stringify(value)}`,
          );
          accepted += validate(runner);
        }
      }
      assert.ok(accepted > 50, `${accepted} runners are valid`);
      for (const value of VALUES) assert.equal(validate(value), isValid(managedRunnerSchema, value));
    });

    test("says the same of a page with any value in a member of its own", () => {
      const validate = compile(managedRunnerPageSchema);
      assert.ok(validate(PAGE) && isValid(managedRunnerPageSchema, PAGE));
      for (const name of ["runners", "total", "page", "perPage"]) {
        for (const value of VALUES) {
          const { pageCount, hasNextPage, ...page } = { ...PAGE, [name]: value };
          if (value === undefined) delete page[name];
          // JSON Schema cannot say that these two fit the others.
          page.pageCount = Math.ceil(page.total / page.perPage) || 0;
          page.hasNextPage = page.page < page.pageCount;
          const isRight = isValid(managedRunnerPageSchema, page);
          assert.equal(validate(page), isRight, `${name}: ${JSON.stringify(value)}`);
        }
      }
      for (const value of ["3", null, -1, 0.5]) assert.ok(!validate({ ...PAGE, pageCount: value }));
      for (const value of ["true", null, 1]) assert.ok(!validate({ ...PAGE, hasNextPage: value }));
    });
  });
}

test("JSON Schema cannot say on which days a leap second is possible", () => {
  const ajv = new Ajv2020();
  addFormats(ajv);
  const runner = { ...RUNNER, createdAt: "2024-01-15T23:59:60Z" };
  assert.ok(ajv.validate(jsonSchema(managedRunnerSchema, "draft-2020-12"), runner));
  assert.ok(!isValid(managedRunnerSchema, runner));
});

test("without `format`, JSON Schema still refuses what is no date or time at all", () => {
  const validate = new Ajv2020({ validateFormats: false }).compile(
    jsonSchema(managedRunnerSchema, "draft-2020-12"),
  );
  for (const [text, isAccepted] of Object.entries({
    "2024-12-31T23:59:60Z": true,
    "2024-02-30T00:00:00Z": true,
    "2024-13-01T00:00:00Z": false,
    "2024-00-01T00:00:00Z": false,
    "2024-01-32T00:00:00Z": false,
    "2024-01-00T00:00:00Z": false,
    "2024-01-01T24:00:00Z": false,
    "2024-01-01T00:60:00Z": false,
    "2024-01-01T00:00:61Z": false,
    "2024-01-01T00:00:00+24:00": false,
    "2024-01-01T00:00:00+00:60": false,
  }))
    assert.equal(validate({ ...RUNNER, updatedAt: text }), isAccepted, text);
});

test("another target is refused, with the known ones", () => {
  for (const options of [{ target: "draft-04" }, { target: "toString" }, { target: 7 }, {}, undefined]) {
    assert.throws(
      () => managedRunnerSchema["~standard"].jsonSchema.input(options),
      (error) =>
        isComfyControlError(error, "invalid_options") &&
        /^target: expected one of draft-2020-12, draft-07, openapi-3.0, got /.test(error.message),
    );
  }
});
