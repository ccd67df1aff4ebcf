import { PROGRAM } from "../command-table.js";
import { plural } from "../format.js";
import { enumerate } from "./enumerate.js";

/** `all`: every runner once. */
export function all({ options }, context) {
  const { status } = context;
  const onStop = ({ failed, checkpoint, printed }) => {
    if (checkpoint === undefined) return;
    const lines = [
      `${plural(printed, "runner")} printed; go on with`,
      `  ${PROGRAM} all --resume-from ${checkpoint}`,
    ];
    for (const line of lines) (failed ? status.always : status.note)(line);
  };
  return enumerate({ options, limit: options.limit, accepts: () => true, onStop }, context);
}
