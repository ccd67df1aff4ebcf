// All in one file, to run without node_modules. Leave `noExternal` out, and Node loads the package itself.
export default { ssr: { noExternal: process.env.BUNDLED ? true : undefined } };
