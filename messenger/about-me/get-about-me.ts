import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	ABOUT_ME,
	type AboutKind,
	type GetAboutMeRequest,
	type GetAboutMeResponseSchema,
	type KnownFactSchema,
} from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { type Asking, KINDS, type Row, rowsOf } from "./sources.ts";

/**
 * Everything that records, logs and memory hold about the caller's account (GDPR articles 15 and 20), in every phase.
 * Sections without a row are left out. Refuses with RATE_LIMITED.
 */
export async function getAboutMe(
	context: MessengerContext,
	_request: GetAboutMeRequest,
	session: Session,
): Promise<MessageInitShape<typeof GetAboutMeResponseSchema>> {
	context.rateLimits.aboutMe(session.account);
	const asking = await askingOf(context, session);
	const sections = [];
	for (const kind of KINDS) {
		const rows = await rowsOf(kind, context, asking);
		if (rows.length > 0) sections.push({ kind, rows: rows.map((row) => ({ facts: factsOf(kind, row) })) });
	}
	return { atMs: BigInt(context.clock.now()), sections };
}

async function askingOf({ records }: MessengerContext, { account }: Session): Promise<Asking> {
	const { phone } = await records
		.selectFrom("account")
		.select("phone")
		.where("account_id", "=", account)
		.executeTakeFirstOrThrow();
	const devices = await records.selectFrom("device").select("device_id").where("account_id", "=", account).execute();
	return { account, phone, devices: devices.map(({ device_id }) => device_id) };
}

type Fact = MessageInitShape<typeof KnownFactSchema>;

/** The facts of a row that the section names; what is not set is left out. */
function factsOf(kind: AboutKind, row: Row): Fact[] {
	return Object.keys(ABOUT_ME[kind].facts).flatMap((name) => {
		const value = valueIn(name, row[name]);
		return value === undefined ? [] : [{ name, value }];
	});
}

function valueIn(name: string, value: unknown): NonNullable<Fact["value"]> | undefined {
	if (value === null || value === undefined) return undefined;
	if (value instanceof Uint8Array) return { case: "bytes", value };
	if (typeof value === "number" && name.endsWith("_ms")) return { case: "timeMs", value: BigInt(value) };
	if (typeof value === "number") return { case: "number", value: BigInt(value) };
	return { case: "text", value: String(value) };
}
