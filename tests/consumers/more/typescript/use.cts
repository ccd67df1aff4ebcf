import runners = require("comfycontrol-runners");
import slim = require("comfycontrol-runners/slim");

const client: slim.ComfyControl = new runners.ComfyControl();
slim.initialize(new Uint8Array());

export const list: Promise<runners.ManagedRunnerPage> = client.listManagedRunners({ perPage: 100 });
