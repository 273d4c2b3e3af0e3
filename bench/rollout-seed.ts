/**
 * Makes accounts in a messenger's own stores, and notes a rollout of version 2; a process of its own, so that what it
 * keeps in memory is not measured.
 *
 *     node rollout-seed.ts DIRECTORY ACCOUNTS
 */
import { SystemClock } from "@troth/protocol";
import { openStores } from "../messenger/stores.ts";
import { makeCrowd } from "../messenger/terms/_crowd.ts";
import { noteRollout } from "../messenger/terms/note-rollout.ts";

const [directory = "", accounts = ""] = process.argv.slice(2);
const nowMs = new SystemClock().now();
await using stores = await openStores({ kind: "sqlite", directory });
await makeCrowd(stores, { accounts: Number(accounts), nowMs });
await stores.records.transaction().execute((transaction) => noteRollout(transaction as never, 2, nowMs));
