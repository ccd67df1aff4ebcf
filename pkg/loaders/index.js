// The usual entry: carries the module's bytes inside the JavaScript.

import { text } from "bytes";
import * as client from "./client.js";

export { ComfyControlError, isComfyControlError } from "./client.js";

const ready = () => client.provide(() => Uint8Array.from(text, (character) => character.charCodeAt(0)));

export function listManagedRunners(options) {
  ready();
  return client.listManagedRunners(options);
}

export function getManagedRunner(id, options) {
  ready();
  return client.getManagedRunner(id, options);
}

export function matchRunners(runners, requiredTags) {
  ready();
  return client.matchRunners(runners, requiredTags);
}

export class ComfyControl extends client.ComfyControl {
  static name = "ComfyControl";

  constructor(options) {
    ready();
    super(options);
  }
}
