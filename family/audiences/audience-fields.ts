/** What can be read of a list: never who is on it, never how many of an upload were found. */
import type { GraphFields } from "../graph/fields.ts";
import type { AudienceRow } from "./tables.ts";

const seconds = (ms: number) => Math.floor(ms / 1000);

/** Published instead of every size below it. */
export const SMALLEST_COUNT = 1000;

/** All fields of a list, as it was counted last. */
export function audienceFields(audience: AudienceRow): GraphFields {
	const uploaded = audience.uploaded_at_ms !== null;
	return {
		id: audience.audience_id,
		account_id: audience.account_id,
		name: audience.name,
		description: audience.description,
		subtype: "CUSTOM",
		customer_file_source: audience.customer_file_source,
		troth_list_origin: audience.list_origin,
		troth_list_basis: audience.list_basis,
		approximate_count_lower_bound: audience.count_lower ?? SMALLEST_COUNT,
		approximate_count_upper_bound: audience.count_upper ?? SMALLEST_COUNT,
		delivery_status:
			audience.enough === 1
				? { code: 200, description: "This audience is ready for use." }
				: { code: 300, description: "This audience is too small to deliver ads to." },
		operation_status: uploaded
			? { code: 200, description: "Normal" }
			: { code: 410, description: "No people have been added yet." },
		permission_for_actions: {
			can_edit: true,
			can_see_insight: false,
			can_share: false,
			subtype_supports_lookalike: false,
			supports_recipient_lookalike: false,
		},
		data_source: { type: "FILE_IMPORTED", sub_type: "ANYTHING", creation_params: "[]" },
		is_value_based: false,
		lookalike_audience_ids: [],
		retention_days: audience.retention_days,
		time_created: seconds(audience.created_at_ms),
		time_updated: seconds(audience.updated_at_ms),
		time_content_updated: seconds(audience.uploaded_at_ms ?? audience.created_at_ms),
	};
}
