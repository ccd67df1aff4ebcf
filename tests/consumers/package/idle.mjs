// Counts what the package compiles: nothing until the client is called.
let compiled = 0;
for (const name of ["Module", "Instance"]) {
  WebAssembly[name] = new Proxy(WebAssembly[name], {
    construct(target, given) {
      compiled++;
      return Reflect.construct(target, given);
    },
  });
}
for (const name of ["compile", "instantiate"]) {
  WebAssembly[name] = () => {
    compiled++;
    throw new Error(`${name} was called`);
  };
}

const before = Object.keys(globalThis).length;
const { isComfyControlError, matchRunners } = await import("comfycontrol-runners");
await import("comfycontrol-runners/slim");
isComfyControlError(new Error("another"));
console.log(compiled, Object.keys(globalThis).length - before);
matchRunners([], []);
console.log(compiled);
