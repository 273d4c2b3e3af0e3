/** The door of the messenger: what starts it. */
export { ConsoleCodeSender } from "./codes/console-code-sender.ts";
export { openCodeSender } from "./codes/open-code-sender.ts";
export type { CodeSender } from "./codes/port.ts";
export { ConfigError, describeConfig, type MessengerConfig, readConfig } from "./config.ts";
export type { LogSink } from "./events.ts";
export type { Backups } from "./operator/backup.ts";
export { type Messenger, type MessengerOptions, startMessenger } from "./server.ts";
export type { SharingOptions } from "./sharing/options.ts";
export type { StoresAt } from "./stores.ts";
export { messengerKeys } from "./terms/policy-key.ts";
