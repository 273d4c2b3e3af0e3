/** Where each part keeps its files: three parties that do not trust each other share no directory. */
import { join } from "node:path";
import type { MessengerConfig } from "@troth/messenger";

/** The same place in every profile, so that the messenger can be started with and without the rest. */
export function messengerDirectory({ dataDir }: Pick<MessengerConfig, "dataDir">): string {
	return join(dataDir, "messenger");
}
