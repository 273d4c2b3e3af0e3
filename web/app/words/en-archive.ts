/** What the app says of backups everywhere; the page's own words are in `en-backup-page.ts`. */
export const archive = {
	title: "Backup and export",
	detail: "Keep your history, or take it elsewhere",
	/** Where there are no chats yet. */
	have: "I have a backup",
	/** In place of the composer, where only a backup's history is. */
	history: (name: string) =>
		`This is what was said before, from your backup. Writing to ${name} goes on in a new chat.`,
	historyOfGroup: "This is what was said in this group before, from your backup. Somebody in it can add you again.",
	write: (name: string) => `Write to ${name}`,
} as const;
