// Decodes the module's bytes from text in the JavaScript. The build provides "bytes".

import { base64 } from "bytes";

export const source = () => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
