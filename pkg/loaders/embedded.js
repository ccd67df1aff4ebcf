// The module's bytes, carried inside the JavaScript.

import { text } from "bytes";

export const source = () => Uint8Array.from(text, (character) => character.charCodeAt(0));
