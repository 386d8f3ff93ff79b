// Loaded into Azurite by `node -r`; nothing of Azurite is changed on disk.
// Owns: accounts at run time, token signatures, roles, public access switches, saving often, ending with our parent.
// Reads VISIONLAB_ACCOUNTS_FILE: {"signingKeys": [{"jwk", "ends": second or null}], "delegationKey": text,
//   "accounts": {name: {"id": lower-case resource id, "keys": [base64...], "publicAccess": bool}}}, and, when somebody
//   wants uploads to fail, VISIONLAB_FAULTS_FILE: {"rules": [{"id", "method", "path": regular expression, "left"}]}.
// Leaves: which role a request needs to roles.js.
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const { published } = require("./published.js");
const { mayDo } = require("./roles.js");

const AZURITE = process.env.VISIONLAB_AZURITE; // the folder of the npm package
const SAVE_EVERY_MS = 250;
const source = (name) => require(path.join(AZURITE, "dist/src", name));

const current = published(process.env.VISIONLAB_ACCOUNTS_FILE, { signingKeys: [], delegationKey: "", accounts: {} });
const accountOf = (name) => (Object.hasOwn(current().accounts, name) ? current().accounts[name] : undefined);

// --- accounts come and go at run time; the emulator's well-known account does not exist -----------------
const AccountDataStore = source("common/AccountDataStore").default;
AccountDataStore.prototype.getAccount = function (name) {
  const account = accountOf(name);
  if (account === undefined) return undefined;
  const [key1, key2] = account.keys.map((key) => Buffer.from(key, "base64"));
  return { name, key1, key2 };
};

// --- bearer tokens: Azurite checks time, issuer and audience; signature, account and roles are checked here -----
const errors = source("blob/errors/StorageErrorFactory").default;
const BlobStorageContext = source("blob/context/BlobStorageContext").default;
const Operation = source("blob/generated/artifacts/operation").default;
const blobsOf = { store: undefined }; // Azurite's own list of blobs, known once somebody asked
async function requireRole(principal, req, blobContext) {
  const { account, container, blob, contextId } = blobContext;
  const exists = async () => {
    try {
      await blobsOf.store.checkBlobExist(blobContext, account, container, blob, undefined);
      return true;
    } catch {
      return false;
    }
  };
  const operation = Operation[blobContext.operation];
  const { accounts } = current();
  if (!(await mayDo({ principal, operation, req, context: blobContext, accounts, exists }))) {
    throw errors.getAuthorizationPermissionMismatch(contextId);
  }
}

// The key that signs now, and the one before it until its tokens are over; the token names one of them.
function signedByUs(head, body, signature) {
  const { kid } = JSON.parse(Buffer.from(head, "base64url"));
  const known = current().signingKeys.find(({ jwk }) => jwk.kid === kid);
  if (known === undefined || (known.ends !== null && Date.now() / 1000 >= known.ends)) return false;
  const key = crypto.createPublicKey({ key: known.jwk, format: "jwk" });
  return crypto.verify("RSA-SHA256", Buffer.from(`${head}.${body}`), key, Buffer.from(signature || "", "base64url"));
}

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
  if (!signedByUs(head, body, signature)) {
    throw errors.getAuthenticationFailed(blobContext.contextId, "Signature validation failed.");
  }
  if (accountOf(blobContext.account) === undefined) {
    throw errors.getAuthenticationFailed(blobContext.contextId, "The account does not exist.");
  }
  await requireRole(JSON.parse(Buffer.from(body, "base64url")).oid, req, blobContext);
  return true;
};

// --- user delegation: Azurite signs with a constant that everybody can read; and whoever delegated must have the role -
source("blob/utils/utils").getUserDelegationKeyValue = (...parts) =>
  crypto.createHmac("sha256", current().delegationKey).update(parts.join("\n"), "utf8").digest("base64");
// Since this version two more lines are signed: headers and query parameters that a request must carry. Azurite knows
// neither; a signature that asks for some stays refused, for the lines here are empty.
const SIGNS_REQUESTS_SINCE = "2026-04-06";
const RESPONSE_FIELDS = 5;
const signatures = source("blob/authentication/IBlobSASSignatureValues");
const delegatedSignature = signatures.generateBlobSASSignatureWithUDK;
signatures.generateBlobSASSignatureWithUDK = (values, resource, account, key) => {
  const [signature, text] = delegatedSignature(values, resource, account, key);
  if (values.version < SIGNS_REQUESTS_SINCE) return [signature, text];
  const lines = text.split("\n");
  lines.splice(lines.length - RESPONSE_FIELDS, 0, "", "");
  const longer = lines.join("\n");
  return [crypto.createHmac("sha256", key).update(longer, "utf8").digest("base64"), longer];
};
const SasAuthenticator = source("blob/authentication/BlobSASAuthenticator").default;
const validateSas = SasAuthenticator.prototype.validate;
SasAuthenticator.prototype.validate = async function (req, context) {
  const believed = await validateSas.call(this, req, context);
  const delegator = req.getQuery("skoid");
  if (believed === true && delegator !== undefined) {
    await requireRole(decodeURIComponent(delegator), req, new BlobStorageContext(context));
  }
  return believed;
};

// --- allowBlobPublicAccess=false on the account wins over the container -----------------------------------
const PublicAccessAuthenticator = source("blob/authentication/PublicAccessAuthenticator").default;
const validatePublic = PublicAccessAuthenticator.prototype.validate;
PublicAccessAuthenticator.prototype.validate = async function (req, context) {
  blobsOf.store = this.blobMetadataStore;
  const account = accountOf(new BlobStorageContext(context).account);
  return account !== undefined && account.publicAccess ? validatePublic.call(this, req, context) : false;
};

// --- connections that break in the middle of a request, when a fault rule says so --------------------------------
const https = require("https");
const faults = published(process.env.VISIONLAB_FAULTS_FILE, { rules: [] });
const struck = new Map();
function strike(req) {
  const place = decodeURIComponent(req.url.split("?")[0]);
  for (const { id, method, path: pattern, left } of faults().rules) {
    const count = struck.get(id) || 0;
    if (left !== null && count >= left) continue;
    if ((method !== null && method !== req.method) || !new RegExp(pattern, "i").test(place)) continue;
    struck.set(id, count + 1);
    fs.appendFileSync(process.env.VISIONLAB_FAULTS_FILE.replace(/\.json$/, ".struck"), `${id}\n`);
    return true;
  }
  return false;
}
const emit = https.Server.prototype.emit;
https.Server.prototype.emit = function (name, req, ...more) {
  if (name !== "request" || !strike(req)) return emit.call(this, name, req, ...more);
  if (Number(req.headers["content-length"] || 0) > 0) req.once("data", () => req.socket.destroy());
  else req.socket.destroy();
  return true;
};

// --- who was served with what, when somebody wants to know (tests of clients do) --------------------------------
if (process.env.VISIONLAB_RECORD) {
  const { DEFAULT_CONTEXT_PATH } = source("blob/utils/constants");
  const Middlewares = source("blob/generated/ExpressMiddlewareFactory").default;
  const createEnd = Middlewares.prototype.createEndMiddleware;
  const known = new Set();
  Middlewares.prototype.createEndMiddleware = function () {
    const end = createEnd.call(this);
    return (req, res) => {
      const operation = Operation[new BlobStorageContext(res.locals, DEFAULT_CONTEXT_PATH).operation];
      const line = `${JSON.stringify({ operation: `Azurite ${operation}`, agent: req.headers["user-agent"] || "" })}\n`;
      if (res.statusCode < 400 && operation !== undefined && !known.has(line)) {
        known.add(line);
        fs.appendFileSync(process.env.VISIONLAB_RECORD, line);
      }
      end(req, res);
    };
  };
}

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
