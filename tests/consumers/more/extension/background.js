import { list } from "./list.js";

chrome.runtime.onMessage.addListener((message, sender, respond) => {
  list().then(respond);
  return true;
});
