/** `GET /{phone}` and `GET /{waba}`: what the business is. */
import type { BusinessIdentity } from "../context.ts";
import { CloudError, UNKNOWN_OBJECT } from "./errors.ts";
import { selectFields } from "./fields.ts";

const USUAL_OF_NUMBER = [
	"verified_name",
	"code_verification_status",
	"display_phone_number",
	"quality_rating",
	"platform_type",
	"throughput",
];

export function getObject(identity: BusinessIdentity, id: string, fields: string | undefined): unknown {
	switch (id) {
		case identity.phoneNumberId:
			return selectFields(describeNumber(identity), fields, USUAL_OF_NUMBER);
		case identity.wabaId:
			return selectFields({ id, name: identity.name, timezone_id: "0" }, fields);
		default:
			throw unknownObject();
	}
}

/** `GET /{waba}/phone_numbers`. */
export function listNumbers(identity: BusinessIdentity, fields: string | undefined): unknown {
	return { data: [selectFields(describeNumber(identity), fields, USUAL_OF_NUMBER)] };
}

export function unknownObject(): CloudError {
	return new CloudError(100, "no object with this id exists here", { subcode: UNKNOWN_OBJECT });
}

function describeNumber({ phoneNumberId, phone, name }: BusinessIdentity) {
	return {
		id: phoneNumberId,
		verified_name: name,
		display_phone_number: phone,
		code_verification_status: "VERIFIED",
		quality_rating: "NA",
		name_status: "APPROVED",
		status: "CONNECTED",
		platform_type: "CLOUD_API",
		account_mode: "LIVE",
		throughput: { level: "STANDARD" },
		is_official_business_account: false,
	};
}
