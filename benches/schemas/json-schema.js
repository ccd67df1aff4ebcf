// The contract's page as JSON Schema, for ajv and typebox.
const text = { type: "string" };
const time = { type: "string", format: "date-time" };
const runner = {
  id: { type: "string", format: "uuid" },
  name: text,
  runner_type: text,
  status: text,
  tags: { type: "array", items: text },
  created_at: time,
  updated_at: time,
};

export const page = {
  type: "object",
  required: ["runners", "total"],
  properties: {
    runners: { type: "array", items: { type: "object", required: Object.keys(runner), properties: runner } },
    total: { type: "integer", minimum: 0 },
  },
};
