const { readFileSync } = require("node:fs");
const { initialize, listManagedRunners } = require("comfycontrol-runners/slim");

initialize(readFileSync(require.resolve("comfycontrol-runners/core.wasm")));

listManagedRunners().then(({ runners }) => {
  for (const { name } of runners) console.log(name);
});
