// The module as workers import it, where the DOM's types are not there.
import module from "comfycontrol-runners/core.wasm";
import { initialize, listManagedRunners } from "comfycontrol-runners/slim";

initialize(module);
export const list = listManagedRunners({ maxRetries: 0 });
