/** The door of the contract: everything the other folders may use. */
export * from "./clock.ts";
export * from "./errors.ts";
export * from "./gen/troth/v1/accounts_pb.ts";
export * from "./gen/troth/v1/content_pb.ts";
export * from "./gen/troth/v1/conversations_pb.ts";
export * from "./gen/troth/v1/entry_pb.ts";
export * from "./gen/troth/v1/error_pb.ts";
export * from "./gen/troth/v1/identity_pb.ts";
export * from "./gen/troth/v1/server_pb.ts";
export * from "./gen/troth/v1/stream_pb.ts";
export * from "./gen/troth/v1/terms_pb.ts";
export * from "./ids.ts";
export * from "./labels.ts";
export * from "./limits.ts";
export * from "./log-hash.ts";
export * from "./purposes.ts";
export * from "./routes.ts";
