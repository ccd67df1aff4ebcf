// The module as workers import it, without the DOM's types.
import module from "comfycontrol-runners/core.wasm";
import { initialize, listManagedRunners } from "comfycontrol-runners/slim";

initialize(module);
export const list = listManagedRunners({ maxRetries: 0 });
