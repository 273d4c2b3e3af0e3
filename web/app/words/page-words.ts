/** Words of pages that are loaded when they are opened: they come with them, and not with the start of the app. */
import { backupPage } from "./en-backup-page.ts";
import { chooseWords } from "./words.ts";

const en = { backupPage };

export const pageWords = chooseWords({ en }, en);
