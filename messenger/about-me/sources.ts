/** Where each section of the page comes from: rows about the account that asks, as they lie in the stores. */
import { ABOUT_ME, type AboutKind, type AccountId, type DeviceId, type PhoneNumber } from "@troth/protocol";
import { sql } from "kysely";
import type { MessengerContext } from "../context.ts";
import { macOfPhone } from "../registration/attempts.ts";

export type Row = Readonly<Record<string, unknown>>;

/** The account that asks. */
export interface Asking {
	readonly account: AccountId;
	readonly phone: PhoneNumber;
	/** Those it has, and the ids of those it had. */
	readonly devices: readonly DeviceId[];
}

type Source = (context: MessengerContext, asking: Asking) => Promise<readonly Row[]>;

/** Kinds whose rows are not simply those of the table of this name with the account's id. */
const SOURCES: { readonly [kind in AboutKind]?: Source } = {
	device: async (context, asking) =>
		(await byAccount("device")(context, asking)).map((row) => ({
			...row,
			// What was seen of it is written down some seconds later.
			last_attached_ms: context.directory.lastSeen(row["device_id"] as DeviceId) ?? row["last_attached_ms"],
		})),
	key_package: byDevices("key_package"),
	last_resort_key_package: byDevices("last_resort_key_package"),
	registration_attempt: ({ records }, { phone }) =>
		records.selectFrom("registration_attempt").selectAll().where("phone", "=", phone).execute(),
	code_sent: ({ records, secrets }, { phone }) =>
		records.selectFrom("code_sent").selectAll().where("phone_mac", "=", macOfPhone(secrets, phone)).execute(),
	report_made: ({ records }, { account }) =>
		records.selectFrom("abuse_report").selectAll().where("reporter_account_id", "=", account).execute(),
	report_received: ({ records }, { account }) =>
		records.selectFrom("abuse_report").select(["reason", "reported_at_ms"]).where("account_id", "=", account).execute(),
	returned_label: async ({ limits }, { account }) =>
		(await limits.of(account)).flatMap(({ toldBy, label, scoreClass, sinceMs, untilMs }) =>
			toldBy === undefined
				? []
				: [{ recipient: toldBy, label, score_class: scoreClass, since_ms: sinceMs, until_ms: untilMs }],
		),
	business_template: ({ records }, { account }) =>
		records.selectFrom("business_template").selectAll().where("business_id", "=", account).execute(),
	conversation: async ({ logs }, { account }) => {
		const ids = await logs.conversationsOf(account);
		const rows = await Promise.all(
			ids.map(async (id): Promise<Row | undefined> => {
				const log = await logs.load(id);
				if (log === undefined) return undefined;
				const here = log.subscriptions.filter(({ until }) => until === undefined);
				const own = here.filter((subscription) => subscription.account === account);
				const had = own.map(({ acked, from, floor }) => Math.max(acked, from, floor, log.trimmed));
				return {
					conversation_id: id,
					kind: log.group?.kind,
					role: own[0]?.role,
					members: [...new Set(here.map((subscription) => subscription.account))].join(" "),
					devices: own.map(({ device }) => device).join(" "),
					head: log.head,
					waiting: log.head - Math.min(log.head, ...had),
				};
			}),
		);
		return rows.filter((row) => row !== undefined);
	},
};

/** The rows of one section, in no order. */
export function rowsOf(kind: AboutKind, context: MessengerContext, asking: Asking): Promise<readonly Row[]> {
	return (SOURCES[kind] ?? byAccount(kind))(context, asking);
}

function byAccount(table: AboutKind): Source {
	return async ({ records }, { account }) =>
		(await sql<Row>`select * from ${sql.table(table)} where account_id = ${account}`.execute(records)).rows;
}

function byDevices(table: "key_package" | "last_resort_key_package"): Source {
	return ({ records }, { devices }) =>
		devices.length === 0
			? Promise.resolve([])
			: records
					.selectFrom(table as "key_package")
					.selectAll()
					.where("device_id", "in", devices)
					.execute();
}

export const KINDS = Object.keys(ABOUT_ME) as readonly AboutKind[];
