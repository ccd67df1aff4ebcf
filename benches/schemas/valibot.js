import * as v from "valibot";

const time = v.pipe(v.string(), v.isoTimestamp());
const runner = v.object({
  id: v.pipe(v.string(), v.uuid()),
  name: v.string(),
  runner_type: v.string(),
  status: v.string(),
  tags: v.array(v.string()),
  created_at: time,
  updated_at: time,
});
const page = v.object({
  runners: v.array(runner),
  total: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});

export const check = (value) => v.parse(page, value);
