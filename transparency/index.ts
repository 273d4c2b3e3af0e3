/** The door: what services and clients may import. Files that need Node have `.node.ts` names and are imported by path. */
export * from "./audit/audit-log.ts";
export * from "./checkpoint/checkpoint.ts";
export * from "./checkpoint/open-checkpoint.ts";
export * from "./cosignature/cosignature.ts";
export * from "./merkle/hash.ts";
export * from "./merkle/tree.ts";
export * from "./merkle/verify.ts";
export { toBase64 } from "./note/base64.ts";
export * from "./note/ed25519.ts";
export * from "./note/signed-note.ts";
export * from "./note/verifier-key.ts";
export * from "./proof/tlog-proof.ts";
export { ProofError, type ProofErrorCode } from "./proof-error.ts";
export * from "./shares/share-proof.ts";
export * from "./shares/share-record.ts";
export * from "./tiles/entry-bundle.ts";
export * from "./tiles/tile.ts";
export * from "./tiles/tile-path.ts";
