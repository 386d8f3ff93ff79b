// Loaded into Azurite by `node -r`; nothing of Azurite is changed on disk.
// Owns: accounts at run time, token signatures, public access switches, saving often, ending with our parent.
// Reads VISIONLAB_ACCOUNTS_FILE: {"publicKey": PEM, "accounts": {name: {"keys": [base64...], "publicAccess": bool}}}.
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");

const AZURITE = process.env.VISIONLAB_AZURITE; // the folder of the npm package
const ACCOUNTS_FILE = process.env.VISIONLAB_ACCOUNTS_FILE;
const SAVE_EVERY_MS = 250;
const source = (name) => require(path.join(AZURITE, "dist/src", name));

// --- what the server published, read again when the file was replaced ---------------------------------
let seen = "";
let published = { publicKey: "", accounts: {} };
function current() {
  try {
    const stat = fs.statSync(ACCOUNTS_FILE, { bigint: true });
    const version = `${stat.ino}:${stat.mtimeNs}:${stat.size}`;
    if (version !== seen) {
      published = JSON.parse(fs.readFileSync(ACCOUNTS_FILE, "utf8"));
      seen = version;
    }
  } catch {
    // a file that is being replaced is read at the next request
  }
  return published;
}

// --- accounts come and go at run time; the emulator's well-known account does not exist -----------------
const AccountDataStore = source("common/AccountDataStore").default;
AccountDataStore.prototype.getAccount = function (name) {
  const account = current().accounts[name];
  if (account === undefined) return undefined;
  const [key1, key2] = account.keys.map((key) => Buffer.from(key, "base64"));
  return { name, key1, key2 };
};

// --- bearer tokens: Azurite checks time, issuer and audience; signature and account are checked here -----
const errors = source("blob/errors/StorageErrorFactory").default;
const BlobStorageContext = source("blob/context/BlobStorageContext").default;
const TokenAuthenticator = source("blob/authentication/BlobTokenAuthenticator").default;
const validateToken = TokenAuthenticator.prototype.validate;
TokenAuthenticator.prototype.validate = async function (req, context) {
  // A wrong key falls through to here; it is not a malformed token, so the answer stays 403 as in Azure.
  if ((req.getHeader("authorization") || "").startsWith("SharedKey")) return undefined;
  const believed = await validateToken.call(this, req, context);
  if (believed !== true) return believed;
  const blobContext = new BlobStorageContext(context);
  const token = (req.getHeader("authorization") || "").slice("Bearer ".length).trim();
  const [head, body, signature] = token.split(".");
  const { publicKey, accounts } = current();
  const genuine = crypto.verify(
    "RSA-SHA256",
    Buffer.from(`${head}.${body}`),
    publicKey,
    Buffer.from(signature || "", "base64url"),
  );
  if (!genuine) {
    throw errors.getAuthenticationFailed(blobContext.contextId, "Signature validation failed.");
  }
  if (accounts[blobContext.account] === undefined) {
    throw errors.getAuthenticationFailed(blobContext.contextId, "The account does not exist.");
  }
  return true;
};

// --- allowBlobPublicAccess=false on the account wins over the container -----------------------------------
const PublicAccessAuthenticator = source("blob/authentication/PublicAccessAuthenticator").default;
const validatePublic = PublicAccessAuthenticator.prototype.validate;
PublicAccessAuthenticator.prototype.validate = async function (req, context) {
  const account = current().accounts[new BlobStorageContext(context).account];
  return account !== undefined && account.publicAccess ? validatePublic.call(this, req, context) : false;
};

// --- the index of blobs is saved a few times a second, not every five ---------------------------------------
const Loki = require(require.resolve("lokijs", { paths: [AZURITE] }));
const databases = new Set();
const autosaveEnable = Loki.prototype.autosaveEnable;
Loki.prototype.autosaveEnable = function (options, callback) {
  databases.add(this);
  this.autosaveInterval = SAVE_EVERY_MS;
  return autosaveEnable.call(this, options, callback);
};

// --- the parent holds our standard input: when it is gone, however it went, save and end -------------------------
let leaving = false;
function leave() {
  if (leaving) return;
  leaving = true;
  setTimeout(() => process.exit(1), 3000);
  const saved = [...databases].map((database) => new Promise((done) => database.saveDatabase(done)));
  Promise.all(saved).finally(() => process.exit(0));
}
process.stdin.on("end", leave).on("error", leave).resume();
process.on("SIGTERM", leave).on("SIGINT", leave);
