import { type } from "arktype";

const page = type({
  runners: type({
    id: "string.uuid",
    name: "string",
    runner_type: "string",
    status: "string",
    tags: "string[]",
    created_at: "string.date.iso",
    updated_at: "string.date.iso",
  }).array(),
  total: "number.integer >= 0",
});

export const check = (value) => page.assert(value);
