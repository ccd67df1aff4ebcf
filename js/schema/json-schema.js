// The rules of the reader as JSON Schema. What JSON Schema cannot say: whether `pageCount` and `hasNextPage` fit the
// other members, how many days a month has, and on which days a leap second is possible.

import { describe } from "../describe.js";
import { ComfyControlError } from "../error.js";

const DIALECTS = {
  "draft-2020-12": { $schema: "https://json-schema.org/draft/2020-12/schema" },
  "draft-07": { $schema: "http://json-schema.org/draft-07/schema#" },
  // OpenAPI 3.0 names its dialect nowhere.
  "openapi-3.0": {},
};

const text = (description) => ({ type: "string", description });
const integer = (minimum, maximum, description) => ({ type: "integer", minimum, maximum, description });
const dateTime = (description) => ({
  ...text(description),
  format: "date-time",
  // Validators may ignore `format`, or accept a space for the `T`. `\d` is more than ASCII in some languages.
  pattern:
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]" +
    "([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$",
});

/** An object that must have these members, and may have others. */
const object = (properties, description) => ({
  type: "object",
  description,
  properties,
  required: Object.keys(properties),
});

const runner = () =>
  object(
    {
      id: {
        ...text("A UUID of any version."),
        pattern: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
      },
      name: text("Any Unicode text."),
      runnerType: text("plus, pro, or a value that the server adds later."),
      status: text("active, disabled, or a value that the server adds later."),
      tags: { type: "array", items: { type: "string" }, description: "What the runner offers." },
      createdAt: dateTime("When the runner was created."),
      updatedAt: dateTime("When the runner was last changed."),
    },
    "A managed runner of ComfyControl.",
  );

const page = () =>
  object(
    {
      runners: { type: "array", items: runner(), description: "The runners of this page." },
      total: integer(0, Number.MAX_SAFE_INTEGER, "How many runners there are on all pages."),
      page: integer(1, 4294967295, "The number of this page."),
      perPage: integer(1, 100, "The requested page size."),
      pageCount: integer(0, Number.MAX_SAFE_INTEGER, "How many pages of this size there are."),
      hasNextPage: { type: "boolean", description: "Whether there is a page after this one." },
    },
    "One page of the managed runners of ComfyControl.",
  );

/** The schema for a target, as a new object each time. */
function convert(make, options) {
  const target = options?.target;
  if (typeof target !== "string" || !Object.prototype.hasOwnProperty.call(DIALECTS, target)) {
    const targets = Object.keys(DIALECTS).join(", ");
    const message = `target: expected one of ${targets}, got ${describe(target, false)}`;
    throw new ComfyControlError("invalid_options", message, { retryable: false });
  }
  return { ...DIALECTS[target], ...make() };
}

export const runnerJsonSchema = (options) => convert(runner, options);
export const pageJsonSchema = (options) => convert(page, options);
