/**
 * Every command there is, by its name; what does not exist yet is not listed. Only the one that is called is loaded:
 * each start of the process would pay for the others.
 */
import type { Command } from "./command.ts";

export const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
	["register", async () => (await import("./commands/register.ts")).register],
	["terms", async () => (await import("./commands/terms.ts")).terms],
	["accept", async () => (await import("./commands/accept.ts")).accept],
	["consent", async () => (await import("./commands/consent.ts")).consent],
	["region", async () => (await import("./commands/region.ts")).region],
	["link-family", async () => (await import("./commands/link-family.ts")).linkFamily],
	["shares", async () => (await import("./commands/shares.ts")).shares],
	["audit", async () => (await import("./commands/audit.ts")).audit],
	["send", async () => (await import("./commands/send.ts")).send],
	["listen", async () => (await import("./commands/listen.ts")).listen],
	["history", async () => (await import("./commands/history.ts")).history],
	["conversations", async () => (await import("./commands/conversations.ts")).conversations],
	["group", async () => (await import("./commands/group.ts")).group],
	["block", async () => (await import("./commands/block.ts")).block],
	["unblock", async () => (await import("./commands/block.ts")).unblock],
	["presence", async () => (await import("./commands/presence.ts")).presence],
	["find", async () => (await import("./commands/find.ts")).find],
	["username", async () => (await import("./commands/username.ts")).username],
	["contact-link", async () => (await import("./commands/contact-link.ts")).contactLink],
	["findable", async () => (await import("./commands/findable.ts")).findable],
	["contacts", async () => (await import("./commands/contacts.ts")).contacts],
	["invite", async () => (await import("./commands/invite.ts")).invite],
	["report", async () => (await import("./commands/report.ts")).report],
	["limits", async () => (await import("./commands/limits.ts")).limits],
	["business", async () => (await import("./commands/business.ts")).business],
	["change-number", async () => (await import("./commands/change-number.ts")).changeNumber],
	["registration-lock", async () => (await import("./commands/registration-lock.ts")).registrationLock],
	["devices", async () => (await import("./commands/devices.ts")).devices],
	["restart", async () => (await import("./commands/restart.ts")).restart],
	["verify", async () => (await import("./commands/verify.ts")).verify],
	["backup", async () => (await import("./commands/backup.ts")).backup],
	["restore", async () => (await import("./commands/backup.ts")).restore],
	["export", async () => (await import("./commands/export.ts")).exportProfile],
	["delete-account", async () => (await import("./commands/delete-account.ts")).deleteAccount],
	["operator", async () => (await import("./commands/operator.ts")).operator],
]);
