import { ComfyControl } from "comfycontrol-runners";

const client = new ComfyControl();

export const runners = () => client.iterateManagedRunners();
export const pages = () => client.iterateManagedRunners().pages();
export const changes = () => client.watchManagedRunners();
