import type { MessageInitShape } from "@bufbuild/protobuf";
import type { DeleteProfilePhotoRequest, DeleteProfilePhotoResponseSchema } from "@troth/protocol";
import { eraseDeleted } from "@troth/storage";
import type { MessengerContext, Session } from "../context.ts";
import { forgetPhotos, sweepPhotos } from "./keeping.ts";

/** The account has no picture from now on, whatever its phase, and its bytes are deleted. */
export async function deleteProfilePhoto(
	context: MessengerContext,
	_request: DeleteProfilePhotoRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof DeleteProfilePhotoResponseSchema>> {
	await forgetPhotos(context.records, account);
	await sweepPhotos(context, context.clock.now());
	await eraseDeleted(context.records);
	return {};
}
