/** Businesses, from the operator's side: an account that registered like any other is approved under a name. */
import { Refusal, type RefusalCode } from "@troth/protocol";
import * as v from "valibot";
import { approveBusiness } from "../business/approve-business.ts";
import type { MessengerContext } from "../context.ts";

const Request = v.object({ phone: v.string(), name: v.string() });

const STATUS: Partial<Record<RefusalCode, 404 | 422>> = { NOT_FOUND: 404, PHONE_INVALID: 422, MALFORMED: 422 };

export interface ApprovalAnswer {
	readonly status: 201 | 404 | 422;
	readonly body: object;
}

/** Approves the account of a number. It is in the directory when this resolves. */
export async function postBusiness(context: MessengerContext, body: unknown): Promise<ApprovalAnswer> {
	const request = v.safeParse(Request, body);
	if (!request.success) return { status: 422, body: { error: "MALFORMED", message: "phone and name are needed" } };
	try {
		const { account, name, approvedAtMs } = await approveBusiness(context, request.output);
		return { status: 201, body: { account, name, approvedAt: approvedAtMs } };
	} catch (error) {
		const status = error instanceof Refusal ? STATUS[error.code] : undefined;
		if (!(error instanceof Refusal) || status === undefined) throw error;
		return { status, body: { error: error.code, message: error.message } };
	}
}
