// The same tests.
module.exports = { rootDir: "../jest-jsdom", testEnvironment: require.resolve("jest-environment-jsdom") };
