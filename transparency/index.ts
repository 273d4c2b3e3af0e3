/** The door: what services and clients may import. Files that need Node have `.node.ts` names and are imported by path. */
export * from "./shares/share-record.ts";
