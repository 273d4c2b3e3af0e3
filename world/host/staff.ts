/**
 * What the shop's staff do with accounts: act upon one, end that, and look at what its customer objected to. The bridge
 * reads the view and hears of each change; objections come from it (docs/bridge-profile.md, section 4).
 */
import { timingSafeEqual } from "node:crypto";
import { ABUSE_LABELS, SCORE_CLASSES } from "@troth/protocol";
import * as v from "valibot";
import type { Customers } from "./customers.ts";
import { signCall } from "./sign-call.ts";

/** The one purpose for which this shop says anything of an account. */
export const PURPOSE = "spam_and_abuse";
const LATE_MS = 5 * 60 * 1000;

/** A customer as the staff see them. */
export interface Watched {
	readonly id: number;
	readonly name: string;
	/** Null where the shop did not act upon the account. */
	readonly label: string | null;
	readonly grade: string | null;
	/** Null where no objection waits. */
	readonly objected_at_ms: number | null;
}

export function watched(customers: Customers): Promise<readonly Watched[]> {
	return customers
		.selectFrom("customer")
		.leftJoin("mark", "mark.customer", "customer.id")
		.select(["id", "name", "label", "grade", "objected_at_ms"])
		.orderBy("id")
		.execute();
}

const Act = v.variant("act", [
	v.object({ act: v.literal("mark"), label: v.picklist(ABUSE_LABELS[PURPOSE]), grade: v.picklist(SCORE_CLASSES) }),
	/** It is over, or the customer was right. */
	v.object({ act: v.literal("end") }),
	/** What the customer objected to was looked at, and stands. */
	v.object({ act: v.literal("keep") }),
]);

/** What the bridge has to hear; undefined where the form says nothing that can be done. */
export type Told = { readonly type: "changed" } | { readonly type: "kept"; readonly purpose: string };

/** Does what the staff's form says about this customer. */
export async function actUpon(
	customers: Customers,
	customer: number,
	form: URLSearchParams,
): Promise<Told | undefined> {
	const { success, output } = v.safeParse(Act, Object.fromEntries(form));
	if (!success) return undefined;
	if (output.act === "end") {
		await customers.deleteFrom("mark").where("customer", "=", customer).execute();
		return { type: "changed" };
	}
	if (output.act === "keep") {
		await customers.updateTable("mark").set({ objected_at_ms: null }).where("customer", "=", customer).execute();
		return { type: "kept", purpose: PURPOSE };
	}
	const { label, grade } = output;
	const row = { label, grade, objected_at_ms: null };
	await customers
		.insertInto("mark")
		.values({ customer, ...row })
		.onConflict((conflict) => conflict.column("customer").doUpdateSet(row))
		.execute();
	return { type: "changed" };
}

const Objected = v.object({
	type: v.literal("objected"),
	id: v.pipe(v.string(), v.regex(/^\d{1,15}$/)),
	purpose: v.literal(PURPOSE),
	atMs: v.pipe(v.number(), v.safeInteger()),
});

/** A call of the bridge: notes that a customer objects. Gives the status to answer; what was taken may come again. */
export async function hearObjection(
	customers: Customers,
	{ secret, nowMs }: { readonly secret: string; readonly nowMs: number },
	{ body, signature }: { readonly body: string; readonly signature: string },
): Promise<204 | 400 | 401> {
	const time = Number(/^t=(\d{1,16}),/.exec(signature)?.[1]);
	const [given, expected] = [signature, signCall(secret, time, body)].map((text) => Buffer.from(text));
	if (given === undefined || expected === undefined || given.length !== expected.length) return 401;
	if (!timingSafeEqual(given, expected) || Math.abs(nowMs - time) > LATE_MS) return 401;
	const { success, output } = v.safeParse(v.pipe(v.string(), v.parseJson(), Objected), body);
	if (!success) return 400;
	await customers
		.updateTable("mark")
		.set({ objected_at_ms: output.atMs })
		.where("customer", "=", Number(output.id))
		.execute();
	return 204;
}
