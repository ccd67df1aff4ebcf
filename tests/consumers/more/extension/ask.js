import { show } from "./list.js";

show(await chrome.runtime.sendMessage("list"), document.querySelector("ul"));
