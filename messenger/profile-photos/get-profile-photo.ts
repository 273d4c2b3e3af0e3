import type { MessageInitShape } from "@bufbuild/protobuf";
import { type GetProfilePhotoRequest, type GetProfilePhotoResponseSchema, Refusal, toHex } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { PHOTO_ID_BYTES, readPhoto } from "./keeping.ts";

/** The ciphertext of somebody's picture: its id, which only its owner gives away, is the permission. Refuses with NOT_FOUND, RATE_LIMITED. */
export async function getProfilePhoto(
	context: MessengerContext,
	{ photoId }: GetProfilePhotoRequest,
	session: Session,
): Promise<MessageInitShape<typeof GetProfilePhotoResponseSchema>> {
	context.rateLimits.getPhoto(session.account);
	if (photoId.length !== PHOTO_ID_BYTES) throw new Refusal("NOT_FOUND", "no such picture");
	return { ciphertext: await readPhoto(context, toHex(photoId)) };
}
