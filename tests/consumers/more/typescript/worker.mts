// As a worker of Cloudflare imports it.
import { initialize } from "comfycontrol-runners/slim";
import module from "comfycontrol-runners/core.wasm";

initialize(module);
