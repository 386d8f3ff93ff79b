// A JSON file that the local Azure replaces, read again when it was replaced.
"use strict";
const fs = require("fs");

/** A function that gives what the file says now; `nothing` until there is a file. */
function published(file, nothing) {
  let seen = "";
  let value = nothing;
  return () => {
    const stat = fs.statSync(file, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return value;
    const version = `${stat.ino}:${stat.mtimeNs}:${stat.size}`;
    if (version !== seen) {
      value = JSON.parse(fs.readFileSync(file, "utf8"));
      seen = version;
    }
    return value;
  };
}

module.exports = { published };
