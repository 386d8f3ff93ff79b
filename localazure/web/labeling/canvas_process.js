/**
 * Annotorious asks process.env.NODE_ENV, which bundlers write in and browsers do not know. Without a bundler it is told here; this module is
 * imported before it. Owns: that one name. Leaves: everything else.
 */
globalThis.process ??= { env: { NODE_ENV: "production" } };
