import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
	EntryKind,
	idBytes,
	LIMITS,
	OwnDevicesPayloadSchema,
	Refusal,
	type TellOwnDevicesRequest,
	type TellOwnDevicesResponseSchema,
} from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";

/** Puts the note into the logs of the account's other devices. Refuses with MALFORMED, TOO_LARGE, RATE_LIMITED. */
export async function tellOwnDevices(
	{ directory, delivery, rateLimits }: MessengerContext,
	{ sealed }: TellOwnDevicesRequest,
	{ account, device }: Session,
): Promise<MessageInitShape<typeof TellOwnDevicesResponseSchema>> {
	if (sealed.length === 0) throw new Refusal("MALFORMED", "there is nothing to tell");
	if (sealed.length > LIMITS.ownDevicesBytes)
		throw new Refusal("TOO_LARGE", "the note is too long", { limitBytes: LIMITS.ownDevicesBytes });
	rateLimits.ownDevices(account);
	const others = (await directory.devicesOf(account)).map((listed) => listed.device).filter((one) => one !== device);
	const payload = create(OwnDevicesPayloadSchema, { senderDevice: idBytes(device), sealed });
	await delivery.notifyDevices(others, EntryKind.OWN_DEVICES, toBinary(OwnDevicesPayloadSchema, payload));
	return {};
}
