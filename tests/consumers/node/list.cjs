const { listManagedRunners } = require("comfycontrol-runners");

listManagedRunners().then(({ runners }) => {
  for (const { name } of runners) console.log(name);
});
