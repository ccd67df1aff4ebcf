// Left out of the bundle, the package is found by its `workerd` condition.
export default { serverExternalPackages: ["comfycontrol-runners"] };
