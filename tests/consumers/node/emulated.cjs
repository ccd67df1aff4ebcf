const { ComfyControl } = require("comfycontrol-runners");
const { createEmulator } = require("comfycontrol-runners/testing");

const api = createEmulator({ runners: 250 });
api.failNext({ cut: "mid-body" });
new ComfyControl({ ...api.clientOptions })
  .listManagedRunners()
  .then(({ runners }) => runners.forEach(({ name }) => console.log(name)));
