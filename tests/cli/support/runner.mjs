let made = 0;

/** A runner, each with an id of its own. */
export function runner(fields) {
  made += 1;
  return {
    id: `018f9c3e-5b1a-7c2d-8e4f-${String(made).padStart(12, "0")}`,
    name: `runner-${made}`,
    runnerType: "pro",
    status: "active",
    tags: [],
    createdAt: "2024-01-15T10:30:00Z",
    updatedAt: "2024-01-15T10:31:00Z",
    ...fields,
  };
}
