import * as z from "zod";

const runner = z.object({
  id: z.guid(),
  name: z.string(),
  runner_type: z.string(),
  status: z.string(),
  tags: z.array(z.string()),
  created_at: z.iso.datetime({ offset: true }),
  updated_at: z.iso.datetime({ offset: true }),
});
const page = z.object({ runners: z.array(runner), total: z.int().nonnegative() });

export const check = (value) => page.parse(value);
