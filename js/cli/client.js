import { describeEvent } from "./events.js";
import { readToken } from "./token.js";

/**
 * A client with the settings of the command line. The package reads other settings from the environment. It is
 * imported only here, so that `--help` does not wait for it.
 *
 * @param {{ baseUrl?: string, tokenFile?: string }} options
 * @param {ReturnType<import("./status.js").createStatus>} status shows waits
 */
export async function createClient({ baseUrl, tokenFile }, status) {
  const token = tokenFile === undefined ? undefined : readToken(tokenFile);
  const { ComfyControl } = await import("comfycontrol-runners");
  const onEvent = (event) => {
    const { kind, text } = describeEvent(event);
    if (kind === "wait") status.progress(text);
    else status.detail(text);
  };
  return new ComfyControl({ baseUrl, token, onEvent: status.isRead ? onEvent : undefined });
}
