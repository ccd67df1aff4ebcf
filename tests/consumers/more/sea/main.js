const { listManagedRunners } = require("comfycontrol-runners");

listManagedRunners().then(({ runners }) => runners.forEach(({ name }) => console.log(name)));
