import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	LIMITS,
	type PutProfilePhotoRequest,
	type PutProfilePhotoResponseSchema,
	Refusal,
	toHex,
} from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { requireTerms } from "../terms/require-terms.ts";
import { keepPhoto, PHOTO_ID_BYTES } from "./keeping.ts";

/**
 * Keeps the ciphertext of the account's picture in place of the one before.
 * Refuses with MALFORMED, TOO_LARGE (limitBytes), RATE_LIMITED, TERMS_NOT_ACCEPTED, SUSPENDED.
 */
export async function putProfilePhoto(
	context: MessengerContext,
	{ photoId, ciphertext }: PutProfilePhotoRequest,
	session: Session,
): Promise<MessageInitShape<typeof PutProfilePhotoResponseSchema>> {
	const { rateLimits, clock } = context;
	await requireTerms(context, session);
	if (photoId.length !== PHOTO_ID_BYTES || ciphertext.length === 0)
		throw new Refusal("MALFORMED", `a picture has an id of ${PHOTO_ID_BYTES} bytes`);
	const limitBytes = LIMITS.profilePhotoCiphertextBytes;
	if (ciphertext.length > limitBytes) throw new Refusal("TOO_LARGE", "the picture is too large", { limitBytes });
	rateLimits.putPhoto(session.account);
	await keepPhoto(context, { account: session.account, photo: toHex(photoId), ciphertext }, clock.now());
	return {};
}
