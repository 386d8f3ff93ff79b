// Which role action a blob request by token needs, and whether the caller has it.
// Owns: Storage's table of operations and actions. Reads VISIONLAB_ACCESS_FILE, which the local Azure replaces before it
// acknowledges a change of roles: {"grants": {principal: [{scope, since_ms, allows: [action...]}]}, "groups": {...}}.
"use strict";
const { published } = require("./published.js");

const BLOBS = "containers/blobs/";
const READ = `${BLOBS}read`;
const WRITE = `${BLOBS}write`;
const ADD = `${BLOBS}add/action`;

// What each operation needs; an operation that is not here is denied.
const NEEDS = new Map();
const need = (action, ...operations) => operations.forEach((operation) => NEEDS.set(operation, action));
need("read", "Service_GetProperties", "Service_GetStatistics");
need("write", "Service_SetProperties");
need("getInfo/action", "Service_GetAccountInfo", "Service_GetAccountInfoWithHead", "Container_GetAccountInfo");
need("getInfo/action", "Container_GetAccountInfoWithHead", "Blob_GetAccountInfo", "Blob_GetAccountInfoWithHead");
need("generateUserDelegationKey/action", "Service_GetUserDelegationKey");
need("containers/read", "Service_ListContainersSegment", "Container_GetProperties", "Container_GetPropertiesWithHead");
need("containers/write", "Container_Create", "Container_SetMetadata", "Container_Restore", "Container_AcquireLease");
need("containers/write", "Container_ReleaseLease", "Container_RenewLease", "Container_BreakLease");
need("containers/write", "Container_ChangeLease");
need("containers/delete", "Container_Delete");
need(READ, "Container_ListBlobFlatSegment", "Container_ListBlobHierarchySegment", "Blob_Download", "Blob_Query");
need(READ, "Blob_GetProperties", "BlockBlob_GetBlockList", "PageBlob_GetPageRanges", "PageBlob_GetPageRangesDiff");
need(WRITE, "Service_SubmitBatch", "Container_SubmitBatch", "Blob_Undelete", "Blob_SetExpiry", "Blob_SetHTTPHeaders");
need(WRITE, "Blob_SetMetadata", "Blob_AcquireLease", "Blob_ReleaseLease", "Blob_RenewLease", "Blob_ChangeLease");
need(WRITE, "Blob_BreakLease", "Blob_AbortCopyFromURL", "Blob_SetTier", "PageBlob_UploadPages", "PageBlob_ClearPages");
need(WRITE, "PageBlob_UploadPagesFromURL", "PageBlob_Resize", "PageBlob_UpdateSequenceNumber", "AppendBlob_Seal");
need(ADD, "Blob_CreateSnapshot", "Blob_StartCopyFromURL", "Blob_CopyFromURL", "PageBlob_Create", "PageBlob_CopyIncremental");
need(ADD, "AppendBlob_Create", "AppendBlob_AppendBlock", "AppendBlob_AppendBlockFromUrl", "BlockBlob_Upload");
need(ADD, "BlockBlob_PutBlobFromUrl", "BlockBlob_StageBlock", "BlockBlob_StageBlockFromURL", "BlockBlob_CommitBlockList");
need(`${BLOBS}delete`, "Blob_Delete");
need(`${BLOBS}filter/action`, "Service_FilterBlobs", "Container_FilterBlobs");
need(`${BLOBS}tags/read`, "Blob_GetTags");
need(`${BLOBS}tags/write`, "Blob_SetTags");
need(`${BLOBS}immutableStorage/runAsSuperUser/action`, "Blob_SetImmutabilityPolicy", "Blob_DeleteImmutabilityPolicy");
need(`${BLOBS}immutableStorage/runAsSuperUser/action`, "Blob_SetLegalHold");
// These add to a blob that exists; the others above that need ADD replace it, which takes WRITE.
const APPENDS = new Set(["AppendBlob_AppendBlock", "AppendBlob_AppendBlockFromUrl", "Blob_CreateSnapshot"]);

const access = published(process.env.VISIONLAB_ACCESS_FILE, { grants: {}, groups: {} });

function has(principal, scope, action) {
  const { grants, groups } = access();
  const now = Date.now();
  const names = [principal, ...(Object.hasOwn(groups, principal) ? groups[principal] : [])];
  return names.some((name) =>
    (Object.hasOwn(grants, name) ? grants[name] : []).some(
      (grant) => grant.since_ms <= now && scope.startsWith(grant.scope) && grant.allows.includes(action),
    ),
  );
}

const scopeOf = (account, container) =>
  container ? `${account.id}/blobservices/default/containers/${container.toLowerCase()}/` : `${account.id}/`;

// The container that a copy reads from, when it lies in the same account: for other accounts the source is asked itself.
function copiedFrom(req, accountName) {
  const source = req.getHeader("x-ms-copy-source");
  if (source === undefined || source === "") return undefined;
  let url;
  try {
    url = new URL(source);
  } catch {
    return undefined; // the handler refuses it
  }
  const parts = url.pathname.split("/").slice(1).map(decodeURIComponent);
  const [label, blob] = url.hostname.split(".");
  const named = blob === "blob" ? label.replace(/-secondary$/, "") : parts.shift();
  return named === accountName ? parts[0] : undefined;
}

/**
 * Whether the principal may do what a request asks. `operation` is Azurite's name of it, `accounts` what is published,
 * `exists` tells whether the request's blob exists already.
 */
async function mayDo({ principal, operation, req, context, accounts, exists }) {
  const account = Object.hasOwn(accounts, context.account) ? accounts[context.account] : undefined;
  const action = NEEDS.get(operation);
  if (account === undefined || action === undefined || !principal) return false;
  const who = String(principal).toLowerCase();
  const scope = scopeOf(account, context.container);
  if (action !== ADD) {
    const permanent = operation === "Blob_Delete" && req.getQuery("deletetype") === "permanent";
    const version = operation === "Blob_Delete" && req.getQuery("versionid") !== undefined;
    const special = permanent ? "permanentDelete/action" : version ? "deleteBlobVersion/action" : undefined;
    return has(who, scope, special === undefined ? action : `${BLOBS}${special}`);
  }
  const may =
    has(who, scope, WRITE) || (has(who, scope, ADD) && (APPENDS.has(operation) || !(await exists())));
  if (!may || (req.getHeader("x-ms-tags") !== undefined && !has(who, scope, `${BLOBS}tags/write`))) return false;
  const source = copiedFrom(req, context.account);
  return source === undefined || has(who, scopeOf(account, source), READ);
}

module.exports = { mayDo };
