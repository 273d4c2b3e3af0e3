/** Every command there is. What does not exist yet is not listed. */
import type { Command } from "./command.ts";
import { accept } from "./commands/accept.ts";
import { audit } from "./commands/audit.ts";
import { block, unblock } from "./commands/block.ts";
import { business } from "./commands/business.ts";
import { consent } from "./commands/consent.ts";
import { conversations } from "./commands/conversations.ts";
import { deleteAccount } from "./commands/delete-account.ts";
import { devices } from "./commands/devices.ts";
import { exportProfile } from "./commands/export.ts";
import { group } from "./commands/group.ts";
import { history } from "./commands/history.ts";
import { linkFamily } from "./commands/link-family.ts";
import { listen } from "./commands/listen.ts";
import { operator } from "./commands/operator.ts";
import { register } from "./commands/register.ts";
import { send } from "./commands/send.ts";
import { shares } from "./commands/shares.ts";
import { terms } from "./commands/terms.ts";
import { verify } from "./commands/verify.ts";

export const COMMANDS: readonly Command[] = [
	register,
	terms,
	accept,
	consent,
	linkFamily,
	shares,
	audit,
	send,
	listen,
	history,
	conversations,
	group,
	block,
	unblock,
	business,
	devices,
	verify,
	exportProfile,
	deleteAccount,
	operator,
];
