/** The own number: what the server says it is, its certificate, and how it may change. */
import { fromBinary } from "@bufbuild/protobuf";
import { LIMITS, NumberCertificateSchema, toHex } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { NumberRuleView } from "../device/profile-api.ts";
import { KEYS } from "../state/keys.ts";
import { NOTHING_SHOWN } from "./own-profile.ts";

export async function numberRule({ rpc }: DeviceContext): Promise<NumberRuleView> {
	const own = await rpc.accounts.getOwnAccount({});
	const time = (ms: bigint) => (ms === 0n ? undefined : Number(ms));
	return {
		changedAtMs: time(own.numberChangedAtMs),
		changeableFromMs: time(own.numberChangeableFromMs),
		backUntilMs: time(own.numberBackUntilMs),
	};
}

/** Another device of the account changed something: the number is asked for. */
export async function refreshAccount(context: DeviceContext): Promise<void> {
	const { rpc, state } = context;
	if ((await state.read(KEYS.accountStale)) === undefined) return;
	const { phone } = await rpc.accounts.getOwnAccount({});
	if (phone !== context.profile().phone) {
		await context.changeProfile({ phone });
		await showNumberAnew(context);
		context.announcer.emit({ type: "self" });
	}
	await state.transact(async (draft) => draft.write(KEYS.accountStale, undefined));
}

/** The number is another one: where it is shown, the new one is shown from the next message on. */
export async function showNumberAnew(context: DeviceContext): Promise<void> {
	const { shown } = context.profile();
	if (shown === undefined || shown.number === "nobody") return;
	await refreshCertificate(context);
	const numberChangedAtMs = Math.max(context.serverNow(), shown.numberChangedAtMs + 1);
	await context.changeProfile({ shown: { ...shown, numberChangedAtMs } });
}

/** Has the server's word for the number renewed where others are shown it and it is getting old. */
export async function tendCertificate(context: DeviceContext): Promise<void> {
	const { certificate, phone, shown = NOTHING_SHOWN } = context.profile();
	if (shown.number === "nobody") return;
	const halfWay = (certificate?.issuedAtMs ?? 0) + LIMITS.numberCertificateMs / 2;
	if (certificate?.phone === phone && context.serverNow() < halfWay) return;
	const late = certificate?.phone !== phone || context.serverNow() >= halfWay + LIMITS.numberCertificateMs / 2;
	if (late) await showNumberAnew(context);
	else await refreshCertificate(context);
}

export async function refreshCertificate(context: DeviceContext): Promise<void> {
	const { certificate } = await context.rpc.profiles.certifyNumber({});
	if (certificate === undefined) return;
	const { phone, issuedAtMs } = fromBinary(NumberCertificateSchema, certificate.statement);
	const { statement, signature } = certificate;
	const record = { phone, statement: toHex(statement), signature: toHex(signature), issuedAtMs: Number(issuedAtMs) };
	await context.changeProfile({ certificate: record });
}
