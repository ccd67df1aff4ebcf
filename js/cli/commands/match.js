import { enumerate } from "./enumerate.js";

/** `match`: the runners that could take a workflow. */
export async function match({ options }, context) {
  const { matchRunners } = await import("comfycontrol-runners");
  const accepts = (runner) => matchRunners([runner], options.tag).length > 0;
  return enumerate({ options, accepts, onStop: () => {} }, context);
}
